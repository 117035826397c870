/** A step forward beyond the time that passed by this much is a jump of the camera's clock, not a pause. */
export const JUMP_FORWARD_MS = 5_000;
/** A step back beyond this is a jump; within it, B-frames. */
export const JUMP_BACK_MS = 2_000;
/** How far behind what is already written a timestamp may be and still be moved up instead of begun anew. */
export const LATE_MS_MAX = 500;
/** Frame duration assumed until one is known: 1/25 s. */
const FIRST_FRAME_MS = 40;

export interface Placed {
  /** Ticks on the connection's own timeline, beginning at 0. */
  ticks: number;
  /** The camera's timestamps leapt here. */
  jumped: boolean;
  /** The timestamp was moved up to stay after what is written. */
  repaired: boolean;
}

/**
 * One track's timeline within a connection: the camera's timestamps with its leaps taken out. Starts at 0 and,
 * up to B-frame order, only grows.
 */
export class TrackTime {
  readonly #perMs: number;
  #offset: number | undefined;
  /** Highest presentation time so far. */
  #high = -1;
  #floor = -1;
  #frameTicks: number;
  #lastMs = 0;
  #reorders = false;
  readonly #placed: Placed = { ticks: 0, jumped: false, repaired: false };

  constructor(clockRate: number) {
    this.#perMs = clockRate / 1_000;
    this.#frameTicks = Math.round(FIRST_FRAME_MS * this.#perMs);
  }

  get high(): number {
    return this.#high;
  }

  /** Nothing more may stand at or before this. */
  get floor(): number {
    return this.#floor;
  }

  /** Usual ticks from one frame to the next. */
  get frameTicks(): number {
    return this.#frameTicks;
  }

  /** Some sample was presented before one decoded earlier. */
  get reorders(): boolean {
    return this.#reorders;
  }

  /** Media time of a timestamp, ms; undefined before the first sample. Places nothing. */
  mediaMs(rtpTicks: number): number | undefined {
    return this.#offset === undefined ? undefined : (rtpTicks - this.#offset) / this.#perMs;
  }

  /** Everything up to `ticks` is written. */
  settle(ticks: number): void {
    this.#floor = Math.max(this.#floor, ticks);
    this.#high = Math.max(this.#high, ticks);
  }

  /**
   * Places a timestamp. The answer is the same object each time.
   * @param key nothing presented earlier may follow a key sample's own time in what is before it
   */
  place(rtpTicks: number, arrivedMs: number, key: boolean): Placed {
    const placed = this.#placed;
    placed.jumped = false;
    placed.repaired = false;
    if (this.#offset === undefined) {
      this.#offset = rtpTicks;
      placed.ticks = 0;
      this.#high = 0;
      this.#lastMs = arrivedMs;
      return placed;
    }
    let ticks = rtpTicks - this.#offset;
    if (this.#isJump(ticks, arrivedMs, key)) {
      const smooth = this.#high + this.#frameTicks;
      this.#offset += ticks - smooth;
      ticks = smooth;
      placed.jumped = true;
    } else if (ticks <= this.#floor) {
      ticks = this.#floor + 1;
      placed.repaired = true;
    }
    this.#learn(ticks);
    this.#lastMs = arrivedMs;
    placed.ticks = ticks;
    return placed;
  }

  #isJump(ticks: number, arrivedMs: number, key: boolean): boolean {
    const stepMs = (ticks - this.#high) / this.#perMs;
    if (stepMs > 0) return stepMs > JUMP_FORWARD_MS && stepMs > arrivedMs - this.#lastMs + JUMP_FORWARD_MS;
    if (stepMs < -JUMP_BACK_MS) return true;
    if (key && ticks < this.#high) return true;
    return (this.#floor - ticks) / this.#perMs > LATE_MS_MAX;
  }

  #learn(ticks: number): void {
    const step = ticks - this.#high;
    if (step > 0) {
      const known = this.#frameTicks;
      const usual = this.#reorders ? undefined : Math.min(step, Math.round(this.#perMs * 1_000));
      if (usual !== undefined) this.#frameTicks = Math.max(1, Math.round(known + (usual - known) / 4));
      this.#high = ticks;
    } else if (step < 0) this.#reorders = true;
  }

  /** With B-frames the step between neighbours is known only once a fragment is sorted. */
  learnFrameTicks(ticks: number): void {
    if (ticks >= 1) this.#frameTicks = Math.round(ticks);
  }
}
