import { assert } from "@mingjian/vocab";
import type { TrackConfig, TrackSink } from "../stream.ts";
import type { ChunkPool } from "../rope.ts";
import { Rope } from "../rope.ts";
import { noTroubles } from "./trouble.ts";
import type { Troubles } from "./trouble.ts";
import { JUMP_BACK_MS, TrackTime } from "./track-time.ts";

/** A fragment is cut before it would grow longer, at any sample that nothing before it is presented after. */
export const FRAGMENT_MS_MAX = 2_100;
/** A key frame sooner than this after the fragment's own does not begin a new one. */
export const FRAGMENT_MS_MIN = 900;
/** A fragment is cut when this much has been collected; a single sample may carry it beyond. */
export const FRAGMENT_BYTES_MAX = 16 * 1_048_576;
/** Samples of one track in a fragment. */
export const FRAGMENT_SAMPLES_MAX = 1_024;
/** One sample larger than this is left out. */
export const SAMPLE_BYTES_MAX = 16 * 1_048_576;
/** A fragment whose timestamps stand still is cut this long after its first sample came. */
export const FRAGMENT_WAIT_MS_MAX = 5_000;

/** One track's part of a fragment. Arrays are in decode order and share their length. */
export interface FragmentTrack {
  readonly index: number;
  readonly timescale: number;
  /** Presentation times, ticks on the connection's timeline. */
  readonly pts: Float64Array;
  /** Decode times: the presentation times sorted. */
  readonly dts: Float64Array;
  /** Positions in the rope. */
  readonly starts: Float64Array;
  readonly sizes: Uint32Array;
  readonly keys: Uint8Array;
  /** First presentation time, and the time at which the next fragment is expected to go on. */
  readonly startTicks: number;
  readonly endTicks: number;
  /** Media time to the monotonic clock: arrival of the least delayed sample minus its time, ms. */
  readonly delayMsMin: number;
  readonly rope: Rope;
  /** Rope position up to which this fragment and those before it reach. */
  readonly ropeEnd: number;
}

/** Samples of one connection between two cuts, ready to be written. Its bytes live in ropes until `release`. */
export interface Fragment {
  /** Holds for all its samples; another array once a track's configuration has changed. */
  readonly configs: readonly TrackConfig[];
  /** Begins with a sample that can be decoded by itself. */
  readonly key: boolean;
  /** Counts the camera's clock leaps: within one run media time is continuous. */
  readonly run: number;
  /** Tracks with samples; the first is the primary one when that has any. */
  readonly tracks: readonly FragmentTrack[];
  readonly payloadBytes: number;
  readonly troubles: Troubles;
  /** Gives the bytes back, once those of all fragments before it are given back too. */
  release(): void;
}

/** A sample just finished: for viewers who wait for nothing. */
export interface LiveSample {
  readonly track: number;
  readonly config: TrackConfig;
  readonly ticks: number;
  readonly key: boolean;
  readonly run: number;
  readonly rope: Rope;
  readonly start: number;
  readonly end: number;
  /** Estimate of the sample's instant by the monotonic clock, ms. */
  readonly monotonicMs: number;
}

export interface FragmenterOptions {
  readonly pool: ChunkPool;
  /** One a track, in the order of the sinks. */
  readonly configs: readonly TrackConfig[];
  onFragment(fragment: Fragment): void;
}

class Track {
  readonly index: number;
  readonly rope: Rope;
  readonly time: TrackTime;
  readonly timescale: number;
  count = 0;
  pts = new Float64Array(64);
  starts = new Float64Array(64);
  sizes = new Uint32Array(64);
  keys = new Uint8Array(64);
  /** Lowest and highest presentation time of the fragment being collected. */
  low = 0;
  high = 0;
  sorted = true;
  delayMsMin = Infinity;
  /** The same over this run so far. */
  runDelayMsMin = Infinity;
  ropeEnd = 0;

  constructor(index: number, config: TrackConfig, pool: ChunkPool) {
    this.index = index;
    this.rope = new Rope(pool);
    this.time = new TrackTime(config.clockRate);
    this.timescale = config.clockRate;
  }

  add(start: number, size: number, ticks: number, key: boolean, delayMs: number): void {
    const at = this.count++;
    if (at === this.pts.length) this.#grow();
    this.pts[at] = ticks;
    this.starts[at] = start;
    this.sizes[at] = size;
    this.keys[at] = key ? 1 : 0;
    if (at === 0) {
      this.low = ticks;
      this.high = ticks;
    } else if (ticks > this.high) this.high = ticks;
    else {
      this.sorted = false;
      if (ticks < this.low) this.low = ticks;
    }
    if (delayMs < this.delayMsMin) this.delayMsMin = delayMs;
    if (delayMs < this.runDelayMsMin) this.runDelayMsMin = delayMs;
    this.ropeEnd = start + size;
  }

  #grow(): void {
    const room = this.pts.length * 2;
    const widen = <Kind extends Float64Array | Uint32Array | Uint8Array>(to: Kind, from: Kind): Kind => {
      to.set(from);
      return to;
    };
    this.pts = widen(new Float64Array(room), this.pts);
    this.starts = widen(new Float64Array(room), this.starts);
    this.sizes = widen(new Uint32Array(room), this.sizes);
    this.keys = widen(new Uint8Array(room), this.keys);
  }
}

/**
 * Collects one connection's samples into fragments: one a GOP, at most FRAGMENT_MS_MAX long. The first track with
 * video (else the first) leads: it alone decides where to cut, and the others go along.
 */
export class Fragmenter {
  readonly #options: FragmenterOptions;
  readonly #tracks: Track[];
  readonly #primary: Track;
  #configs: readonly TrackConfig[];
  #arrivedMs = 0;
  #firstArrivedMs = 0;
  #payloadBytes = 0;
  #run = 0;
  #begun = false;
  #runPending = false;
  #troubles = noTroubles();
  /** Fragments not given back yet, in the order they came. */
  readonly #held: { readonly tracks: readonly FragmentTrack[]; released: boolean }[] = [];
  /** Camera's UTC minus media time of each track, from its sender reports. */
  readonly #reports: (number | undefined)[];
  /** Called after each sample while somebody watches. */
  onLive: ((sample: LiveSample) => void) | undefined;
  readonly sinks: readonly TrackSink[];

  constructor(options: FragmenterOptions) {
    assert(options.configs.length > 0, "a stream has a track");
    this.#options = options;
    this.#configs = options.configs;
    this.#tracks = options.configs.map((config, index) => new Track(index, config, options.pool));
    const video = options.configs.findIndex((config) => config.kind === "video");
    this.#primary = this.#tracks[Math.max(video, 0)] as Track;
    this.#reports = options.configs.map(() => undefined);
    this.sinks = this.#tracks.map((track) => this.#sink(track));
  }

  get configs(): readonly TrackConfig[] {
    return this.#configs;
  }

  get primaryTrack(): number {
    return this.#primary.index;
  }

  arrived(monotonicMs: number): void {
    this.#arrivedMs = monotonicMs;
  }

  /** Cuts here: what is collected becomes a fragment. */
  flush(): void {
    if (this.#tracks.some((track) => track.count > 0)) this.#cut(undefined);
  }

  /** Samples collected and not yet in a fragment, oldest first, for a viewer who joins now. */
  collected(): LiveSample[] {
    const samples: LiveSample[] = [];
    for (const track of this.#tracks) {
      for (let i = 0; i < track.count; i++) {
        const start = track.starts[i] as number;
        samples.push(this.#live(track, track.pts[i] as number, track.keys[i] === 1, start, start + (track.sizes[i] as number)));
      }
    }
    return samples;
  }

  #sink(track: Track): TrackSink {
    return {
      rope: () => track.rope,
      sample: (start, end, rtpTicks, key) => this.#sample(track, start, end, rtpTicks, key),
      abandon: (start) => track.rope.truncate(start),
      config: (config) => this.#config(track, config),
      lost: (packets) => {
        this.#troubles.lostPackets += packets;
      },
    };
  }

  #config(track: Track, config: TrackConfig): void {
    const known = this.#configs[track.index];
    if (known !== undefined && sameConfig(known, config)) return;
    this.flush();
    this.#configs = this.#configs.map((one, index) => (index === track.index ? config : one));
  }

  #sample(track: Track, start: number, end: number, rtpTicks: number, key: boolean): void {
    const troubles = this.#troubles;
    const leads = track === this.#primary;
    if (end <= start) troubles.emptySamples += 1;
    else if (end - start > SAMPLE_BYTES_MAX) troubles.largeSamples += 1;
    else if (!this.#begun && !(leads && key)) troubles.beforeKey += 1;
    else if (leads && this.#isEarly(track, rtpTicks)) troubles.beforeKey += 1;
    else {
      this.#take(track, leads, start, end, rtpTicks, key);
      return;
    }
    track.rope.truncate(start);
  }

  /** Presented before the connection's first key frame: its references were never sent. */
  #isEarly(track: Track, rtpTicks: number): boolean {
    const mediaMs = track.time.mediaMs(rtpTicks);
    return this.#run === 0 && mediaMs !== undefined && mediaMs < 0 && mediaMs > -JUMP_BACK_MS && track.time.floor < 0;
  }

  #take(track: Track, leads: boolean, start: number, end: number, rtpTicks: number, key: boolean): void {
    this.#begun = true;
    const placed = track.time.place(rtpTicks, this.#arrivedMs, leads && key && this.#configs[track.index]?.kind === "video");
    let ticks = placed.ticks;
    if (placed.repaired) this.#troubles.timeRepairs += 1;
    if (placed.jumped) {
      this.#troubles.timeJumps += 1;
      track.runDelayMsMin = Infinity;
      if (leads) this.#runPending = true;
    }
    if (leads && track.count > 0 && this.#mustCut(track, ticks, key, end - start)) {
      this.#cut(ticks);
      ticks = Math.max(ticks, track.time.floor + 1);
    } else if (!leads && track.count >= FRAGMENT_SAMPLES_MAX) this.flush();
    if (leads && key && this.#runPending) {
      this.#run += 1;
      this.#runPending = false;
    }
    if (this.#payloadBytes === 0) this.#firstArrivedMs = this.#arrivedMs;
    this.#payloadBytes += end - start;
    track.add(start, end - start, ticks, key, this.#arrivedMs - (ticks * 1_000) / track.timescale);
    this.onLive?.(this.#live(track, ticks, key, start, end));
  }

  #mustCut(track: Track, ticks: number, key: boolean, size: number): boolean {
    const lengthMs = ((ticks - track.low) * 1_000) / track.timescale;
    // Short GOPs share a fragment; the rest of a long one never takes the next GOP in.
    if (key && (this.#runPending || lengthMs >= FRAGMENT_MS_MIN || track.keys[0] === 0)) return true;
    const over =
      lengthMs + (track.time.frameTicks * 1_000) / track.timescale > FRAGMENT_MS_MAX ||
      this.#payloadBytes + size > FRAGMENT_BYTES_MAX ||
      track.count >= FRAGMENT_SAMPLES_MAX ||
      this.#arrivedMs - this.#firstArrivedMs > FRAGMENT_WAIT_MS_MAX;
    return over && (ticks > track.high || track.count >= 2 * FRAGMENT_SAMPLES_MAX);
  }

  /** @param nextTicks presentation time of the primary sample that begins the next fragment, when there is one */
  #cut(nextTicks: number | undefined): void {
    const ordered = [this.#primary, ...this.#tracks.filter((track) => track !== this.#primary)];
    const tracks: FragmentTrack[] = [];
    const troubles = this.#troubles;
    for (const track of ordered) {
      if (track.count === 0) continue;
      tracks.push(settleTrack(track, track === this.#primary ? nextTicks : undefined, troubles));
    }
    const payloadBytes = this.#payloadBytes;
    this.#payloadBytes = 0;
    this.#troubles = noTroubles();
    const first = tracks[0];
    assert(first !== undefined, "a cut has samples before it");
    const held = { tracks, released: false };
    this.#held.push(held);
    this.#options.onFragment({
      configs: this.#configs,
      key: first.keys[0] === 1 && first.index === this.#primary.index,
      run: this.#run,
      tracks,
      payloadBytes,
      troubles,
      release: () => {
        held.released = true;
        this.#dropReleased();
      },
    });
  }

  /** Ropes are given back from the front only: a fragment released early waits for those before it. */
  #dropReleased(): void {
    for (let first = this.#held[0]; first?.released === true; first = this.#held[0]) {
      for (const track of first.tracks) track.rope.dropFront(track.ropeEnd);
      this.#held.shift();
    }
  }

  /** RTCP sender report: the camera said that rtpTicks of the track is that UTC instant. */
  report(track: number, cameraUtcMs: number, rtpTicks: number): void {
    const known = this.#tracks[track];
    const mediaMs = known?.time.mediaMs(rtpTicks);
    if (mediaMs !== undefined) this.#reports[track] = cameraUtcMs - mediaMs;
  }

  /** Camera's UTC minus media time of the primary track, ms; undefined without sender reports. */
  get cameraOffsetMs(): number | undefined {
    return this.#reports[this.#primary.index];
  }

  /**
   * What to add to a track's media time to stand on the primary track's, ms: by the sender reports of both when
   * the camera sends them, else by when their samples came.
   */
  skewMs(track: number): number {
    const own = this.#reports[track];
    const primary = this.#reports[this.#primary.index];
    if (own !== undefined && primary !== undefined) return own - primary;
    const ownDelay = this.#tracks[track]?.runDelayMsMin ?? Infinity;
    const skew = ownDelay - this.#primary.runDelayMsMin;
    return Number.isFinite(skew) ? skew : 0;
  }

  /** Arrival of the primary track's least delayed sample of this run minus its media time, ms; when none came, by the last read. */
  get delayMsMin(): number {
    const known = this.#primary.runDelayMsMin;
    return Number.isFinite(known) ? known : this.#arrivedMs;
  }

  #live(track: Track, ticks: number, key: boolean, start: number, end: number): LiveSample {
    return {
      track: track.index,
      config: this.#configs[track.index] as TrackConfig,
      ticks,
      key,
      run: this.#run,
      rope: track.rope,
      start,
      end,
      monotonicMs: (ticks * 1_000) / track.timescale + track.runDelayMsMin,
    };
  }
}

/** Turns what a track has collected into its part of a fragment, and empties it. */
function settleTrack(track: Track, nextTicks: number | undefined, troubles: Troubles): FragmentTrack {
  const count = track.count;
  const pts = track.pts.slice(0, count);
  const dts = track.sorted ? pts : decodeTimes(pts, troubles);
  const last = dts[count - 1] as number;
  if (!track.sorted && count > 2) track.time.learnFrameTicks((last - (dts[0] as number)) / (count - 1));
  const frame = track.time.frameTicks;
  const follows = nextTicks !== undefined && nextTicks > last && (!track.time.reorders || nextTicks - last < frame * 1.5);
  const endTicks = follows ? nextTicks : last + frame;
  const done: FragmentTrack = {
    index: track.index,
    timescale: track.timescale,
    pts,
    dts,
    starts: track.starts.slice(0, count),
    sizes: track.sizes.slice(0, count),
    keys: track.keys.slice(0, count),
    startTicks: dts[0] as number,
    endTicks,
    delayMsMin: track.delayMsMin,
    rope: track.rope,
    ropeEnd: track.ropeEnd,
  };
  track.time.settle(last);
  track.count = 0;
  track.sorted = true;
  track.delayMsMin = Infinity;
  return done;
}

/** Sorts presentation times into decode times; equal ones are moved apart by a tick, in `pts` too. */
function decodeTimes(pts: Float64Array, troubles: Troubles): Float64Array {
  const order = Array.from(pts, (_, index) => index).sort((a, b) => (pts[a] as number) - (pts[b] as number) || a - b);
  const dts = new Float64Array(pts.length);
  let previous = -Infinity;
  order.forEach((sample, place) => {
    let ticks = pts[sample] as number;
    if (ticks <= previous) {
      ticks = previous + 1;
      troubles.timeRepairs += 1;
      pts[sample] = ticks;
    }
    dts[place] = ticks;
    previous = ticks;
  });
  return dts;
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function sameSets(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((set, index) => sameBytes(set, b[index]));
}

/** Whether a decoder set up for one can go on with the other. */
export function sameConfig(a: TrackConfig, b: TrackConfig): boolean {
  if (a.kind === "video" && b.kind === "video") {
    return a.codec === b.codec && a.clockRate === b.clockRate && sameSets(a.vps, b.vps) && sameSets(a.sps, b.sps) && sameSets(a.pps, b.pps);
  }
  if (a.kind !== "audio" || b.kind !== "audio") return false;
  return (
    a.codec === b.codec &&
    a.clockRate === b.clockRate &&
    a.sampleRate === b.sampleRate &&
    a.channels === b.channels &&
    sameBytes(a.audioSpecificConfig, b.audioSpecificConfig)
  );
}
