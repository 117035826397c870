import { Fault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Disk, DiskFile, Hash } from "../ports/index.ts";
import { CHAIN_START, decodeEntry, encodeEntry } from "./chain-format.ts";
import type { ChainEntry, ChainFacts } from "./chain-format.ts";
import { CHAIN_FOLDER, streamFolder } from "./layout.ts";

/** Entries in one chain file; then the next begins. */
export const CHAIN_FILE_ENTRIES = 2_048;
/** Entries that wait for a disk that fails; one more is refused. */
export const CHAIN_PENDING_MAX = 4_096;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

function chainFileName(firstSeq: number): string {
  return `${String(firstSeq).padStart(12, "0")}.ndjson`;
}

/** First sequence number in a chain file, from its name. */
function firstSeqOf(name: string): number | undefined {
  const found = /^(\d{12,})\.ndjson$/.exec(name);
  return found === null ? undefined : Number(found[1]);
}

/** A stream's chain files, oldest first. */
export async function chainFiles(disk: Disk, root: string, stream: StreamId): Promise<{ path: string; firstSeq: number }[]> {
  const folder = joinPath(root, streamFolder(stream), CHAIN_FOLDER);
  const names = await disk.list(folder);
  return names.flatMap((name) => {
    const firstSeq = firstSeqOf(name);
    return firstSeq === undefined ? [] : [{ path: joinPath(folder, name), firstSeq }];
  });
}

export async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, "read");
  try {
    const bytes = new Uint8Array(await file.size());
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

export interface ChainFileRead {
  readonly entries: readonly ChainEntry[];
  /** Bytes up to the end of the last line that is an entry. */
  readonly wholeBytes: number;
  readonly fileBytes: number;
  /** Lines before that which are no entries: damage. */
  readonly brokenLines: number;
}

/** Reads a chain file. Checks each line by itself; how lines hang together is the caller's to check. */
export async function readChainFile(disk: Disk, path: string, hash: Hash): Promise<ChainFileRead> {
  const bytes = await readWhole(disk, path);
  const entries: ChainEntry[] = [];
  let wholeBytes = 0;
  let broken = 0;
  let brokenLines = 0;
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const entry = decodeEntry(hash, fromUtf8.decode(bytes.subarray(at, end)));
    at = end + 1;
    if (entry === undefined) broken += 1;
    else {
      entries.push(entry);
      wholeBytes = at;
      brokenLines = broken;
    }
  }
  return { entries, wholeBytes, fileBytes: bytes.length, brokenLines };
}

/**
 * Entries of a stream's chain from a sequence number on, to the present end, while it is written or not.
 * A line being written is left for the next time.
 */
export async function* readChain(disk: Disk, root: string, hash: Hash, stream: StreamId, fromSeq: number): AsyncGenerator<ChainEntry> {
  const files = await chainFiles(disk, root, stream);
  for (const [index, file] of files.entries()) {
    const next = files[index + 1];
    if (next !== undefined && next.firstSeq <= fromSeq) continue;
    const { entries } = await readChainFile(disk, file.path, hash);
    for (const entry of entries) if (entry.seq >= fromSeq) yield entry;
  }
}

/** Entries that start-up looks at, at least: more than one batch of deletions. */
export const RECENT_ENTRIES_MIN = 256;

async function withEarlier(start: ChainStart, earlier: readonly { path: string }[], entries: readonly ChainEntry[]): Promise<readonly ChainEntry[]> {
  let recent = entries;
  for (const { path } of [...earlier].reverse()) {
    if (recent.length >= RECENT_ENTRIES_MIN && recent.some((entry) => entry.kind === "segment")) break;
    recent = [...(await readChainFile(start.disk, path, start.hash)).entries, ...recent];
  }
  return recent;
}

export interface ChainStart {
  readonly disk: Disk;
  readonly root: string;
  readonly hash: Hash;
  readonly stream: StreamId;
}

/**
 * Writes one stream's chain. `add` fixes an entry's place and bytes at once; `flush` makes all of them durable
 * and may be repeated after a failure: it writes the same bytes to the same place.
 */
export class ChainWriter {
  readonly #start: ChainStart;
  #file: DiskFile | undefined;
  #path: string | undefined;
  #fileEntries = 0;
  #durableBytes = 0;
  #seq = 0;
  #head = CHAIN_START;
  #pending: { entry: ChainEntry; line: Uint8Array }[] = [];

  private constructor(start: ChainStart) {
    this.#start = start;
  }

  /**
   * Opens the chain and mends a torn end: what a crash left of a line is cut off.
   * @returns the newest entries, among them a segment if there is any, and how many torn bytes were cut
   */
  static async open(start: ChainStart): Promise<{ chain: ChainWriter; recent: readonly ChainEntry[]; cutBytes: number }> {
    const chain = new ChainWriter(start);
    const files = await chainFiles(start.disk, start.root, start.stream);
    let cutBytes = 0;
    for (let at = files.length - 1; at >= 0; at--) {
      const path = (files[at] as { path: string }).path;
      const read = await readChainFile(start.disk, path, start.hash);
      const last = read.entries.at(-1);
      if (last === undefined && at > 0) {
        cutBytes += read.fileBytes;
        await start.disk.remove(path);
        continue;
      }
      cutBytes += read.fileBytes - read.wholeBytes;
      chain.#file = await start.disk.open(path, "write");
      chain.#path = path;
      if (read.fileBytes > read.wholeBytes) {
        await chain.#file.truncate(read.wholeBytes);
        await chain.#file.sync();
      }
      chain.#durableBytes = read.wholeBytes;
      chain.#fileEntries = read.entries.length;
      chain.#seq = last?.seq ?? 0;
      chain.#head = last?.hash ?? CHAIN_START;
      const recent = await withEarlier(start, files.slice(0, at), read.entries);
      return { chain, recent, cutBytes };
    }
    return { chain, recent: [], cutBytes };
  }

  /** The chain of a stream that has no files. */
  static empty(start: ChainStart): ChainWriter {
    return new ChainWriter(start);
  }

  /** Sequence number and hash of the last entry, durable or waiting. */
  get head(): { readonly seq: number; readonly hash: string } {
    return { seq: this.#seq, hash: this.#head };
  }

  get pending(): number {
    return this.#pending.length;
  }

  add(facts: ChainFacts, atMs: UtcMs): ChainEntry {
    if (this.#pending.length >= CHAIN_PENDING_MAX)
      throw new Fault("disk-failed", "too many chain entries wait for the disk", { waiting: this.#pending.length });
    const { entry, line } = encodeEntry(this.#start.hash, facts, this.#seq + 1, atMs, this.#head);
    this.#seq = entry.seq;
    this.#head = entry.hash;
    this.#pending.push({ entry, line: utf8.encode(line) });
    return entry;
  }

  /** Makes what was added durable; returns the entries that became so. */
  async flush(): Promise<ChainEntry[]> {
    const done: ChainEntry[] = [];
    while (this.#pending.length > 0) {
      if (this.#file === undefined || this.#fileEntries >= CHAIN_FILE_ENTRIES) await this.#nextFile();
      const file = this.#file as DiskFile;
      const batch = this.#pending.slice(0, Math.min(CHAIN_FILE_ENTRIES - this.#fileEntries, this.#pending.length));
      let bytes = 0;
      for (const one of batch) bytes += one.line.length;
      await file.writev(
        batch.map((one) => one.line),
        this.#durableBytes,
      );
      await file.sync();
      this.#durableBytes += bytes;
      this.#fileEntries += batch.length;
      this.#pending.splice(0, batch.length);
      for (const one of batch) done.push(one.entry);
    }
    return done;
  }

  async #nextFile(): Promise<void> {
    const { disk, root, stream } = this.#start;
    const firstSeq = (this.#pending[0] as { entry: ChainEntry }).entry.seq;
    const folder = joinPath(root, streamFolder(stream), CHAIN_FOLDER);
    await disk.makeFolder(folder);
    const path = joinPath(folder, chainFileName(firstSeq));
    let file: DiskFile;
    try {
      file = await disk.create(path);
    } catch (error) {
      // An earlier try made it and then failed.
      if (!(error instanceof Fault) || error.code !== "conflict") throw error;
      file = await disk.open(path, "write");
    }
    try {
      await disk.syncFolder(folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    await this.#file?.close();
    this.#file = file;
    this.#path = path;
    this.#durableBytes = 0;
    this.#fileEntries = 0;
  }

  /** The file being written; for messages. */
  get path(): string | undefined {
    return this.#path;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}
