import { LiveMuxer, readFragmentHead, timescaleOf, trackIdOf } from "@mingjian/media";
import type { Fragment, LiveSample, TrackConfig } from "@mingjian/media";
import type { UtcMs } from "@mingjian/vocab";
import type { Disk } from "../ports/index.ts";
import type { Written } from "./segment.ts";

/** What a viewer of a stream is told. */
export type TapEvent =
  | {
      readonly kind: "init";
      /** Counts the times the viewer must begin anew: a new connection, other parameter sets, a leap of time. */
      readonly generation: number;
      /** ftyp and moov of the tracks browsers play. */
      readonly bytes: Uint8Array;
      readonly codecs: string;
      readonly width: number;
      readonly height: number;
      /** UTC of media time 0 of the fragments that follow, ms. */
      readonly originUtcMs: UtcMs;
    }
  | {
      readonly kind: "frame";
      readonly generation: number;
      /** moof and mdat with one sample. */
      readonly bytes: Uint8Array;
      readonly key: boolean;
      readonly track: "video" | "audio";
      /** UTC of the sample, ms. */
      readonly utcMs: UtcMs;
      readonly durationMs: number;
      /** Counts frames of this tap. */
      readonly seqNo: number;
      /** From the GOP cache: older than now, to be decoded and not waited on. */
      readonly cached: boolean;
    }
  /** The connection is over; an init follows when pictures come again. */
  | { readonly kind: "ended"; readonly cause: string };

export type TapListener = (event: TapEvent) => void;

/** A fragment since the last key frame, for viewers who join: still in memory, or where it was written. */
export interface CachedFragment {
  readonly fragment: Fragment;
  /** The disk's queue has it and will release it. */
  readonly queued: boolean;
  written: Written | undefined;
  released: boolean;
}

/** Samples queued for a joining viewer while the cache is read; more and the viewer waits for a key frame instead. */
export const JOIN_SAMPLES_MAX = 1_024;

interface HeldSample {
  readonly track: number;
  readonly ticks: number;
  readonly key: boolean;
  readonly bytes: Uint8Array;
}

/** Facts of the connection that a tap needs. */
export interface TapSource {
  readonly configs: readonly TrackConfig[];
  readonly primaryTrack: number;
  /** UTC of media time 0 now, ms; asked once a sample of the connection has come. */
  originUtcMs(): UtcMs;
  skewMs(track: number): number;
}

/** One viewer of one stream. */
export class Tap {
  readonly #listener: TapListener;
  #muxer: LiveMuxer | undefined;
  #source: TapSource | undefined;
  #generation = 0;
  #seqNo = 0;
  #originUtcMs: UtcMs = 0;
  #shifts = new Map<number, number>();
  /** Live samples held back while the cache is read. */
  #held: HeldSample[] | undefined;
  #needsKey = true;
  /** The init segment of this generation was told. */
  #begun = false;

  constructor(listener: TapListener) {
    this.#listener = listener;
  }

  /** Begins anew with this connection; nothing is shown before a key frame. */
  begin(source: TapSource): void {
    this.#muxer = new LiveMuxer(source.configs);
    this.#source = source;
    this.#generation += 1;
    this.#begun = false;
    this.#needsKey = true;
    this.#held = undefined;
    this.#shifts.clear();
  }

  /** Tells the init segment with the first frame: before it no one knows what time it is on this connection. */
  #tellInit(muxer: LiveMuxer, source: TapSource): void {
    const video = source.configs.find((config) => config.kind === "video");
    this.#begun = true;
    // Live media time begins one second in, see LiveMuxer.
    this.#originUtcMs = source.originUtcMs() - LiveMuxer.leadMs;
    this.#listener({
      kind: "init",
      generation: this.#generation,
      bytes: muxer.init,
      codecs: muxer.codecs,
      width: video?.width ?? 0,
      height: video?.height ?? 0,
      originUtcMs: this.#originUtcMs,
    });
  }

  end(cause: string): void {
    this.#muxer = undefined;
    this.#source = undefined;
    this.#held = undefined;
    this.#listener({ kind: "ended", cause });
  }

  /** Samples are held back from now until `join` has sent the cache. */
  hold(): void {
    this.#held = [];
  }

  live(sample: LiveSample): void {
    if (this.#muxer === undefined) return;
    const held = this.#held;
    if (held === undefined) {
      this.#send(
        sample.track,
        sample.ticks,
        sample.key,
        sample.end - sample.start,
        (target, at) => sample.rope.copyTo(target, at, sample.start, sample.end),
        false,
      );
      return;
    }
    if (held.length >= JOIN_SAMPLES_MAX) {
      this.#held = undefined;
      this.#needsKey = true;
      return;
    }
    held.push(holdSample(sample));
  }

  /** Sends the GOP so far, then what came meanwhile, then goes live. */
  async join(disk: Disk, cached: readonly CachedFragment[], collected: readonly LiveSample[]): Promise<void> {
    const muxer = this.#muxer;
    const source = this.#source;
    if (source === undefined) return;
    const inMemory = collected.map(holdSample);
    const earlier: HeldSample[] = [];
    try {
      for (const one of cached) earlier.push(...(await samplesOf(disk, one, source)));
    } catch {
      earlier.length = 0;
      inMemory.length = 0;
    }
    // The connection changed while the file was read.
    if (this.#muxer !== muxer) return;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const one of [...earlier, ...inMemory, ...held]) {
      this.#send(one.track, one.ticks, one.key, one.bytes.length, (target, at) => target.set(one.bytes, at), !held.includes(one));
    }
  }

  #send(track: number, ticks: number, key: boolean, size: number, fill: (target: Uint8Array, at: number) => void, cached: boolean): void {
    const source = this.#source as TapSource;
    const config = source.configs[track];
    if (config === undefined) return;
    const leads = track === source.primaryTrack;
    if (this.#needsKey && !(leads && key)) return;
    this.#needsKey = false;
    const muxer = this.#muxer as LiveMuxer;
    if (!this.#begun) this.#tellInit(muxer, source);
    const shift = leads ? 0 : this.#shift(track, config);
    const frame = muxer.frame(track, ticks, key, size, fill, shift);
    if (frame === undefined) return;
    this.#seqNo += 1;
    this.#listener({
      kind: "frame",
      generation: this.#generation,
      bytes: frame.bytes,
      key,
      track: config.kind,
      utcMs: this.#originUtcMs + frame.mediaMs,
      durationMs: frame.durationMs,
      seqNo: this.#seqNo,
      cached,
    });
  }

  /** Ticks that put a track onto the primary one's time; fixed for the generation, so that sound runs evenly. */
  #shift(track: number, config: TrackConfig): number {
    let shift = this.#shifts.get(track);
    if (shift === undefined) {
      shift = Math.round(((this.#source as TapSource).skewMs(track) * timescaleOf(config)) / 1_000);
      this.#shifts.set(track, shift);
    }
    return shift;
  }
}

function holdSample(sample: LiveSample): HeldSample {
  const bytes = new Uint8Array(sample.end - sample.start);
  sample.rope.copyTo(bytes, 0, sample.start, sample.end);
  return { track: sample.track, ticks: sample.ticks, key: sample.key, bytes };
}

/** Samples of a cached fragment in the order they are to be sent. */
async function samplesOf(disk: Disk, cached: CachedFragment, source: TapSource): Promise<HeldSample[]> {
  if (!cached.released) return samplesInMemory(cached.fragment);
  const written = cached.written;
  if (written === undefined) throw new Error("a fragment was given back and not written");
  const file = await disk.open(written.path, "read");
  try {
    const bytes = new Uint8Array(written.bytes);
    await file.read(bytes, written.offset);
    const head = readFragmentHead(bytes);
    return (head?.tracks ?? []).flatMap((track) => {
      const index = source.configs.findIndex((_, place) => trackIdOf(place) === track.trackId);
      const base = written.bases.get(index) ?? 0;
      return track.samples.map((sample) => ({
        track: index,
        ticks: sample.pts + base,
        key: sample.key,
        bytes: bytes.slice(sample.offset, sample.offset + sample.size),
      }));
    });
  } finally {
    await file.close();
  }
}

function samplesInMemory(fragment: Fragment): HeldSample[] {
  return fragment.tracks.flatMap((track) =>
    Array.from(track.pts, (ticks, i) => {
      const start = track.starts[i] as number;
      const bytes = new Uint8Array(track.sizes[i] as number);
      track.rope.copyTo(bytes, 0, start, start + bytes.length);
      return { track: track.index, ticks, key: track.keys[i] === 1, bytes };
    }),
  );
}
