import type { ChunkPool, Fragment, GapCause } from "@mingjian/media";
import { Fault, isFault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Clock, Disk, Hash } from "../ports/index.ts";
import type { ChainEntry, ChainPlace, SegmentFacts } from "./chain-format.ts";
import type { ChainWriter } from "./chain.ts";
import { segmentPath } from "./layout.ts";
import type { Stamp } from "./media-clock.ts";
import { mendSegment } from "./mend-segment.ts";
import type { RecordingLog } from "./needs.ts";
import { SEGMENT_MS_MAX, SegmentWriter } from "./segment.ts";
import type { Written } from "./segment.ts";

/** After a failure of the disk new footage is tried again this much later. */
export const DISK_RETRY_MS = 5_000;
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

export type SegmentEntry = SegmentFacts & ChainPlace;

/** A fragment with its place in time, ready for the disk. */
export interface FragmentToStore {
  readonly fragment: Fragment;
  readonly stamp: Stamp;
  /** The first of a run. */
  readonly newRun: boolean;
  readonly cameraAheadMs: number | undefined;
  skewMs(track: number): number;
}

interface OpenGap {
  readonly fromMs: UtcMs;
  readonly cause: GapCause;
}

/**
 * What one stream has on the disk: the segment being written, the chain, the open gap. Its methods are called one
 * after another, never two at a time. One that throws is followed by `failed`.
 */
export class StreamStore {
  readonly #shared: Shared;
  readonly #stream: StreamId;
  readonly #chain: ChainWriter;
  #number: number;
  #segment: SegmentWriter | undefined;
  /** Files that a failure left unfinished, to be mended when the disk is well. */
  #broken: { readonly file: string; readonly era: number }[] = [];
  /** Where what the chain and the open segment tell ends, and its era. */
  #recordedEndMs: UtcMs | undefined;
  #era: number;
  #gap: OpenGap | undefined;
  /** Set while the disk fails. */
  #retryAtMs: number | undefined;
  #lastGopMs = 0;
  #gopMs = 0;
  #writtenBytes = 0;
  #storedBytes: number;
  #lastWriteMs: number | undefined;
  #cameraAheadMs: number | undefined;

  constructor(shared: Shared, start: StreamStart) {
    this.#shared = shared;
    this.#stream = start.stream;
    this.#chain = start.chain;
    this.#number = start.nextNumber;
    this.#recordedEndMs = start.lastEndMs;
    this.#era = start.era;
    this.#storedBytes = start.storedBytes;
    if (start.lastEndMs !== undefined) this.#gap = { fromMs: start.lastEndMs, cause: "our-restart" };
  }

  get chainHead(): { readonly seq: number; readonly hash: string } {
    return this.#chain.head;
  }

  get gap(): OpenGap | undefined {
    return this.#gap;
  }

  get segment(): SegmentWriter | undefined {
    return this.#segment;
  }

  get recordedEndMs(): UtcMs | undefined {
    return this.#recordedEndMs;
  }

  /** Bytes made durable since the start. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Bytes of finished segments that are not deleted. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** When a fragment was last made durable, by the monotonic clock. */
  get lastWriteMs(): number | undefined {
    return this.#lastWriteMs;
  }

  /** Makes a fragment durable; undefined when it is left out because the disk fails. */
  async write(next: FragmentToStore): Promise<Written | undefined> {
    const { fragment, stamp } = next;
    if (this.#retryAtMs !== undefined) {
      if (this.#shared.clock.monotonicMs() < this.#retryAtMs || !fragment.key) return undefined;
      await this.#recover();
    }
    this.#shared.checkRoom();
    if (this.#mustCut(fragment, stamp, next.newRun)) await this.#finish();
    const segment = this.#segment ?? (await this.#beginSegment(fragment, stamp));
    const written = await segment.write(fragment, stamp, (track) => next.skewMs(track));
    this.#cameraAheadMs = next.cameraAheadMs;
    this.#recordedEndMs = Math.round(stamp.endMs);
    this.#writtenBytes += written.bytes;
    this.#lastWriteMs = this.#shared.clock.monotonicMs();
    this.#shared.acknowledged(this.#stream, {
      file: segment.file,
      fragments: segment.fragments,
      bytes: segment.bytes,
      startMs: stamp.startMs,
      endMs: stamp.endMs,
    });
    return written;
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

  async #beginSegment(fragment: Fragment, stamp: Stamp): Promise<SegmentWriter> {
    const { disk, hash, root, clock } = this.#shared;
    const startMs = Math.round(stamp.startMs);
    const continues = this.#recordedEndMs === startMs && stamp.step === undefined && this.#gap === undefined;
    if (stamp.step !== undefined) this.#chain.add({ kind: "clock", ...stamp.step, era: stamp.era }, clock.utcMs());
    if (this.#recordedEndMs !== undefined) this.#gap ??= { fromMs: this.#recordedEndMs, cause: "clock" };
    this.#era = stamp.era;
    this.#splitGap(startMs);
    await this.#flushChain();
    this.#gap = undefined;
    const file = segmentPath(this.#stream, startMs, this.#number++);
    this.#segment = new SegmentWriter({ disk, hash, root, file, configs: fragment.configs, continues });
    return this.#segment;
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
    if (done.length > 0) this.#shared.entries(this.#stream, done);
  }

  /** Ends the segment; from `atMs` on (or from where it ended) footage is missing for this cause. */
  async beginGap(cause: GapCause, atMs: UtcMs): Promise<void> {
    const gap = this.#gap;
    if (gap === undefined) {
      this.#gap = { fromMs: this.#recordedEndMs ?? atMs, cause };
      await this.#finish();
    } else if (this.#retryAtMs !== undefined) {
      // What the failing disk kept of a segment is not known yet: nothing may be entered before it.
      if (gap.cause !== "disk") this.#gap = { ...gap, cause };
    } else if (gap.cause !== cause) {
      this.#splitGap(atMs);
      this.#gap = { fromMs: Math.max(atMs, gap.fromMs), cause };
      await this.#flushChain();
    }
  }

  /** Recording is switched off: the time until it goes on again is told then. */
  async switchOff(atMs: UtcMs): Promise<void> {
    // Just started: nobody said before that it should be recorded.
    if (this.#gap?.cause === "our-restart") this.#gap = { ...this.#gap, cause: "switched-off" };
    else if (this.#gap !== undefined || this.#recordedEndMs !== undefined) await this.beginGap("switched-off", atMs);
  }

  /** Enters what has passed of the open gap, so that the chain tells of it before it ends. */
  async tellGap(atMs: UtcMs): Promise<void> {
    if (this.#gap === undefined || this.#retryAtMs !== undefined) return;
    this.#splitGap(atMs);
    await this.#flushChain();
  }

  #splitGap(atMs: UtcMs): void {
    const gap = this.#gap;
    if (gap === undefined || atMs <= gap.fromMs) return;
    this.#chain.add({ kind: "gap", startMs: gap.fromMs, endMs: atMs, cause: gap.cause, era: this.#era }, this.#shared.clock.utcMs());
    this.#gap = { fromMs: atMs, cause: gap.cause };
    this.#recordedEndMs = atMs;
  }

  /** The step before threw: nothing is stored until the disk is tried again. */
  async failed(error: unknown): Promise<void> {
    const fault = isFault(error) ? error : new Fault("internal", error instanceof Error ? error.message : String(error), {}, { cause: error });
    this.#shared.log.error(
      { stream: this.#stream, code: fault.code, detail: fault.message, errno: fault.details["errno"] ?? null },
      "footage is not being stored",
    );
    const segment = this.#segment;
    this.#segment = undefined;
    if (segment !== undefined) {
      await segment.close().catch(() => {});
      this.#broken.push({ file: segment.file, era: this.#era });
    }
    this.#gap ??= { fromMs: this.#recordedEndMs ?? this.#shared.clock.utcMs(), cause: "disk" };
    this.#retryAtMs = this.#shared.clock.monotonicMs() + DISK_RETRY_MS;
    this.#shared.diskFailed(this.#stream, fault);
  }

  /** The disk may be well again: finishes what the failure left, enters what waits. Throws when it is not. */
  async #recover(): Promise<void> {
    const { disk, hash, root, clock } = this.#shared;
    await this.#shared.lookAtRoom();
    this.#shared.checkRoom();
    for (let broken = this.#broken[0]; broken !== undefined; broken = this.#broken[0]) {
      const size = await disk.fileSize(joinPath(root, broken.file));
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
    this.#shared.diskWell(this.#stream);
  }

  /** Enters that segments are deleted, durable when it returns; only from within `between`, before their files are. */
  async enterDeletions(segments: readonly SegmentEntry[], reason: string): Promise<void> {
    for (const { seq, file, bytes } of segments) {
      this.#storedBytes -= bytes;
      this.#chain.add({ kind: "deletion", segmentSeq: seq, file, reason, totalBytes: this.#storedBytes }, this.#shared.clock.utcMs());
    }
    await this.#flushChain();
  }

  /** Finishes the segment and, when told, enters the open gap up to now; closes the chain. Never throws. */
  async stop(tellGap: boolean): Promise<void> {
    try {
      if (this.#retryAtMs !== undefined) await this.#recover();
      await this.#finish();
      if (tellGap) this.#splitGap(this.#shared.clock.utcMs());
      await this.#flushChain();
    } catch (error) {
      this.#shared.log.error({ stream: this.#stream, detail: String(error) }, "the last segment is left to start-up");
    }
    await this.#segment?.close().catch(() => {});
    await this.#chain.close().catch(() => {});
  }
}
