import { readFragmentHead, readInit, scanSegment } from "@mingjian/media";
import type { FragmentHead, ScannedPart, ScanResult, SegmentPart } from "@mingjian/media";
import type { Disk, DiskFile, Hash } from "../ports/index.ts";

const READ_BYTES = 1_048_576;

/** Walks an open segment file: heads and seals, not payload. */
export async function scanFile(file: DiskFile, fileBytes: number): Promise<ScanResult> {
  const scan = scanSegment(fileBytes);
  let step = scan.next();
  while (step.done !== true) {
    const bytes = new Uint8Array(step.value.length);
    const got = await file.read(bytes, step.value.offset);
    step = scan.next(bytes.subarray(0, got));
  }
  return step.value;
}

export async function scanPath(disk: Disk, path: string): Promise<ScanResult & { readonly fileBytes: number }> {
  const file = await disk.open(path, "read");
  try {
    const fileBytes = await file.size();
    return { ...(await scanFile(file, fileBytes)), fileBytes };
  } finally {
    await file.close();
  }
}

/** The digest of a stretch of a file. */
export async function digestRange(file: DiskFile, hash: Hash, offset: number, bytes: number): Promise<Uint8Array> {
  const hasher = hash();
  const buffer = new Uint8Array(Math.min(READ_BYTES, bytes));
  for (let at = 0; at < bytes; at += buffer.length) {
    const want = Math.min(buffer.length, bytes - at);
    const got = await file.read(buffer.subarray(0, want), offset + at);
    hasher.update(buffer.subarray(0, got));
    if (got < want) break;
  }
  return hasher.digest();
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Seconds-exact length of a fragment: that of its longest track, ms. */
export function fragmentDurationMs(head: FragmentHead, timescales: ReadonlyMap<number, number>): number {
  let longest = 0;
  for (const track of head.tracks.slice(0, 1)) {
    const scale = timescales.get(track.trackId) ?? 90_000;
    let ticks = 0;
    for (const sample of track.samples) ticks += sample.durationTicks;
    longest = Math.max(longest, (ticks * 1_000) / scale);
  }
  return longest;
}

/** The index entries of scanned parts, from the parts alone. A part whose head is odd ends the list. */
export function partsFromScan(scanned: readonly ScannedPart[]): SegmentPart[] {
  const init = scanned[0];
  if (init === undefined) return [];
  const timescales = new Map(readInit(init.head).map((track) => [track.id, track.timescale]));
  const parts: SegmentPart[] = [{ bytes: init.bytes, digest: init.digest, key: false, utcMs: 0, durationMs: 0 }];
  for (const one of scanned.slice(1)) {
    const head = readFragmentHead(one.head);
    if (head?.utcMs === undefined) break;
    parts.push({
      bytes: one.bytes,
      digest: one.digest,
      key: head.tracks[0]?.samples[0]?.key === true,
      utcMs: head.utcMs,
      durationMs: fragmentDurationMs(head, timescales),
    });
  }
  return parts;
}

/** How many parts from the first on have the digest their seal states. */
export async function soundParts(file: DiskFile, hash: Hash, scanned: readonly ScannedPart[]): Promise<number> {
  for (const [index, part] of scanned.entries()) {
    if (!sameBytes(await digestRange(file, hash, part.offset, part.bytes), part.digest)) return index;
  }
  return scanned.length;
}
