/**
 * How closely live pictures follow the newest frame. Behind means: end of what is buffered less the playhead.
 * The aim rises a little at every stall and falls again while pictures flow.
 */
export const AIM_MS_MIN = 80;
export const AIM_MS_MAX = 600;
export const JUMP_BEHIND_MS = 1000;
const STALL_STEP_MS = 40;
const CALM_MS = 10_000;
const CALM_STEP_MS = 10;

export interface LatencyState {
  readonly aimMs: number;
  /** When the aim last moved, any clock that only goes forward. */
  readonly movedAtMs: number;
}

export interface LatencyStep {
  readonly state: LatencyState;
  readonly rate: number;
  /** True: leave the playhead behind and continue `aimMs` before the newest frame. */
  readonly jump: boolean;
}

/** The least aim for pictures `frameMs` apart: one frame being shown, half a frame of jitter, and the decoder. */
export function aimFloorMs(frameMs: number): number {
  return Math.min(AIM_MS_MAX, Math.max(AIM_MS_MIN, 1.5 * frameMs + 40));
}

export function startLatency(nowMs: number): LatencyState {
  return { aimMs: AIM_MS_MIN, movedAtMs: nowMs };
}

export function afterStall(state: LatencyState, nowMs: number): LatencyState {
  return { aimMs: Math.min(AIM_MS_MAX, state.aimMs + STALL_STEP_MS), movedAtMs: nowMs };
}

/** What to do about a playhead `behindMs` behind, with pictures `frameMs` apart. */
export function controlLatency(state: LatencyState, behindMs: number, frameMs: number, nowMs: number): LatencyStep {
  const floor = aimFloorMs(frameMs);
  let next = state;
  if (next.aimMs > floor && nowMs - next.movedAtMs >= CALM_MS) {
    next = { aimMs: Math.max(floor, next.aimMs - CALM_STEP_MS), movedAtMs: nowMs };
  }
  const aimMs = Math.max(floor, next.aimMs);
  if (aimMs !== next.aimMs) next = { ...next, aimMs };
  const excess = behindMs - aimMs;
  if (behindMs > Math.max(JUMP_BEHIND_MS, 2 * aimMs)) return { state: next, rate: 1, jump: true };
  return { state: next, rate: rateFor(excess), jump: false };
}

function rateFor(excessMs: number): number {
  if (excessMs > 300) return 1.2;
  if (excessMs > 120) return 1.1;
  if (excessMs > 40) return 1.05;
  if (excessMs < -50) return 0.96;
  return 1;
}
