import type { UtcMs } from "@mingjian/vocab";
import type { Clock } from "../ports/index.ts";

/** Our wall clock leaving our monotonic one by this between two fragments is a step, not a slew. */
export const STEP_MS = 1_000;
/** The mapping is slewed by at most this part of the time that passes (1000 ppm). */
export const SLEW_MAX = 0.001;
/** A mapping further off than this is begun anew instead of slewed. */
export const RESYNC_MS = 2_000;
/** The least delay is sought over this much of media time. */
export const DELAY_WINDOW_MS = 60_000;
/** A new run on the same connection that begins within this of where the last ended goes on from there. */
export const SEAM_MS_MAX = 1_000;
/** Footage said to begin before what is recorded ends by no more than this is moved up; by more, our clock went back. */
export const OVERLAP_MS_MAX = 10_000;

export interface MediaSpan {
  readonly run: number;
  /** Media time on the connection's timeline, ms. */
  readonly startMs: number;
  readonly endMs: number;
  /** Arrival by the monotonic clock minus media time, of the least delayed sample. */
  readonly delayMsMin: number;
}

export interface Stamp {
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  /** Follows the span before it without a seam. */
  readonly continues: boolean;
  /** Our clock stepped before this span. */
  readonly step: { readonly fromMs: UtcMs; readonly toMs: UtcMs } | undefined;
  readonly era: number;
  /** How much of endMs - startMs is slew. */
  readonly slewMs: number;
}

/**
 * Maps one stream's media time to UTC by our own clock. Anchored at the beginning of each run by the least delayed
 * sample, then slewed. Within an era the spans it gives out are in order and never overlap.
 */
export class MediaClock {
  readonly #clock: Clock;
  #era: number;
  #lastEndMs: UtcMs | undefined;
  /** UTC of media time 0; undefined between connections. */
  #offsetMs: number | undefined;
  #run = 0;
  /** Wall minus monotonic time when last looked at. */
  #aheadMs: number;
  #delays: { untilMs: number; delayMs: number }[] = [];

  /** @param lastEndMs where the footage in the chain ends, and its era */
  constructor(clock: Clock, lastEndMs: UtcMs | undefined, era: number) {
    this.#clock = clock;
    this.#lastEndMs = lastEndMs;
    this.#era = era;
    this.#aheadMs = clock.utcMs() - clock.monotonicMs();
  }

  get era(): number {
    return this.#era;
  }

  get lastEndMs(): UtcMs | undefined {
    return this.#lastEndMs;
  }

  /** UTC of media time 0 of the present run; undefined between connections. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** A new connection: its timeline has nothing to do with the last one's. */
  reset(): void {
    this.#offsetMs = undefined;
    this.#delays = [];
  }

  stamp(span: MediaSpan): Stamp {
    const aheadMs = this.#clock.utcMs() - this.#clock.monotonicMs();
    const movedMs = aheadMs - this.#aheadMs;
    const stepped = Math.abs(movedMs) >= STEP_MS;
    const begins = this.#offsetMs === undefined || span.run !== this.#run || stepped;
    if (stepped || span.run !== this.#run || this.#offsetMs === undefined) this.#delays = [];
    this.#run = span.run;
    this.#aheadMs = aheadMs;
    const targetMs = this.#leastDelay(span) + aheadMs;
    if (!begins) {
      const offMs = targetMs - (this.#offsetMs as number);
      if (Math.abs(offMs) <= RESYNC_MS) return this.#continue(span, offMs);
    }
    return this.#begin(span, targetMs, stepped ? movedMs : 0);
  }

  #leastDelay(span: MediaSpan): number {
    this.#delays = this.#delays.filter((one) => one.untilMs > span.startMs - DELAY_WINDOW_MS);
    this.#delays.push({ untilMs: span.endMs, delayMs: span.delayMsMin });
    return Math.min(...this.#delays.map((one) => one.delayMs));
  }

  #continue(span: MediaSpan, offMs: number): Stamp {
    const limitMs = (span.endMs - span.startMs) * SLEW_MAX;
    const slewMs = Math.min(Math.max(offMs, -limitMs), limitMs);
    this.#offsetMs = (this.#offsetMs as number) + slewMs;
    const startMs = this.#lastEndMs as number;
    const endMs = Math.max(span.endMs + this.#offsetMs, startMs);
    this.#lastEndMs = endMs;
    return { startMs, endMs, continues: true, step: undefined, era: this.#era, slewMs };
  }

  #begin(span: MediaSpan, targetMs: number, movedMs: number): Stamp {
    const lastEndMs = this.#lastEndMs;
    let startMs = span.startMs + targetMs;
    const wentBackMs = lastEndMs === undefined ? 0 : lastEndMs - startMs;
    let step: Stamp["step"];
    if (movedMs !== 0) step = { fromMs: Math.round(startMs - movedMs), toMs: Math.round(startMs) };
    else if (wentBackMs > OVERLAP_MS_MAX) step = { fromMs: Math.round(lastEndMs as number), toMs: Math.round(startMs) };
    if (movedMs === 0 && this.#offsetMs !== undefined && Math.abs(wentBackMs) <= SEAM_MS_MAX) startMs = lastEndMs as number;
    else if (wentBackMs > 0) {
      if (wentBackMs > OVERLAP_MS_MAX || movedMs < 0) this.#era += 1;
      else startMs = lastEndMs as number;
    }
    this.#offsetMs = startMs - span.startMs;
    const endMs = startMs + (span.endMs - span.startMs);
    this.#lastEndMs = endMs;
    return { startMs, endMs, continues: false, step, era: this.#era, slewMs: 0 };
  }
}
