import type { UtcMs } from "@mingjian/vocab";

/** A task that waits for its time. */
export interface Alarm {
  cancel(): void;
}

/** The only source of time in the server. Wall and monotonic time are kept apart: the wall clock may step. */
export interface Clock {
  /** Wall clock, whole milliseconds UTC. May step either way. */
  utcMs(): UtcMs;
  /** Milliseconds since an arbitrary instant, with a fraction. Never steps, never goes back. */
  monotonicMs(): number;
  /** Runs the task once, no sooner than `delayMs` from now. Does not keep the process alive by itself. */
  after(delayMs: number, task: () => void): Alarm;
  /** Runs the task again and again, `periodMs` apart, until cancelled. Does not keep the process alive by itself. */
  every(periodMs: number, task: () => void): Alarm;
}

export function systemClock(): Clock {
  return {
    utcMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
    every: (periodMs, task) => {
      const timer = setInterval(task, periodMs);
      timer.unref();
      return { cancel: () => clearInterval(timer) };
    },
  };
}

interface Waiting {
  atMs: number;
  readonly periodMs: number | undefined;
  readonly task: () => void;
}

/** A clock for tests: stands still until told. */
export class TestClock implements Clock {
  #monotonicMs = 1_000;
  #aheadMs: number;
  #waiting: Waiting[] = [];

  constructor(utcMs: UtcMs = Date.UTC(2026, 10, 22, 10, 15)) {
    this.#aheadMs = utcMs - this.#monotonicMs;
  }

  utcMs(): UtcMs {
    return Math.floor(this.#monotonicMs + this.#aheadMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): Alarm {
    return this.#wait({ atMs: this.#monotonicMs + delayMs, periodMs: undefined, task });
  }

  every(periodMs: number, task: () => void): Alarm {
    return this.#wait({ atMs: this.#monotonicMs + periodMs, periodMs, task });
  }

  /** Lets time pass: both clocks move on, and what falls due runs in order. */
  advance(byMs: number): void {
    const untilMs = this.#monotonicMs + byMs;
    for (;;) {
      let next: Waiting | undefined;
      for (const one of this.#waiting) if (one.atMs <= untilMs && (next === undefined || one.atMs < next.atMs)) next = one;
      if (next === undefined) break;
      this.#monotonicMs = Math.max(this.#monotonicMs, next.atMs);
      if (next.periodMs === undefined) this.#drop(next);
      else next.atMs += next.periodMs;
      next.task();
    }
    this.#monotonicMs = untilMs;
  }

  /** Steps the wall clock alone, as an administrator or NTP does. */
  step(byMs: number): void {
    this.#aheadMs += byMs;
  }

  #wait(waiting: Waiting): Alarm {
    this.#waiting.push(waiting);
    return { cancel: () => this.#drop(waiting) };
  }

  #drop(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((one) => one !== waiting);
  }
}
