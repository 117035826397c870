import type { Alarm, Clock } from "../ports/index.ts";

/** One step of the beat. */
export const BEAT_STEP_MS = 50;
/** Steps of one round: an unwatched stream is read once in 200 ms, so that one large read serves; 0.35 CPU-s/GB less than at 100 ms. */
export const BEAT_STEPS = 4;

/** What is called once in a round of the beat. */
export interface Beaten {
  beat(nowMs: number): void;
}

/** The only timer of the room: calls everyone once a round, spread evenly over its steps. */
export class Beat {
  readonly #clock: Clock;
  readonly #slots: Set<Beaten>[] = Array.from({ length: BEAT_STEPS }, () => new Set<Beaten>());
  #step = 0;
  #alarm: Alarm | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(one: Beaten): void {
    const slot = this.#slots.reduce((least, next) => (next.size < least.size ? next : least));
    slot.add(one);
    this.#alarm ??= this.#clock.every(BEAT_STEP_MS, () => this.#next());
  }

  remove(one: Beaten): void {
    for (const slot of this.#slots) slot.delete(one);
    if (this.#alarm === undefined || this.#slots.some((slot) => slot.size > 0)) return;
    this.#alarm.cancel();
    this.#alarm = undefined;
  }

  #next(): void {
    this.#step = (this.#step + 1) % BEAT_STEPS;
    const slot = this.#slots[this.#step];
    if (slot === undefined || slot.size === 0) return;
    const nowMs = this.#clock.monotonicMs();
    for (const one of slot) one.beat(nowMs);
  }
}
