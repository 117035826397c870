import type { TrackConfig } from "../stream.ts";
import { lonelyFragment } from "./fragment.ts";
import { initSegment, trackIdOf } from "./init.ts";

/** The viewer's times begin this far in, so that what stands before the first sample has room. */
const LEAD_MS = 1_000;

interface LiveTrack {
  readonly id: number;
  readonly timescale: number;
  /** Decode time of the last sample; undefined before the first. */
  lastDts: number | undefined;
  lastPts: number;
  frameTicks: number;
  reorders: boolean;
  /** Duration that the last sample was sent with. */
  declaredTicks: number;
}

/** One sample for a viewer. */
export interface LiveFrame {
  readonly bytes: Uint8Array;
  /** Presentation time on the viewer's timeline, ms. */
  readonly mediaMs: number;
  /** As good as known: the usual frame's. */
  readonly durationMs: number;
}

/**
 * Makes fragments of one sample for one viewer. Decode times go on evenly, at most twice the usual frame apart:
 * Media Source Extensions wait for a key frame after a wider step.
 */
export class LiveMuxer {
  /** Media time 0 of the connection stands this far into the viewer's, ms. */
  static readonly leadMs = LEAD_MS;
  readonly #tracks = new Map<number, LiveTrack>();
  readonly #included: readonly number[];
  #sequence = 0;
  /** ftyp and moov of the included tracks. */
  readonly init: Uint8Array;
  /** RFC 6381 codecs of the included tracks, joined with a comma. */
  readonly codecs: string;

  /** @param include which tracks the viewer takes; by default those browsers know: video and AAC */
  constructor(configs: readonly TrackConfig[], include: (config: TrackConfig) => boolean = playsInBrowsers) {
    const chosen = configs.map((config, index) => ({ config, index })).filter((one) => include(one.config));
    this.#included = chosen.map((one) => one.index);
    chosen.forEach((one, place) => {
      const frameTicks = Math.round(one.config.clockRate / 25);
      this.#tracks.set(one.index, {
        id: trackIdOf(place),
        timescale: one.config.clockRate,
        lastDts: undefined,
        lastPts: 0,
        frameTicks,
        reorders: false,
        declaredTicks: frameTicks,
      });
    });
    this.init = initSegment(chosen.map((one) => one.config));
    this.codecs = chosen.map((one) => one.config.codecString).join(",");
  }

  /** Indexes of the tracks the viewer gets. */
  get included(): readonly number[] {
    return this.#included;
  }

  /**
   * @param shiftTicks added to the sample's time, for tracks that stand skewed to the primary one
   * @param fill copies the sample's bytes to target[at..]
   * @returns undefined when the viewer does not take the track
   */
  frame(track: number, ticks: number, key: boolean, size: number, fill: (target: Uint8Array, at: number) => void, shiftTicks = 0): LiveFrame | undefined {
    const live = this.#tracks.get(track);
    if (live === undefined) return undefined;
    const pts = Math.max(0, Math.round(ticks + shiftTicks + (LEAD_MS * live.timescale) / 1_000));
    const dts = this.#decodeTime(live, pts);
    this.#sequence += 1;
    const durationTicks = Math.max(Math.round(live.frameTicks), 1);
    live.declaredTicks = durationTicks;
    const bytes = lonelyFragment({ trackId: live.id, sequence: this.#sequence, dts, pts, durationTicks, key }, size, fill);
    return { bytes, mediaMs: (pts * 1_000) / live.timescale, durationMs: (durationTicks * 1_000) / live.timescale };
  }

  #decodeTime(live: LiveTrack, pts: number): number {
    const last = live.lastDts;
    if (last === undefined) {
      live.lastPts = pts;
      live.lastDts = pts;
      return pts;
    }
    const step = pts - live.lastPts;
    live.lastPts = pts;
    if (step < 0) live.reorders = true;
    // With B-frames single steps say little; their mean is the frame's duration.
    if (Math.abs(step) < live.timescale) live.frameTicks += (step - live.frameTicks) / (live.reorders ? 64 : 8);
    const frame = Math.max(live.frameTicks, 2);
    const wanted = live.reorders ? last + frame + (pts - last - frame) / 16 : pts;
    const dts = Math.round(Math.min(Math.max(wanted, last + 1), last + 2 * live.declaredTicks - 1));
    live.lastDts = dts;
    return dts;
  }
}

export function playsInBrowsers(config: TrackConfig): boolean {
  return config.kind === "video" || config.codec === "aac";
}
