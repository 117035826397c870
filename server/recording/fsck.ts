import { SEAL_BYTES, indexBox, segmentPreimage } from "@mingjian/media";
import type { SegmentPart } from "@mingjian/media";
import type { StreamId } from "@mingjian/vocab";
import { isFault } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Disk, DiskFile, Hash } from "../ports/index.ts";
import { CHAIN_START, toHex } from "./chain-format.ts";
import type { ChainEntry, SegmentFacts } from "./chain-format.ts";
import { chainFiles, readChainFile } from "./chain.ts";
import { CHAIN_FOLDER, FORMAT_FILE, dayFolders, segmentNumber, streamFolder, streamsOnDisk } from "./layout.ts";
import { digestRange, partsFromScan, sameBytes, scanFile } from "./segment-file.ts";
import { digestOf } from "./segment.ts";
import { refuseNewer } from "./start.ts";

/** What must not be: footage or a chain is not what it was. */
export const FSCK_PROBLEMS = [
  "chain-broken-line",
  "chain-hole",
  "chain-link",
  "chain-order",
  "chain-unreadable",
  "chain-total",
  "file-missing",
  "file-size",
  "file-index",
  "file-digest",
  "fragment-digest",
  "file-unreadable",
  "stray-file",
] as const;
export type FsckProblemCode = (typeof FSCK_PROBLEMS)[number];

/** What start-up puts right, or a recorder at work is about to. */
export const FSCK_NOTES = ["chain-torn-tail", "unfinished-segment", "unfinished-deletion"] as const;
export type FsckNoteCode = (typeof FSCK_NOTES)[number];

export interface FsckFinding<Code extends string> {
  readonly code: Code;
  readonly stream: StreamId | null;
  /** Path below the root. */
  readonly path: string;
  readonly detail: string;
}

export interface FsckReport {
  readonly clean: boolean;
  readonly streams: number;
  readonly entries: number;
  readonly segments: number;
  readonly fragments: number;
  readonly bytes: number;
  /** Whole fragments in segments that are not finished yet. */
  readonly unfinishedFragments: number;
  /** Bytes behind the last whole fragment of unfinished segments. */
  readonly tornBytes: number;
  readonly problems: readonly FsckFinding<FsckProblemCode>[];
  readonly notes: readonly FsckFinding<FsckNoteCode>[];
}

export interface FsckOptions {
  readonly disk: Disk;
  readonly hash: Hash;
  /** Leaves the payload unread: sizes, indexes and chains only. */
  readonly fast?: boolean;
  readonly onStream?: (stream: StreamId, done: number, total: number) => void;
}

/** Findings beyond these are counted by what they stop: the list ends here. */
export const FINDINGS_MAX = 10_000;

interface Check {
  readonly root: string;
  readonly options: FsckOptions;
  readonly problems: FsckFinding<FsckProblemCode>[];
  readonly notes: FsckFinding<FsckNoteCode>[];
  readonly counts: { entries: number; segments: number; fragments: number; bytes: number; unfinishedFragments: number; tornBytes: number };
}

/**
 * Proves that the footage folder is what its chains say: every line, link, file and digest. Reads only; may run
 * while a recorder works (what is in the making is a note).
 */
export async function fsck(root: string, options: FsckOptions): Promise<FsckReport> {
  const check: Check = {
    root,
    options,
    problems: [],
    notes: [],
    counts: { entries: 0, segments: 0, fragments: 0, bytes: 0, unfinishedFragments: 0, tornBytes: 0 },
  };
  await refuseNewer(options.disk, root);
  const streams = await streamsOnDisk(options.disk, root);
  for (const name of await options.disk.list(root))
    if (!name.endsWith("/") && name !== FORMAT_FILE && name !== `${FORMAT_FILE}.part`) problem(check, "stray-file", null, name, "not a footage file");
  for (const [index, stream] of streams.entries()) {
    options.onStream?.(stream, index, streams.length);
    await checkStream(check, stream);
  }
  return { clean: check.problems.length === 0, streams: streams.length, ...check.counts, problems: check.problems, notes: check.notes };
}

function problem(check: Check, code: FsckProblemCode, stream: StreamId | null, path: string, detail: string): void {
  if (check.problems.length < FINDINGS_MAX) check.problems.push({ code, stream, path, detail });
}

function note(check: Check, code: FsckNoteCode, stream: StreamId | null, path: string, detail: string): void {
  if (check.notes.length < FINDINGS_MAX) check.notes.push({ code, stream, path, detail });
}

interface Known {
  readonly segments: Map<string, SegmentFacts & { seq: number }>;
  readonly deleted: Set<string>;
  readonly removed: Set<string>;
  lastNumber: number;
}

async function checkStream(check: Check, stream: StreamId): Promise<void> {
  const known: Known = { segments: new Map(), deleted: new Set(), removed: new Set(), lastNumber: 0 };
  // The folder is listed before the chain is read: what a recorder finishes meanwhile is then in the chain.
  const files = await segmentFiles(check, stream);
  await checkChain(check, stream, known);
  for (const [file, facts] of known.segments) {
    if (!known.deleted.has(file)) await checkSegment(check, stream, file, facts);
  }
  for (const file of files) {
    if (known.segments.has(file)) {
      if (known.deleted.has(file) && (await check.options.disk.fileSize(joinPath(check.root, file))) !== undefined)
        note(check, "unfinished-deletion", stream, file, "deleted in the chain; start-up removes the file");
    } else if (!known.removed.has(file)) await checkUnknown(check, stream, file, known);
  }
}

/** Files below the stream's folder that look like segments; others are stray. */
async function segmentFiles(check: Check, stream: StreamId): Promise<string[]> {
  const { disk } = check.options;
  const base = streamFolder(stream);
  const days = new Set((await dayFolders(disk, check.root, stream)).map((day) => `${day}/`));
  const files: string[] = [];
  for (const name of await disk.list(joinPath(check.root, base))) {
    if (name === `${CHAIN_FOLDER}/`) continue;
    if (!days.has(name)) {
      problem(check, "stray-file", stream, `${base}/${name}`, "not part of the layout");
      continue;
    }
    for (const file of await disk.list(joinPath(check.root, base, name))) {
      const path = `${base}/${name}${file}`;
      if (segmentNumber(file) === undefined) problem(check, "stray-file", stream, path, "not a segment's name");
      else files.push(path);
    }
  }
  return files;
}

interface ChainState {
  seq: number;
  hash: string;
  era: number;
  endMs: number;
  totalBytes: number;
}

async function checkChain(check: Check, stream: StreamId, known: Known): Promise<void> {
  const { disk, hash } = check.options;
  const files = await chainFiles(disk, check.root, stream);
  const state: ChainState = { seq: 0, hash: CHAIN_START, era: 0, endMs: -Infinity, totalBytes: 0 };
  for (const [index, file] of files.entries()) {
    const path = file.path.slice(check.root.length + 1);
    try {
      const read = await readChainFile(disk, file.path, hash);
      if (read.brokenLines > 0) problem(check, "chain-broken-line", stream, path, `${read.brokenLines} lines are no entries or do not fit their hash`);
      const torn = read.fileBytes - read.wholeBytes;
      if (torn > 0 && index === files.length - 1) note(check, "chain-torn-tail", stream, path, `${torn} bytes`);
      else if (torn > 0) problem(check, "chain-broken-line", stream, path, `${torn} bytes at the end are no entry`);
      for (const entry of read.entries) checkEntry(check, stream, path, entry, state, known);
    } catch (error) {
      problem(check, "chain-unreadable", stream, path, isFault(error) ? error.message : String(error));
    }
  }
}

function checkEntry(check: Check, stream: StreamId, path: string, entry: ChainEntry, state: ChainState, known: Known): void {
  check.counts.entries += 1;
  if (entry.seq !== state.seq + 1) problem(check, "chain-hole", stream, path, `entry ${entry.seq} follows ${state.seq}`);
  else if (entry.prev !== state.hash) problem(check, "chain-link", stream, path, `entry ${entry.seq} does not name the entry before it`);
  state.seq = entry.seq;
  state.hash = entry.hash;
  if (entry.kind === "segment" || entry.kind === "gap") {
    if (entry.era !== state.era) state.endMs = -Infinity;
    if (entry.era < state.era || entry.startMs < state.endMs || entry.endMs < entry.startMs)
      problem(check, "chain-order", stream, path, `entry ${entry.seq} begins before the one before it ends`);
    state.era = entry.era;
    state.endMs = entry.endMs;
  }
  if (entry.kind === "segment") {
    known.segments.set(entry.file, entry);
    known.lastNumber = Math.max(known.lastNumber, segmentNumber(entry.file) ?? 0);
    state.totalBytes += entry.bytes;
  } else if (entry.kind === "deletion") {
    known.deleted.add(entry.file);
    const segment = known.segments.get(entry.file);
    if (segment?.seq !== entry.segmentSeq) problem(check, "chain-order", stream, path, `entry ${entry.seq} deletes what is not recorded`);
    state.totalBytes -= segment?.bytes ?? 0;
  } else if (entry.kind === "mend" && entry.what === "empty-file") known.removed.add(entry.file);
  if ((entry.kind === "segment" || entry.kind === "deletion") && entry.totalBytes !== state.totalBytes) {
    problem(check, "chain-total", stream, path, `entry ${entry.seq} counts ${entry.totalBytes} bytes, not ${state.totalBytes}`);
    state.totalBytes = entry.totalBytes;
  }
}

async function withFile(check: Check, stream: StreamId, file: string, work: (open: DiskFile, fileBytes: number) => Promise<void>): Promise<void> {
  try {
    const open = await check.options.disk.open(joinPath(check.root, file), "read");
    try {
      await work(open, await open.size());
    } finally {
      await open.close();
    }
  } catch (error) {
    if (isFault(error) && error.code === "not-found") problem(check, "file-missing", stream, file, "the chain knows it");
    else problem(check, "file-unreadable", stream, file, isFault(error) ? error.message : String(error));
  }
}

async function checkSegment(check: Check, stream: StreamId, file: string, facts: SegmentFacts): Promise<void> {
  await withFile(check, stream, file, async (open, fileBytes) => {
    const { hash } = check.options;
    check.counts.segments += 1;
    check.counts.bytes += fileBytes;
    if (fileBytes !== facts.bytes) problem(check, "file-size", stream, file, `${fileBytes} bytes, the chain says ${facts.bytes}`);
    const scan = await scanFile(open, fileBytes);
    const index = scan.index;
    if (index === undefined) {
      problem(check, "file-index", stream, file, "no index at its end");
      return;
    }
    check.counts.fragments += index.length - 1;
    if (toHex(digestOf(hash, [segmentPreimage(index)])) !== facts.digest)
      problem(check, "file-digest", stream, file, "its index does not give the digest in the chain");
    const tail = new Uint8Array(fileBytes - scan.wholeBytes);
    await open.read(tail, scan.wholeBytes);
    if (!sameBytes(tail, indexBox(partsFromScan(scan.parts)))) problem(check, "file-index", stream, file, "its index and its parts differ");
    if (check.options.fast !== true) await checkParts(check, stream, file, open, index);
  });
}

async function checkParts(check: Check, stream: StreamId, file: string, open: DiskFile, index: readonly SegmentPart[]): Promise<void> {
  let offset = 0;
  for (const [place, part] of index.entries()) {
    if (!sameBytes(await digestRange(open, check.options.hash, offset, part.bytes), part.digest))
      problem(check, "fragment-digest", stream, file, `part ${place} at byte ${offset} is not what was recorded`);
    offset += part.bytes + SEAL_BYTES;
  }
}

/** A file that the chain does not know: the newest may be in the making; an older one is stray. */
async function checkUnknown(check: Check, stream: StreamId, file: string, known: Known): Promise<void> {
  if ((segmentNumber(file) ?? 0) <= known.lastNumber) {
    problem(check, "stray-file", stream, file, "the chain does not know it");
    return;
  }
  await withFile(check, stream, file, async (open, fileBytes) => {
    const scan = await scanFile(open, fileBytes);
    let whole = 0;
    for (const part of scan.parts) {
      if (check.options.fast !== true && !sameBytes(await digestRange(open, check.options.hash, part.offset, part.bytes), part.digest)) break;
      whole += 1;
    }
    const last = scan.parts[whole - 1];
    const wholeBytes = last === undefined ? 0 : last.offset + last.bytes + SEAL_BYTES;
    check.counts.unfinishedFragments += Math.max(whole - 1, 0);
    if (scan.index === undefined) check.counts.tornBytes += fileBytes - wholeBytes;
    note(check, "unfinished-segment", stream, file, `${Math.max(whole - 1, 0)} whole fragments, ${fileBytes - wholeBytes} bytes behind them`);
  });
}
