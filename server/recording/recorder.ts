import { ChunkPool } from "@mingjian/media";
import type { GapCause, StreamSink, TrackConfig } from "@mingjian/media";
import { Fault, isFault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import { lockFolder } from "../ports/index.ts";
import type { Alarm, Clock, Disk, FolderLock, Hash } from "../ports/index.ts";
import type { ChainEntry } from "./chain-format.ts";
import { readChain } from "./chain.ts";
import { streamsOnDisk } from "./layout.ts";
import type { LedgerDoor, RecordingLog, RetentionRule } from "./needs.ts";
import { runRetention } from "./retention.ts";
import type { RetentionReport } from "./retention.ts";
import { checkFormat, startStream } from "./start.ts";
import { QUEUE_BYTES_HIGH, QUEUE_BYTES_LOW, StreamRecorder } from "./stream.ts";
import type { RecordedState } from "./stream.ts";
import type { Acknowledged, Shared } from "./stream-store.ts";
import type { TapListener } from "./tap.ts";

/** Bytes of all streams waiting for the disk at which every camera is asked to wait. */
export const TOTAL_QUEUE_BYTES_HIGH = 512 * 1_048_576;
/** Room kept free for chains and the database. */
export const RESERVE_BYTES_DEFAULT = 512 * 1_048_576;
const SPACE_PERIOD_MS = 5_000;
/** An open gap is entered up to now this often. */
const GAP_PERIOD_MS = 600_000;
/** Streams brought up at once at the start. */
const STARTS_AT_ONCE = 8;

export interface RecorderOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly log: RecordingLog;
  /** The footage folder. */
  readonly root: string;
  readonly ledger: LedgerDoor;
  /** Below this much free room new footage stops. */
  readonly reserveBytes?: number;
  /** Buffers for samples, shared with whoever else uses ropes. */
  readonly pool?: ChunkPool;
  /** Off only where the caller holds the folder already. */
  readonly lock?: boolean;
}

export interface RecordedStream {
  readonly stream: StreamId;
  /** False: received to be watched, nothing written. */
  readonly record: boolean;
}

export interface DiskState {
  readonly state: "ok" | "full" | "read-only" | "failing";
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly since: UtcMs;
  readonly detail: string;
}

/** The recording store: takes samples, keeps files and chains, serves those who watch. */
export interface Recorder {
  /** All streams there are now. One known from before and not named is recorded no more; one that comes unnamed is. */
  apply(streams: readonly RecordedStream[]): void;
  /** For ingest: a connection's samples begin. */
  open(stream: StreamId, configs: readonly TrackConfig[]): StreamSink | { readonly refused: GapCause };
  /** For ingest: there is no connection, for this cause. */
  gapBegins(stream: StreamId, cause: GapCause): void;
  /** For ingest: `on` asks to stop reading the stream's camera until told otherwise. */
  onPressure(listener: (stream: StreamId, on: boolean) => void): void;
  /** Every sample as it comes, beginning with the GOP so far. The returned function ends it. */
  tap(stream: StreamId, listener: TapListener): () => void;
  readChain(stream: StreamId, fromSeq: number): AsyncIterable<ChainEntry>;
  /** Told of each entry once it is durable. */
  onEntry(listener: (stream: StreamId, entry: ChainEntry) => void): void;
  /** Told of each fragment once it is durable. */
  onAcknowledged(listener: (stream: StreamId, fragment: Acknowledged) => void): void;
  /** Resolves when what was given so far is stored, or has failed to be. */
  idle(): Promise<void>;
  heads(): { readonly stream: StreamId; readonly seq: number; readonly hash: string }[];
  states(): RecordedState[];
  disk(): DiskState;
  onDisk(listener: (state: DiskState) => void): void;
  /** Deletes what is past its period; see RetentionRule. One run at a time: a second call waits for the first's answer. */
  retain(rule: RetentionRule): Promise<RetentionReport>;
  /** Finishes open segments; nothing is recorded afterwards. */
  stop(): Promise<void>;
}

/**
 * Opens the footage folder, mends what a crash left, and is ready for footage.
 * @throws Fault `data-folder-in-use`, `data-folder-newer`, `disk-full`, `disk-read-only`, `disk-failed`
 */
export async function createRecorder(options: RecorderOptions): Promise<Recorder> {
  await options.disk.makeFolder(options.root);
  const lock = options.lock === false ? undefined : await lockFolder(options.root);
  try {
    await checkFormat(options.disk, options.root);
    const room = new RecorderRoom(options, lock);
    await room.start();
    return room;
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

class RecorderRoom implements Recorder {
  readonly #options: RecorderOptions;
  readonly #lock: FolderLock | undefined;
  readonly #shared: Shared;
  readonly #streams = new Map<StreamId, StreamRecorder>();
  readonly #watchOnly = new Set<StreamId>();
  /** Streams whose chain could not be opened. */
  readonly #lame = new Set<StreamId>();
  readonly #bringing = new Set<StreamId>();
  readonly #failing = new Map<StreamId, Fault>();
  readonly #pressed = new Set<StreamId>();
  readonly #entryListeners: ((stream: StreamId, entry: ChainEntry) => void)[] = [];
  readonly #ackListeners: ((stream: StreamId, fragment: Acknowledged) => void)[] = [];
  readonly #diskListeners: ((state: DiskState) => void)[] = [];
  readonly #alarms: Alarm[] = [];
  #pressure: ((stream: StreamId, on: boolean) => void) | undefined;
  #queuedBytes = 0;
  #retaining: Promise<RetentionReport> | undefined;
  #disk: DiskState;

  constructor(options: RecorderOptions, lock: FolderLock | undefined) {
    this.#options = options;
    this.#lock = lock;
    this.#disk = { state: "ok", freeBytes: Infinity, totalBytes: Infinity, since: options.clock.utcMs(), detail: "" };
    this.#shared = {
      disk: options.disk,
      clock: options.clock,
      hash: options.hash,
      log: options.log,
      root: options.root,
      pool: options.pool ?? new ChunkPool(),
      lookAtRoom: () => this.#lookAtSpace(),
      checkRoom: () => this.#checkRoom(),
      entries: (stream, entries) => this.#entries(stream, entries),
      acknowledged: (stream, fragment) => {
        for (const listener of this.#ackListeners) listener(stream, fragment);
      },
      diskFailed: (stream, fault) => {
        this.#failing.set(stream, fault);
        this.#judgeDisk();
      },
      diskWell: (stream) => {
        this.#failing.delete(stream);
        this.#judgeDisk();
      },
      queued: (stream, streamBytes, addedBytes) => this.#queued(stream, streamBytes, addedBytes),
    };
  }

  async start(): Promise<void> {
    const { disk, root, clock } = this.#options;
    await this.#lookAtSpace();
    const waiting = await streamsOnDisk(disk, root);
    const bring = async (): Promise<void> => {
      for (let stream = waiting.shift(); stream !== undefined; stream = waiting.shift()) {
        await this.#bring(stream);
      }
    };
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, bring));
    this.#alarms.push(
      clock.every(SPACE_PERIOD_MS, () => {
        void this.#lookAtSpace();
        for (const stream of this.#lame) void this.#bring(stream);
      }),
    );
    this.#alarms.push(
      clock.every(GAP_PERIOD_MS, () => {
        for (const stream of this.#streams.values()) stream.tellGap();
      }),
    );
  }

  /** One stream that cannot be brought up does not end the others; it is tried again. */
  async #bring(stream: StreamId): Promise<void> {
    if (this.#bringing.has(stream)) return;
    this.#bringing.add(stream);
    try {
      const known = new StreamRecorder(this.#shared, await startStream(this.#options, stream));
      known.record = !this.#watchOnly.has(stream);
      this.#streams.set(stream, known);
      this.#lame.delete(stream);
      this.#shared.diskWell(stream);
    } catch (error) {
      const fault = isFault(error) ? error : new Fault("internal", String(error), {}, { cause: error });
      if (!this.#lame.has(stream)) this.#options.log.error({ stream, code: fault.code, detail: fault.message }, "a stream's chain cannot be opened");
      this.#lame.add(stream);
      this.#shared.diskFailed(stream, fault);
    } finally {
      this.#bringing.delete(stream);
    }
  }

  apply(streams: readonly RecordedStream[]): void {
    const named = new Set(streams.map((one) => one.stream));
    for (const one of this.#streams.values()) if (!named.has(one.stream)) one.record = false;
    for (const one of streams) {
      if (one.record) this.#watchOnly.delete(one.stream);
      else this.#watchOnly.add(one.stream);
      const known = this.#streams.get(one.stream);
      if (known !== undefined) known.record = one.record;
    }
  }

  /** A stream without a folder has an empty chain, so that it can be opened without reading the disk. */
  #stream(stream: StreamId): StreamRecorder {
    let known = this.#streams.get(stream);
    if (known === undefined) {
      known = StreamRecorder.fresh(this.#shared, stream);
      known.record = !this.#watchOnly.has(stream);
      this.#streams.set(stream, known);
    }
    return known;
  }

  open(stream: StreamId, configs: readonly TrackConfig[]): StreamSink | { readonly refused: GapCause } {
    if (configs.length === 0) return { refused: "unsupported" };
    if (this.#lame.has(stream)) return { refused: "disk" };
    return this.#stream(stream).open(configs);
  }

  gapBegins(stream: StreamId, cause: GapCause): void {
    if (!this.#lame.has(stream)) this.#stream(stream).gapBegins(cause);
  }

  onPressure(listener: (stream: StreamId, on: boolean) => void): void {
    this.#pressure = listener;
  }

  tap(stream: StreamId, listener: TapListener): () => void {
    if (this.#lame.has(stream)) throw new Fault("disk-failed", "the stream's chain cannot be opened", { stream });
    return this.#stream(stream).tap(listener);
  }

  readChain(stream: StreamId, fromSeq: number): AsyncIterable<ChainEntry> {
    return readChain(this.#options.disk, this.#options.root, this.#options.hash, stream, fromSeq);
  }

  onEntry(listener: (stream: StreamId, entry: ChainEntry) => void): void {
    this.#entryListeners.push(listener);
  }

  onAcknowledged(listener: (stream: StreamId, fragment: Acknowledged) => void): void {
    this.#ackListeners.push(listener);
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((one) => one.idle()));
  }

  heads(): { readonly stream: StreamId; readonly seq: number; readonly hash: string }[] {
    return [...this.#streams.values()].map((one) => ({ stream: one.stream, ...one.chainHead }));
  }

  states(): RecordedState[] {
    return [...this.#streams.values()].map((one) => one.state());
  }

  disk(): DiskState {
    return this.#disk;
  }

  onDisk(listener: (state: DiskState) => void): void {
    this.#diskListeners.push(listener);
  }

  retain(rule: RetentionRule): Promise<RetentionReport> {
    this.#retaining ??= runRetention({ ...this.#options, rule }, [...this.#streams.values()]).finally(() => {
      this.#retaining = undefined;
    });
    return this.#retaining;
  }

  async stop(): Promise<void> {
    for (const alarm of this.#alarms) alarm.cancel();
    await Promise.all([...this.#streams.values()].map((one) => one.stop()));
    await this.#lock?.release();
  }

  #entries(stream: StreamId, entries: readonly ChainEntry[]): void {
    for (const entry of entries) {
      for (const listener of this.#entryListeners) listener(stream, entry);
      this.#options.ledger.append(stream, entry).catch((error: unknown) => {
        this.#options.log.error({ stream, seq: entry.seq, detail: String(error) }, "the ledger did not take an entry");
      });
    }
  }

  #queued(stream: StreamId, streamBytes: number, addedBytes: number): void {
    this.#queuedBytes += addedBytes;
    const high = streamBytes > QUEUE_BYTES_HIGH || (addedBytes > 0 && this.#queuedBytes > TOTAL_QUEUE_BYTES_HIGH);
    if (high && !this.#pressed.has(stream)) {
      this.#pressed.add(stream);
      this.#pressure?.(stream, true);
    } else if (streamBytes < QUEUE_BYTES_LOW && addedBytes < 0 && this.#pressed.delete(stream)) this.#pressure?.(stream, false);
  }

  #checkRoom(): void {
    const reserve = this.#options.reserveBytes ?? RESERVE_BYTES_DEFAULT;
    if (this.#disk.freeBytes >= reserve) return;
    throw new Fault("disk-full", "the disk has no room beyond the reserve", { freeBytes: this.#disk.freeBytes, reserveBytes: reserve });
  }

  async #lookAtSpace(): Promise<void> {
    try {
      const space = await this.#options.disk.space(this.#options.root);
      this.#disk = { ...this.#disk, ...space };
    } catch (error) {
      this.#options.log.error({ detail: String(error) }, "the disk's room cannot be read");
    }
  }

  #judgeDisk(): void {
    const fault = [...this.#failing.values()].at(-1);
    const state = fault === undefined ? "ok" : fault.code === "disk-full" ? "full" : fault.code === "disk-read-only" ? "read-only" : "failing";
    if (state === this.#disk.state) return;
    this.#disk = { ...this.#disk, state, since: this.#options.clock.utcMs(), detail: fault?.message ?? "" };
    for (const listener of this.#diskListeners) listener(this.#disk);
  }
}
