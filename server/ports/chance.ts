import { randomBytes } from "node:crypto";

/** The only source of chance in the server. */
export interface Chance {
  /** A number in [0, 1), for jitter and the like; not a secret. */
  unit(): number;
  /** Unpredictable bytes, fit for secrets. */
  bytes(count: number): Uint8Array;
}

export function systemChance(): Chance {
  return {
    unit: () => Math.random(),
    bytes: (count) => new Uint8Array(randomBytes(count)),
  };
}

/** The same numbers for the same seed (mulberry32); for tests and simulators, never for secrets. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { unit, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(unit() * 256)) };
}
