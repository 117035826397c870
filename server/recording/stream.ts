import { Fragmenter } from "@mingjian/media";
import type { ChunkPool, Fragment, GapCause, StreamSink, TrackConfig } from "@mingjian/media";
import { Fault, isFault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import type { Clock, Disk, Hash } from "../ports/index.ts";
import type { ChainEntry, ChainPlace, SegmentFacts } from "./chain-format.ts";
import { ChainWriter } from "./chain.ts";
import { segmentPath } from "./layout.ts";
import { MediaClock } from "./media-clock.ts";
import type { Stamp } from "./media-clock.ts";
import { mendSegment } from "./mend-segment.ts";
import type { RecordingLog } from "./needs.ts";
import { SEGMENT_MS_MAX, SegmentWriter } from "./segment.ts";
import { Tap } from "./tap.ts";
import type { CachedFragment, TapListener, TapSource } from "./tap.ts";

/** Bytes of one stream waiting for the disk at which its camera is asked to wait, and at which it may go on. */
export const QUEUE_BYTES_HIGH = 8 * 1_048_576;
export const QUEUE_BYTES_LOW = 2 * 1_048_576;
/** Bytes of one stream waiting for the disk; more (from a camera that cannot wait) begins a gap. */
export const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** Bytes kept in memory for viewers of a stream that is not recorded. */
export const GOP_CACHE_BYTES_MAX = 8 * 1_048_576;
/** After a failure of the disk new footage is tried again this much later. */
export const DISK_RETRY_MS = 5_000;
/** Viewers of one stream in this process. */
export const TAPS_MAX = 64;

/** What the streams of a recorder share. */
export interface Shared {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly log: RecordingLog;
  readonly root: string;
  readonly pool: ChunkPool;
  /** Asks the disk for its room anew. */
  lookAtRoom(): Promise<void>;
  /** Throws Fault `disk-full` while the room reserve is touched. */
  checkRoom(): void;
  /** Entries became durable. */
  entries(stream: StreamId, entries: readonly ChainEntry[]): void;
  /** A fragment is durable. */
  acknowledged(stream: StreamId, fragment: Acknowledged): void;
  diskFailed(stream: StreamId, fault: Fault): void;
  diskWell(stream: StreamId): void;
  queued(stream: StreamId, streamBytes: number, addedBytes: number): void;
}

export interface Acknowledged {
  /** Path below the root. */
  readonly file: string;
  /** Fragments in the file up to this one. */
  readonly fragments: number;
  readonly bytes: number;
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
}

export interface StreamStart {
  readonly stream: StreamId;
  readonly chain: ChainWriter;
  /** Where footage and gaps in the chain end; undefined when it has none. */
  readonly lastEndMs: UtcMs | undefined;
  readonly era: number;
  /** Bytes of segments that are not deleted. */
  readonly storedBytes: number;
  /** The next segment's number. */
  readonly nextNumber: number;
}

export interface RecordedState {
  readonly stream: StreamId;
  readonly record: boolean;
  readonly connected: boolean;
  /** The cause of the gap that is open now. */
  readonly gap: GapCause | undefined;
  readonly gapSinceMs: UtcMs | undefined;
  /** The segment being written: playable up to `bytes`, not yet in the chain. */
  readonly open: { readonly file: string; readonly startMs: UtcMs; readonly endMs: UtcMs; readonly bytes: number } | undefined;
  readonly queuedBytes: number;
  /** Bytes made durable since the recorder started. */
  readonly writtenBytes: number;
  /** Until when footage is durable, by our clock. */
  readonly recordedUntilMs: UtcMs | undefined;
  /** When a fragment was last made durable (or, not recorded, last complete). */
  readonly lastFragmentMonotonicMs: number | undefined;
  /** Bytes of finished segments that are not deleted. */
  readonly storedBytes: number;
  readonly cameraAheadMs: number | undefined;
  readonly taps: number;
}

export type SegmentEntry = SegmentFacts & ChainPlace;

type Job =
  | { readonly kind: "fragment"; readonly cached: CachedFragment; readonly stamp: Stamp; readonly connection: Connection; readonly newRun: boolean; readonly cameraAheadMs: number | undefined }
  | { readonly kind: "gap"; readonly cause: GapCause; readonly atMs: UtcMs }
  | { readonly kind: "work"; readonly run: () => Promise<void> };

interface Connection {
  readonly fragmenter: Fragmenter;
  run: number;
}

/** Records one stream, and serves those who watch it. Jobs for the disk run one after another. */
export class StreamRecorder {
  readonly stream: StreamId;
  readonly #shared: Shared;
  readonly #chain: ChainWriter;
  readonly #mediaClock: MediaClock;
  #record = true;
  #number: number;
  #connection: Connection | undefined;
  #segment: SegmentWriter | undefined;
  /** Files that a failure left unfinished, to be mended when the disk is well. */
  #broken: { file: string; era: number; continues: boolean }[] = [];
  #recordedEndMs: UtcMs | undefined;
  #gap: { fromMs: UtcMs; cause: GapCause } | undefined;
  #retryAtMs: number | undefined;
  #lastGopMs = 0;
  #gopMs = 0;
  readonly #jobs: Job[] = [];
  #working: Promise<void> | undefined;
  #queuedBytes = 0;
  #writtenBytes = 0;
  #storedBytes: number;
  #lastFragmentMs: number | undefined;
  #cameraAheadMs: number | undefined;
  #gop: CachedFragment[] = [];
  #gopHeldBytes = 0;
  readonly #taps = new Set<Tap>();

  constructor(shared: Shared, start: StreamStart) {
    this.#shared = shared;
    this.stream = start.stream;
    this.#chain = start.chain;
    this.#number = start.nextNumber;
    this.#recordedEndMs = start.lastEndMs;
    this.#storedBytes = start.storedBytes;
    this.#mediaClock = new MediaClock(shared.clock, start.lastEndMs, start.era);
    if (start.lastEndMs !== undefined) this.#gap = { fromMs: start.lastEndMs, cause: "our-restart" };
  }

  /** A stream that has no folder yet, so that it can be opened without reading the disk. */
  static fresh(shared: Shared, stream: StreamId): StreamRecorder {
    const chain = ChainWriter.empty({ disk: shared.disk, root: shared.root, hash: shared.hash, stream });
    return new StreamRecorder(shared, { stream, chain, lastEndMs: undefined, era: 0, storedBytes: 0, nextNumber: 1 });
  }

  /** Recorded, or only there to be watched. While it is not, nothing is missing and no gap is told. */
  set record(on: boolean) {
    if (on === this.#record) return;
    this.#connection?.fragmenter.flush();
    this.#record = on;
    this.#dropGop();
    if (!on) this.#push({ kind: "work", run: () => this.#switchOff() });
  }

  /** What is written once recording goes on again tells of this time as switched off. */
  async #switchOff(): Promise<void> {
    await this.#finish();
    const atMs = this.#shared.clock.utcMs();
    const gap = this.#gap;
    // Just started: nobody said before that it should be recorded.
    if (gap?.cause === "our-restart") this.#gap = { ...gap, cause: "switched-off" };
    else if (gap !== undefined) {
      this.#splitGap(atMs);
      this.#gap = { fromMs: Math.max(atMs, gap.fromMs), cause: "switched-off" };
      await this.#flushChain();
    } else if (this.#recordedEndMs !== undefined) this.#gap = { fromMs: this.#recordedEndMs, cause: "switched-off" };
  }

  get chainHead(): { readonly seq: number; readonly hash: string } {
    return this.#chain.head;
  }

  state(): RecordedState {
    const segment = this.#segment;
    return {
      stream: this.stream,
      record: this.#record,
      connected: this.#connection !== undefined,
      gap: this.#record ? this.#gap?.cause : undefined,
      gapSinceMs: this.#record ? this.#gap?.fromMs : undefined,
      open: segment === undefined || segment.fragments === 0 ? undefined : { file: segment.file, startMs: Math.round(segment.startMs), endMs: Math.round(segment.endMs), bytes: segment.bytes },
      queuedBytes: this.#queuedBytes,
      writtenBytes: this.#writtenBytes,
      recordedUntilMs: this.#recordedEndMs,
      lastFragmentMonotonicMs: this.#lastFragmentMs,
      storedBytes: this.#storedBytes,
      cameraAheadMs: this.#connection && this.#cameraAhead(this.#connection),
      taps: this.#taps.size,
    };
  }

  open(configs: readonly TrackConfig[]): StreamSink {
    this.#connection?.fragmenter.flush();
    this.#mediaClock.reset();
    const fragmenter = new Fragmenter({ pool: this.#shared.pool, configs, onFragment: (fragment) => this.#fragment(connection, fragment) });
    const connection: Connection = { fragmenter, run: 0 };
    this.#connection = connection;
    this.#dropGop();
    if (this.#taps.size > 0) this.#watch(connection);
    for (const tap of this.#taps) tap.begin(this.#tapSource(connection));
    return {
      tracks: fragmenter.sinks,
      arrived: (monotonicMs) => fragmenter.arrived(monotonicMs),
      senderReport: (track, cameraUtcMs, rtpTicks) => fragmenter.report(track, cameraUtcMs, rtpTicks),
      close: (cause) => this.#close(connection, cause),
    };
  }

  /** From now on footage that should be there is missing, for this cause. */
  gapBegins(cause: GapCause): void {
    if (!this.#record) return;
    this.#push({ kind: "gap", cause, atMs: this.#shared.clock.utcMs() });
  }

  #close(connection: Connection, cause: GapCause): void {
    if (this.#connection !== connection) return;
    connection.fragmenter.flush();
    connection.fragmenter.onLive = undefined;
    this.#connection = undefined;
    this.#dropGop();
    for (const tap of this.#taps) tap.end(cause);
    this.gapBegins(cause);
  }

  #fragment(connection: Connection, fragment: Fragment): void {
    const lead = fragment.tracks[0];
    // A connection that another has taken the place of brings nothing more.
    if (lead === undefined || connection !== this.#connection) {
      fragment.release();
      return;
    }
    const newRun = fragment.run !== connection.run;
    connection.run = fragment.run;
    const perMs = lead.timescale / 1_000;
    const stamp = this.#mediaClock.stamp({ run: fragment.run, startMs: lead.startTicks / perMs, endMs: lead.endTicks / perMs, delayMsMin: lead.delayMsMin });
    if (!this.#record) this.#lastFragmentMs = this.#shared.clock.monotonicMs();
    const cached: CachedFragment = { fragment, written: undefined, released: false };
    if (fragment.key) this.#dropGop();
    this.#gop.push(cached);
    if (newRun) for (const tap of this.#taps) tap.begin(this.#tapSource(connection));
    if (!this.#record) this.#keepForViewers(fragment.payloadBytes);
    else if (this.#queuedBytes + fragment.payloadBytes > QUEUE_BYTES_MAX) {
      this.#release(cached);
      this.gapBegins("disk");
    } else {
      this.#queuedBytes += fragment.payloadBytes;
      this.#shared.queued(this.stream, this.#queuedBytes, fragment.payloadBytes);
      this.#push({ kind: "fragment", cached, stamp, connection, newRun, cameraAheadMs: this.#cameraAhead(connection) });
    }
  }

  /** The camera's clock minus ours. */
  #cameraAhead(connection: Connection): number | undefined {
    const own = this.#mediaClock.offsetMs;
    const camera = connection.fragmenter.cameraOffsetMs;
    return own === undefined || camera === undefined ? undefined : camera - own;
  }

  #keepForViewers(bytes: number): void {
    this.#gopHeldBytes += bytes;
    if (this.#gopHeldBytes > GOP_CACHE_BYTES_MAX) this.#dropGop();
  }

  #dropGop(): void {
    if (!this.#record || this.#gopHeldBytes > 0) for (const one of this.#gop) this.#release(one);
    this.#gopHeldBytes = 0;
    this.#gop = [];
  }

  #release(cached: CachedFragment): void {
    if (cached.released) return;
    cached.released = true;
    cached.fragment.release();
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  /** Runs work between two jobs for the disk: nothing of this stream is being written meanwhile. */
  between(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#push({ kind: "work", run: () => run().then(resolve, reject) });
    });
  }

  /** Enters that segments are deleted, durable when it returns; only from within `between`, before their files are. */
  async enterDeletions(segments: readonly SegmentEntry[], reason: string): Promise<void> {
    for (const { seq, file, bytes } of segments) {
      this.#storedBytes -= bytes;
      this.#chain.add({ kind: "deletion", segmentSeq: seq, file, reason, totalBytes: this.#storedBytes }, this.#shared.clock.utcMs());
    }
    await this.#flushChain();
  }

  #push(job: Job): void {
    this.#jobs.push(job);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      try {
        if (job.kind === "fragment") await this.#write(job);
        else if (job.kind === "gap") await this.#beginGap(job.cause, job.atMs);
        else await job.run();
      } catch (error) {
        await this.#failed(error);
      }
      if (job.kind === "fragment") {
        this.#release(job.cached);
        this.#queuedBytes -= job.cached.fragment.payloadBytes;
        this.#shared.queued(this.stream, this.#queuedBytes, -job.cached.fragment.payloadBytes);
      }
    }
  }

  async #write(job: Job & { kind: "fragment" }): Promise<void> {
    const { cached, stamp, connection, newRun } = job;
    const { fragment } = cached;
    if (this.#retryAtMs !== undefined) {
      if (this.#shared.clock.monotonicMs() < this.#retryAtMs || !fragment.key) return;
      await this.#recover();
    }
    this.#shared.checkRoom();
    if (this.#mustCut(fragment, stamp, newRun)) await this.#finish();
    if (this.#segment === undefined) await this.#beginSegment(fragment, stamp);
    const segment = this.#segment as SegmentWriter | undefined;
    if (segment === undefined) return;
    const written = await segment.write(fragment, stamp, (track) => connection.fragmenter.skewMs(track));
    cached.written = written;
    this.#cameraAheadMs = job.cameraAheadMs;
    this.#recordedEndMs = Math.round(stamp.endMs);
    this.#writtenBytes += written.bytes;
    this.#lastFragmentMs = this.#shared.clock.monotonicMs();
    this.#shared.acknowledged(this.stream, { file: segment.file, fragments: segment.fragments, bytes: segment.bytes, startMs: stamp.startMs, endMs: stamp.endMs });
  }

  #mustCut(fragment: Fragment, stamp: Stamp, newRun: boolean): boolean {
    const segment = this.#segment;
    const lengthMs = stamp.endMs - stamp.startMs;
    if (fragment.key) {
      if (this.#gopMs > 0) this.#lastGopMs = this.#gopMs;
      this.#gopMs = 0;
    }
    this.#gopMs += lengthMs;
    if (segment === undefined) return false;
    if (newRun || !stamp.continues || stamp.step !== undefined || fragment.configs !== segment.configs) return true;
    const soFarMs = stamp.startMs - segment.startMs;
    return soFarMs + lengthMs > SEGMENT_MS_MAX || (fragment.key && soFarMs + this.#lastGopMs > SEGMENT_MS_MAX);
  }

  async #beginSegment(fragment: Fragment, stamp: Stamp): Promise<void> {
    const now = this.#shared.clock.utcMs();
    const startMs = Math.round(stamp.startMs);
    if (stamp.step !== undefined) this.#chain.add({ kind: "clock", ...stamp.step, era: stamp.era }, now);
    const missing = this.#gap ?? (this.#recordedEndMs === undefined ? undefined : { fromMs: this.#recordedEndMs, cause: "clock" as const });
    if (missing !== undefined && missing.fromMs < startMs) this.#chain.add({ kind: "gap", startMs: missing.fromMs, endMs: startMs, cause: missing.cause, era: stamp.era }, now);
    const continues = this.#recordedEndMs === startMs && stamp.step === undefined;
    await this.#flushChain();
    this.#gap = undefined;
    const file = segmentPath(this.stream, startMs, this.#number++);
    this.#segment = new SegmentWriter({ disk: this.#shared.disk, hash: this.#shared.hash, root: this.#shared.root, file, configs: fragment.configs, continues });
  }

  /** Closes the segment and enters it in the chain. */
  async #finish(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    const facts = await segment.finish(this.#cameraAheadMs ?? null);
    this.#segment = undefined;
    this.#storedBytes += facts.bytes;
    this.#chain.add({ ...facts, totalBytes: this.#storedBytes }, this.#shared.clock.utcMs());
    await this.#flushChain();
  }

  async #flushChain(): Promise<void> {
    const done = await this.#chain.flush();
    if (done.length > 0) this.#shared.entries(this.stream, done);
  }

  async #beginGap(cause: GapCause, atMs: UtcMs): Promise<void> {
    const gap = this.#gap;
    if (gap?.cause === "disk" && this.#retryAtMs !== undefined) return;
    if (gap === undefined) {
      this.#gap = { fromMs: this.#recordedEndMs ?? atMs, cause };
      await this.#finish();
      return;
    }
    if (gap.cause === cause) return;
    this.#splitGap(atMs);
    this.#gap = { fromMs: Math.max(atMs, gap.fromMs), cause };
    await this.#flushChain();
  }

  /** Enters what has passed of the open gap, so that the chain tells of it before it ends. */
  #splitGap(atMs: UtcMs): void {
    const gap = this.#gap;
    if (gap === undefined || atMs <= gap.fromMs) return;
    this.#chain.add({ kind: "gap", startMs: gap.fromMs, endMs: atMs, cause: gap.cause, era: this.#mediaClock.era }, this.#shared.clock.utcMs());
    this.#gap = { fromMs: atMs, cause: gap.cause };
    this.#recordedEndMs = atMs;
  }

  /** Enters the open gap up to now. */
  tellGap(): void {
    if (this.#gap === undefined || !this.#record || this.#retryAtMs !== undefined) return;
    const atMs = this.#shared.clock.utcMs();
    this.#push({ kind: "work", run: async () => {
      this.#splitGap(atMs);
      await this.#flushChain();
    } });
  }

  async #failed(error: unknown): Promise<void> {
    const fault = isFault(error) ? error : new Fault("internal", error instanceof Error ? error.message : String(error), {}, { cause: error });
    this.#shared.log.error({ stream: this.stream, code: fault.code, detail: fault.message, errno: fault.details["errno"] ?? null }, "footage is not being stored");
    const segment = this.#segment;
    this.#segment = undefined;
    if (segment !== undefined) {
      await segment.close().catch(() => {});
      this.#broken.push({ file: segment.file, era: this.#mediaClock.era, continues: false });
    }
    this.#gap ??= { fromMs: this.#recordedEndMs ?? this.#shared.clock.utcMs(), cause: "disk" };
    this.#retryAtMs = this.#shared.clock.monotonicMs() + DISK_RETRY_MS;
    this.#shared.diskFailed(this.stream, fault);
  }

  /** The disk may be well again: finishes what the failure left, enters what waits. Throws when it is not. */
  async #recover(): Promise<void> {
    const { disk, hash, root, clock } = this.#shared;
    await this.#shared.lookAtRoom();
    this.#shared.checkRoom();
    for (let broken = this.#broken[0]; broken !== undefined; broken = this.#broken[0]) {
      const size = await disk.fileSize(`${root}/${broken.file}`);
      if (size !== undefined) {
        const facts = await mendSegment(disk, hash, root, broken.file);
        if (facts.kind === "segment") this.#storedBytes += facts.bytes;
        this.#chain.add(facts.kind === "segment" ? { ...facts, era: broken.era, totalBytes: this.#storedBytes } : facts, clock.utcMs());
        if (facts.kind === "segment") {
          this.#recordedEndMs = facts.endMs;
          if (this.#gap !== undefined) this.#gap = { ...this.#gap, fromMs: Math.max(facts.endMs, this.#gap.fromMs) };
        }
      }
      this.#broken.shift();
    }
    await this.#flushChain();
    this.#retryAtMs = undefined;
    this.#shared.diskWell(this.stream);
  }

  /** Finishes the open segment, enters the gap that begins. Nothing is recorded afterwards. */
  async stop(): Promise<void> {
    const connection = this.#connection;
    if (connection !== undefined) this.#close(connection, "our-restart");
    await this.between(async () => {
      if (this.#retryAtMs !== undefined) await this.#recover();
      await this.#finish();
      if (this.#record) this.#splitGap(this.#shared.clock.utcMs());
      await this.#flushChain();
    }).catch((error: unknown) => {
      this.#shared.log.error({ stream: this.stream, detail: String(error) }, "the last segment is left to start-up");
    });
    await this.#working;
    await this.#segment?.close().catch(() => {});
    await this.#chain.close().catch(() => {});
  }

  tap(listener: TapListener): () => void {
    if (this.#taps.size >= TAPS_MAX) throw new Fault("too-many", "too many viewers of one stream", { limit: TAPS_MAX });
    const tap = new Tap(listener);
    this.#taps.add(tap);
    const connection = this.#connection;
    if (connection !== undefined) {
      this.#watch(connection);
      const source = this.#tapSource(connection);
      const collected = connection.fragmenter.collected();
      const lead = collected.find((sample) => sample.track === connection.fragmenter.primaryTrack);
      const cached = lead?.key === true ? [] : [...this.#gop];
      tap.begin(source);
      tap.hold();
      void tap.join(this.#shared.disk, cached, collected);
    }
    return () => {
      this.#taps.delete(tap);
      const now = this.#connection;
      if (this.#taps.size === 0 && now !== undefined) now.fragmenter.onLive = undefined;
    };
  }

  #watch(connection: Connection): void {
    if (connection.fragmenter.onLive !== undefined) return;
    let configs = connection.fragmenter.configs;
    connection.fragmenter.onLive = (sample) => {
      const changed = connection.fragmenter.configs !== configs;
      configs = connection.fragmenter.configs;
      for (const tap of this.#taps) {
        if (changed) tap.begin(this.#tapSource(connection));
        tap.live(sample);
      }
    };
  }

  #tapSource(connection: Connection): TapSource {
    const { clock } = this.#shared;
    return {
      configs: connection.fragmenter.configs,
      primaryTrack: connection.fragmenter.primaryTrack,
      originUtcMs: () => this.#mediaClock.offsetMs ?? connection.fragmenter.delayMsMin + clock.utcMs() - clock.monotonicMs(),
      skewMs: (track) => connection.fragmenter.skewMs(track),
    };
  }
}
