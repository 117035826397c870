/** What was wrong with samples on the way into a file, counted per fragment. */
export interface Troubles {
  /** Samples of no bytes, left out. */
  emptySamples: number;
  /** Samples larger than the limit, left out. */
  largeSamples: number;
  /** Samples before the first that can be decoded, left out. */
  beforeKey: number;
  /** Timestamps that ran back or leapt; the sample stands one frame after the one before it. */
  timeJumps: number;
  /** Timestamps moved by a little: equal to another's, or just behind what is already written. */
  timeRepairs: number;
  /** RTP packets known to be missing. */
  lostPackets: number;
}

export function noTroubles(): Troubles {
  return { emptySamples: 0, largeSamples: 0, beforeKey: 0, timeJumps: 0, timeRepairs: 0, lostPackets: 0 };
}
