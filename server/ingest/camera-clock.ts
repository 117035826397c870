/** Reports whose least delayed one stands for their time. */
export const REPORTS_A_POINT = 8;
/** Points the drift is computed from. */
export const CLOCK_POINTS_MAX = 64;
/** The drift is told only when the points span this long. */
export const DRIFT_SPAN_MS_MIN = 5 * 60_000;
/** A larger difference between two reports is a step of a clock, and the drift is measured anew. */
export const CLOCK_STEP_MS = 2_000;

interface Point {
  readonly atMs: number;
  readonly offsetMs: number;
}

/**
 * The camera's clock against ours, from sender reports. A report can only come late, which makes the camera look
 * slow: so of several reports the one with the largest offset is the truest.
 */
export class CameraClock {
  #points: Point[] = [];
  #best: Point | undefined;
  #reports = 0;
  #last: Point | undefined;
  /** Steps of either clock seen so far. */
  steps = 0;

  /** A report read at monotonic time `atMs` says the camera's clock was `offsetMs` ahead of ours. */
  report(atMs: number, offsetMs: number): void {
    if (this.#last !== undefined && Math.abs(offsetMs - this.#last.offsetMs) > CLOCK_STEP_MS) {
      this.steps += 1;
      this.#points = [];
      this.#best = undefined;
      this.#reports = 0;
    }
    this.#last = { atMs, offsetMs };
    if (this.#best === undefined || offsetMs > this.#best.offsetMs) this.#best = this.#last;
    this.#reports += 1;
    if (this.#reports < REPORTS_A_POINT) return;
    this.#points.push(this.#best);
    if (this.#points.length > CLOCK_POINTS_MAX) this.#points.shift();
    this.#best = undefined;
    this.#reports = 0;
  }

  get offsetMs(): number | undefined {
    const settled = this.#points.at(-1);
    if (this.#best === undefined) return settled?.offsetMs;
    return settled === undefined ? this.#best.offsetMs : Math.max(settled.offsetMs, this.#best.offsetMs);
  }

  /** Slope of the points by least squares. */
  get driftMsPerHour(): number | undefined {
    const first = this.#points[0];
    const last = this.#points.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < DRIFT_SPAN_MS_MIN) return undefined;
    const count = this.#points.length;
    const meanAt = this.#points.reduce((sum, one) => sum + one.atMs, 0) / count;
    const meanOffset = this.#points.reduce((sum, one) => sum + one.offsetMs, 0) / count;
    let above = 0;
    let below = 0;
    for (const one of this.#points) {
      above += (one.atMs - meanAt) * (one.offsetMs - meanOffset);
      below += (one.atMs - meanAt) ** 2;
    }
    return (above / below) * 3_600_000;
  }
}
