import type { Depacketiser } from "../rtp/depacketiser.ts";
import type { TrackSink } from "../stream.ts";

/** Access units in one packet. */
export const AAC_UNITS_MAX = 64;
/** Bytes of one access unit (13 bits of size). */
export const AAC_UNIT_BYTES_MAX = 8191;

/** Widths of the fields of an AU header, from the session description (RFC 3640 4.1). */
export interface AuHeaderLayout {
  readonly sizeBits: number;
  readonly indexBits: number;
  readonly indexDeltaBits: number;
}

function readBits(b: Uint8Array, bit: number, count: number): number {
  let value = 0;
  for (let i = bit; i < bit + count; i++) value = value * 2 + ((((b[i >> 3] ?? 0) as number) >> (7 - (i & 7))) & 1);
  return value;
}

/** RTP payload of AAC in mpeg4-generic (RFC 3640 3.3.6): several whole access units, or a fragment of one. */
export class AacDepacketiser implements Depacketiser {
  samples = 0;
  malformed = 0;
  damaged = 0;
  readonly #layout: AuHeaderLayout;
  readonly #unitTicks: number;
  readonly #part = new Uint8Array(AAC_UNIT_BYTES_MAX);
  readonly #sizes = new Uint16Array(AAC_UNITS_MAX);
  #partBytes = 0;
  #partWanted = 0;
  #partTicks = 0;
  #sink: TrackSink;

  /** @param unitTicks RTP ticks from one access unit to the next */
  constructor(layout: AuHeaderLayout, unitTicks: number, sink: TrackSink) {
    this.#layout = layout;
    this.#unitTicks = unitTicks;
    this.#sink = sink;
  }

  packet(b: Uint8Array, start: number, end: number, ticks: number, _marker: boolean, lost: number): void {
    if (lost > 0) {
      if (this.#partWanted > 0) this.damaged += 1;
      this.#partWanted = 0;
      this.#sink.lost(lost);
    }
    const bits = end - start < 2 ? 0 : ((b[start] as number) << 8) | (b[start + 1] as number);
    let data = start + 2 + ((bits + 7) >> 3);
    const units = bits === 0 || data > end ? -1 : this.#readSizes(b, (start + 2) * 8, bits);
    if (units <= 0) {
      this.malformed += 1;
      return;
    }
    const first = this.#sizes[0] as number;
    if (units === 1 && data + first > end) {
      this.#fragment(b, data, end, first, ticks);
      return;
    }
    this.#partWanted = 0;
    for (let i = 0; i < units; i++) {
      const size = this.#sizes[i] as number;
      if (data + size > end) {
        this.malformed += 1;
        return;
      }
      this.#unit(b, data, data + size, ticks + i * this.#unitTicks);
      data += size;
    }
  }

  divert(sink: TrackSink): void {
    this.#sink = sink;
  }

  flush(): void {}

  /** The count of AU headers whose sizes are now in #sizes, or -1 when they break the layout or a limit. */
  #readSizes(b: Uint8Array, firstBit: number, bits: number): number {
    const { sizeBits, indexBits, indexDeltaBits } = this.#layout;
    let at = firstBit;
    let count = 0;
    while (at < firstBit + bits) {
      const width = sizeBits + (count === 0 ? indexBits : indexDeltaBits);
      if (count === AAC_UNITS_MAX || at + width > firstBit + bits) return -1;
      const size = readBits(b, at, sizeBits);
      if (size > AAC_UNIT_BYTES_MAX) return -1;
      this.#sizes[count] = size;
      count += 1;
      at += width;
    }
    return count;
  }

  #fragment(b: Uint8Array, start: number, end: number, size: number, ticks: number): void {
    if (this.#partWanted !== size || this.#partTicks !== ticks) {
      this.#partWanted = size;
      this.#partTicks = ticks;
      this.#partBytes = 0;
    }
    if (this.#partBytes + end - start > size) {
      this.malformed += 1;
      this.#partWanted = 0;
      return;
    }
    this.#part.set(b.subarray(start, end), this.#partBytes);
    this.#partBytes += end - start;
    if (this.#partBytes < size) return;
    this.#partWanted = 0;
    this.#unit(this.#part, 0, size, ticks);
  }

  #unit(b: Uint8Array, start: number, end: number, ticks: number): void {
    if (start === end) return;
    const rope = this.#sink.rope();
    const from = rope.length;
    rope.append(b, start, end);
    this.samples += 1;
    this.#sink.sample(from, rope.length, ticks, true);
  }
}
