import { Fragmenter } from "@mingjian/media";
import type { Fragment, GapCause, StreamSink, TrackConfig } from "@mingjian/media";
import { Fault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import { ChainWriter } from "./chain.ts";
import { MediaClock } from "./media-clock.ts";
import type { Stamp } from "./media-clock.ts";
import { StreamStore } from "./stream-store.ts";
import type { SegmentEntry, Shared, StreamStart } from "./stream-store.ts";
import { Tap } from "./tap.ts";
import type { CachedFragment, TapListener, TapSource } from "./tap.ts";

/** Bytes of one stream waiting for the disk at which its camera is asked to wait, and at which it may go on. */
export const QUEUE_BYTES_HIGH = 8 * 1_048_576;
export const QUEUE_BYTES_LOW = 2 * 1_048_576;
/** Bytes of one stream waiting for the disk; more (from a camera that cannot wait) begins a gap. */
export const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** Bytes kept in memory for viewers of a stream that is not recorded. */
export const GOP_CACHE_BYTES_MAX = 8 * 1_048_576;
/** Viewers of one stream in this process. */
export const TAPS_MAX = 64;

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

type Job =
  | {
      readonly kind: "fragment";
      readonly cached: CachedFragment;
      readonly stamp: Stamp;
      readonly connection: Connection;
      readonly newRun: boolean;
      readonly cameraAheadMs: number | undefined;
    }
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
  readonly #store: StreamStore;
  readonly #mediaClock: MediaClock;
  #record = true;
  #connection: Connection | undefined;
  readonly #jobs: Job[] = [];
  #working: Promise<void> | undefined;
  #queuedBytes = 0;
  /** When a fragment of a stream that is not recorded was last complete. */
  #lastFragmentMs: number | undefined;
  #gop: CachedFragment[] = [];
  /** Bytes of fragments that only `#gop` keeps in memory. */
  #gopHeldBytes = 0;
  readonly #taps = new Set<Tap>();

  constructor(shared: Shared, start: StreamStart) {
    this.#shared = shared;
    this.stream = start.stream;
    this.#store = new StreamStore(shared, start);
    this.#mediaClock = new MediaClock(shared.clock, start.lastEndMs, start.era);
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
    const atMs = this.#shared.clock.utcMs();
    if (!on) this.#push({ kind: "work", run: () => this.#store.switchOff(atMs) });
  }

  get chainHead(): { readonly seq: number; readonly hash: string } {
    return this.#store.chainHead;
  }

  state(): RecordedState {
    const store = this.#store;
    const { segment } = store;
    return {
      stream: this.stream,
      record: this.#record,
      connected: this.#connection !== undefined,
      gap: this.#record ? store.gap?.cause : undefined,
      gapSinceMs: this.#record ? store.gap?.fromMs : undefined,
      open:
        segment === undefined || segment.fragments === 0
          ? undefined
          : { file: segment.file, startMs: Math.round(segment.startMs), endMs: Math.round(segment.endMs), bytes: segment.bytes },
      queuedBytes: this.#queuedBytes,
      writtenBytes: store.writtenBytes,
      recordedUntilMs: store.recordedEndMs,
      lastFragmentMonotonicMs: this.#record ? store.lastWriteMs : this.#lastFragmentMs,
      storedBytes: store.storedBytes,
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
    const queued = this.#record && this.#queuedBytes + fragment.payloadBytes <= QUEUE_BYTES_MAX;
    const cached: CachedFragment = { fragment, queued, written: undefined, released: false };
    if (fragment.key) this.#dropGop();
    this.#gop.push(cached);
    if (newRun) for (const tap of this.#taps) tap.begin(this.#tapSource(connection));
    if (!this.#record) this.#keepForViewers(fragment.payloadBytes);
    else if (!queued) {
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
    for (const one of this.#gop) if (!one.queued) this.#release(one);
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
        else if (job.kind === "gap") await this.#store.beginGap(job.cause, job.atMs);
        else await job.run();
      } catch (error) {
        await this.#store.failed(error);
      }
      if (job.kind === "fragment") {
        this.#release(job.cached);
        this.#queuedBytes -= job.cached.fragment.payloadBytes;
        this.#shared.queued(this.stream, this.#queuedBytes, -job.cached.fragment.payloadBytes);
      }
    }
  }

  async #write({ cached, stamp, connection, newRun, cameraAheadMs }: Job & { kind: "fragment" }): Promise<void> {
    const { fragment } = cached;
    cached.written = await this.#store.write({ fragment, stamp, newRun, cameraAheadMs, skewMs: (track) => connection.fragmenter.skewMs(track) });
  }

  /** See StreamStore.enterDeletions; only from within `between`. */
  enterDeletions(segments: readonly SegmentEntry[], reason: string): Promise<void> {
    return this.#store.enterDeletions(segments, reason);
  }

  /** Enters the open gap up to now. */
  tellGap(): void {
    if (!this.#record || this.#store.gap === undefined) return;
    const atMs = this.#shared.clock.utcMs();
    this.#push({ kind: "work", run: () => this.#store.tellGap(atMs) });
  }

  /** Finishes the open segment, enters the gap that begins. Nothing is recorded afterwards. */
  async stop(): Promise<void> {
    const connection = this.#connection;
    if (connection !== undefined) this.#close(connection, "our-restart");
    await this.between(() => this.#store.stop(this.#record));
    await this.#working;
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
