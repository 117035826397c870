import type { TrackConfig, TrackSink } from "../stream.ts";

/** Turns the RTP payloads of one track into samples in a sink. Odd payloads are counted, never thrown. */
export interface Depacketiser {
  /** Samples given to a sink so far. */
  readonly samples: number;
  /** Samples dropped because a part was missing or broken. */
  readonly damaged: number;
  /** Payloads that break their format. */
  readonly malformed: number;
  /** The configuration that holds now; undefined when it comes with the plan, or is not known yet. */
  readonly config?: TrackConfig | undefined;
  /**
   * One payload b[start, end), in order.
   * @param ticks RTP timestamp unwrapped beyond 32 bits
   * @param lost packets missing right before this one
   */
  packet(b: Uint8Array, start: number, end: number, ticks: number, marker: boolean, lost: number): void;
  /** Samples go to `sink` from the next one on. Only between samples, or inside the present sink's `sample`. */
  divert(sink: TrackSink): void;
  /** The stream is over. */
  flush(): void;
}
