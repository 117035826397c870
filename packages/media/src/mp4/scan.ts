import { boxAt } from "./boxes.ts";
import { SEAL_BYTES, PARTS_MAX, readIndex, readSeal } from "./seal.ts";
import type { SegmentPart } from "./seal.ts";

/** Bytes a scan asks for: the file's own, from `offset`; fewer may be given only at the end of the file. */
export interface ScanWants {
  readonly offset: number;
  readonly length: number;
}

/** One part found: a run of boxes that ends in a seal. */
export interface ScannedPart {
  /** Offset of its first byte in the file. */
  readonly offset: number;
  /** Bytes without the seal. */
  readonly bytes: number;
  /** The digest its seal states; not yet compared with the bytes. */
  readonly digest: Uint8Array;
  /** Init segment: all of it. Fragment: what stands before the payload. */
  readonly head: Uint8Array;
  readonly kind: "init" | "fragment";
}

export interface ScanResult {
  readonly parts: readonly ScannedPart[];
  /** Bytes up to the end of the last whole part. */
  readonly wholeBytes: number;
  /** The index that ends a finished file. */
  readonly index: readonly SegmentPart[] | undefined;
  /** Neither finished nor ended with a whole part: something lies behind `wholeBytes`. */
  readonly torn: boolean;
}

/** One read brings the seal of the part before and, mostly, the whole head of the next. */
const SCAN_READ_BYTES = 8_192;
/** A head larger than this is not ours. */
export const HEAD_BYTES_MAX = 4 * 1_048_576;

interface Head {
  readonly kind: "init" | "fragment" | "index";
  /** Bytes that `head` holds. */
  readonly headBytes: number;
  /** Bytes of the part without its seal. */
  readonly bytes: number;
}

/**
 * Where the part that begins at bytes[0] ends. A number asks for that many bytes; undefined: this is no part.
 */
function headOf(bytes: Uint8Array, left: number): Head | number | undefined {
  let at = 0;
  for (let boxes = 0; boxes < 8; boxes++) {
    if (at + 16 > bytes.length && bytes.length < left) return at + SCAN_READ_BYTES;
    const box = boxAt(bytes, at);
    if (box === undefined || box.end > left) return undefined;
    if (box.type === "mdat" && at > 0) return { kind: "fragment", headBytes: box.body, bytes: box.end };
    if (box.end > HEAD_BYTES_MAX) return undefined;
    if (box.end > bytes.length) return box.end + 16;
    if (box.type === "uuid") return at === 0 ? { kind: "index", headBytes: box.end, bytes: box.end } : undefined;
    if (box.type === "moov") return { kind: "init", headBytes: box.end, bytes: box.end };
    if (box.type !== "ftyp" && box.type !== "prft" && box.type !== "moof") return undefined;
    at = box.end;
  }
  return undefined;
}

/**
 * Walks a segment file without doing I/O: yields what it wants to read, is given the bytes, returns what it found.
 * Reads heads and seals, not payload. Never throws, whatever the bytes.
 */
export function* scanSegment(fileBytes: number): Generator<ScanWants, ScanResult, Uint8Array> {
  const parts: ScannedPart[] = [];
  let offset = 0;
  const ended = (index: readonly SegmentPart[] | undefined): ScanResult => ({
    parts,
    wholeBytes: offset,
    index,
    torn: index === undefined && offset < fileBytes,
  });
  while (offset < fileBytes && parts.length < PARTS_MAX) {
    const left = fileBytes - offset;
    let bytes: Uint8Array = yield { offset, length: Math.min(SCAN_READ_BYTES, left) };
    let head = headOf(bytes, left);
    for (let tries = 0; typeof head === "number" && tries < 8; tries++) {
      const length = Math.min(head, left);
      if (length <= bytes.length) return ended(undefined);
      bytes = yield { offset, length };
      head = headOf(bytes, left);
    }
    if (head === undefined || typeof head === "number") return ended(undefined);
    if (head.kind === "index") return ended(head.bytes === left ? readIndex(bytes.subarray(0, head.bytes)) : undefined);
    if ((head.kind === "init") !== (parts.length === 0)) return ended(undefined);
    const sealBytes: Uint8Array = yield { offset: offset + head.bytes, length: Math.min(SEAL_BYTES, Math.max(left - head.bytes, 0)) };
    const digest = readSeal(sealBytes, 0);
    if (digest === undefined) return ended(undefined);
    parts.push({ offset, bytes: head.bytes, digest, head: bytes.slice(0, head.headBytes), kind: head.kind });
    offset += head.bytes + SEAL_BYTES;
  }
  return ended(undefined);
}
