import { assert } from "@mingjian/vocab";

/** Writes boxes (ISO/IEC 14496-12 4.2) into one growing buffer. Big-endian throughout. */
export class BoxWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1_024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
  }

  /** A whole number up to 2^53. */
  u64(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, "a 64-bit field takes a whole number");
    this.u32(Math.floor(value / 4_294_967_296));
    this.u32(value % 4_294_967_296);
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }

  zeros(count: number): void {
    const at = this.#room(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** ASCII text, as it stands. */
  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.u8(value.charCodeAt(i));
  }

  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  box(type: string, body: () => void): void {
    const at = this.#length;
    this.u32(0);
    this.text(type);
    body();
    this.patchU32(at, this.#length - at);
  }

  /** A box with version and flags (4.2.2). */
  full(type: string, version: number, flags: number, body: () => void): void {
    this.box(type, () => {
      this.u32(((version << 24) | flags) >>> 0);
      body();
    });
  }

  /** What was written; the writer must not be used again. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** One box found in bytes. */
export interface BoxAt {
  readonly type: string;
  /** Offset of the box's first byte. */
  readonly start: number;
  /** Offset of its first content byte. */
  readonly body: number;
  /** Offset past its end, as its header says; may lie past the bytes at hand. */
  readonly end: number;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;
}

/** A 64-bit field; undefined beyond 2^53. */
export function readU64(bytes: Uint8Array, at: number): number | undefined {
  const high = readU32(bytes, at);
  return high < 2_097_152 ? high * 4_294_967_296 + readU32(bytes, at + 4) : undefined;
}

/**
 * The header of the box that begins at `at`. Undefined when fewer bytes are there than a header has, or when
 * the size is impossible. Attacker-controlled: a size is only a claim until compared with the bytes at hand.
 */
export function boxAt(bytes: Uint8Array, at: number): BoxAt | undefined {
  if (at + 8 > bytes.length) return undefined;
  const small = readU32(bytes, at);
  const type = String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0, bytes[at + 6] ?? 0, bytes[at + 7] ?? 0);
  if (small !== 1) return small < 8 ? undefined : { type, start: at, body: at + 8, end: at + small };
  if (at + 16 > bytes.length) return undefined;
  const size = readU64(bytes, at + 8);
  return size === undefined || size < 16 ? undefined : { type, start: at, body: at + 16, end: at + size };
}

/** Boxes read from one container at most. */
export const BOXES_MAX = 65_536;

/** The whole boxes in bytes[start, end), up to the first that is broken or cut off. */
export function childBoxes(bytes: Uint8Array, start: number, end: number): BoxAt[] {
  const found: BoxAt[] = [];
  let at = start;
  while (at < end && found.length < BOXES_MAX) {
    const box = boxAt(bytes, at);
    if (box === undefined || box.end > end) break;
    found.push(box);
    at = box.end;
  }
  return found;
}

export function childBox(bytes: Uint8Array, parent: BoxAt, type: string, skip = 0): BoxAt | undefined {
  return childBoxes(bytes, parent.body + skip, Math.min(parent.end, bytes.length)).find((box) => box.type === type);
}
