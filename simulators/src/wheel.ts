import type { Camera } from "./camera.ts";
import { FRAME_MS } from "./clip.ts";

const SLOT_MS = 5;
const SLOTS = FRAME_MS / SLOT_MS;

/** One timer for all cameras: each lies in the 5 ms slot of its phase, and only while somebody plays it. */
export class Wheel {
  readonly #nowMs: () => number;
  readonly #slots: Set<Camera>[] = Array.from({ length: SLOTS }, () => new Set<Camera>());
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;
  #cameras = 0;
  #stopped = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(camera: Camera): void {
    const slot = this.#slots[Math.floor((camera.phaseMs % FRAME_MS) / SLOT_MS)];
    if (slot === undefined || slot.has(camera)) return;
    slot.add(camera);
    this.#cameras += 1;
    if (this.#timer === undefined && !this.#stopped) {
      this.#lastTick = Math.floor(this.#nowMs() / SLOT_MS);
      this.#arm();
    }
  }

  /** For good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const waitMs = (this.#lastTick + 1) * SLOT_MS - this.#nowMs();
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(waitMs)));
  }

  #turn(): void {
    const now = this.#nowMs();
    const tick = Math.floor(now / SLOT_MS);
    // After a stall every slot is visited once; a sender catches up by itself.
    for (let at = Math.max(this.#lastTick + 1, tick - SLOTS + 1); at <= tick; at++) {
      const slot = this.#slots[at % SLOTS];
      if (slot === undefined) continue;
      for (const camera of slot) {
        if (camera.playing) camera.advance(now);
        else {
          slot.delete(camera);
          this.#cameras -= 1;
        }
      }
    }
    this.#lastTick = tick;
    if (this.#cameras > 0) this.#arm();
    else this.#timer = undefined;
  }
}
