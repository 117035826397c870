import { BoxWriter, boxAt, readU32, readU64 } from "./boxes.ts";

/** Marks our two boxes of type `uuid`: the seal after each part of a file, and the index at its end. */
const SEAL_UUID = Uint8Array.of(0x6d, 0x6a, 0x73, 0x65, 0x61, 0x6c, 0x4d, 0x31, 0x9b, 0x1e, 0x0a, 0x53, 0x8c, 0x4f, 0x21, 0x01);
const INDEX_UUID = Uint8Array.of(0x6d, 0x6a, 0x69, 0x6e, 0x64, 0x78, 0x4d, 0x31, 0x9b, 0x1e, 0x0a, 0x53, 0x8c, 0x4f, 0x21, 0x02);

/** SHA-256 or another digest of this length. */
export const DIGEST_BYTES = 32;
/** Box header, uuid, digest. */
export const SEAL_BYTES = 8 + 16 + DIGEST_BYTES;
/** Parts (the init segment and fragments) in one file. */
export const PARTS_MAX = 4_096;

const INDEX_ENTRY_BYTES = 4 + 4 + 8 + 4 + DIGEST_BYTES;
const INDEX_FRAME_BYTES = 8 + 16 + 4 + 4;

/** One part of a segment file: the init segment (always the first) or a fragment. */
export interface SegmentPart {
  /** Bytes hashed, the seal not counted. */
  readonly bytes: number;
  readonly digest: Uint8Array;
  /** Begins with a sample that can be decoded by itself. */
  readonly key: boolean;
  /** UTC of the first picture, ms with a fraction of whole microseconds; 0 for the init segment. */
  readonly utcMs: number;
  readonly durationMs: number;
}

/** The box after a part that holds the part's digest, so that a part is known to be whole by itself. */
export function sealBox(digest: Uint8Array): Uint8Array {
  const writer = new BoxWriter(SEAL_BYTES);
  writer.box("uuid", () => {
    writer.bytes(SEAL_UUID);
    writer.bytes(digest);
  });
  return writer.done();
}

function hasUuid(bytes: Uint8Array, at: number, uuid: Uint8Array): boolean {
  return uuid.every((byte, index) => bytes[at + index] === byte);
}

/** The digest in a seal that begins at `at`; undefined when there is none. */
export function readSeal(bytes: Uint8Array, at: number): Uint8Array | undefined {
  const box = boxAt(bytes, at);
  if (box === undefined || box.type !== "uuid" || box.end !== at + SEAL_BYTES || box.end > bytes.length) return undefined;
  return hasUuid(bytes, box.body, SEAL_UUID) ? bytes.slice(box.body + 16, box.end) : undefined;
}

/** The box that ends a finished file: its parts in order. The last 4 bytes repeat the box's size. */
export function indexBox(parts: readonly SegmentPart[]): Uint8Array {
  const writer = new BoxWriter(INDEX_FRAME_BYTES + parts.length * INDEX_ENTRY_BYTES);
  writer.box("uuid", () => {
    writer.bytes(INDEX_UUID);
    writer.u32(parts.length);
    for (const part of parts) {
      writer.u32(part.bytes);
      writer.u32(part.key ? 1 : 0);
      writer.u64(Math.round(part.utcMs * 1_000));
      writer.u32(Math.round(part.durationMs * 1_000));
      writer.bytes(part.digest);
    }
    writer.u32(INDEX_FRAME_BYTES + parts.length * INDEX_ENTRY_BYTES);
  });
  return writer.done();
}

/** Bytes of the index box that ends `tail`, read from its last 4; undefined when there can be none. */
export function indexBytes(tail: Uint8Array): number | undefined {
  if (tail.length < 4) return undefined;
  const size = readU32(tail, tail.length - 4);
  const entries = (size - INDEX_FRAME_BYTES) / INDEX_ENTRY_BYTES;
  return Number.isInteger(entries) && entries >= 1 && entries <= PARTS_MAX ? size : undefined;
}

/** Reads an index box that is the whole of `bytes`; undefined when it is not one. */
export function readIndex(bytes: Uint8Array): SegmentPart[] | undefined {
  const box = boxAt(bytes, 0);
  if (box === undefined || box.type !== "uuid" || box.end !== bytes.length || indexBytes(bytes) !== bytes.length) return undefined;
  if (!hasUuid(bytes, box.body, INDEX_UUID)) return undefined;
  const count = readU32(bytes, box.body + 16);
  if (INDEX_FRAME_BYTES + count * INDEX_ENTRY_BYTES !== bytes.length) return undefined;
  const parts: SegmentPart[] = [];
  for (let i = 0; i < count; i++) {
    const at = box.body + 20 + i * INDEX_ENTRY_BYTES;
    const microseconds = readU64(bytes, at + 8);
    if (microseconds === undefined) return undefined;
    parts.push({
      bytes: readU32(bytes, at),
      key: (readU32(bytes, at + 4) & 1) === 1,
      utcMs: microseconds / 1_000,
      durationMs: readU32(bytes, at + 16) / 1_000,
      digest: bytes.slice(at + 20, at + 20 + DIGEST_BYTES),
    });
  }
  return parts;
}

const SEGMENT_DOMAIN = "mingjian-segment-v1\n";

/** What a segment's digest is the hash of: the domain tag, then each part's length (64 bits) and digest. */
export function segmentPreimage(parts: readonly Pick<SegmentPart, "bytes" | "digest">[]): Uint8Array {
  const writer = new BoxWriter(SEGMENT_DOMAIN.length + parts.length * (8 + DIGEST_BYTES));
  writer.text(SEGMENT_DOMAIN);
  for (const part of parts) {
    writer.u64(part.bytes);
    writer.bytes(part.digest);
  }
  return writer.done();
}
