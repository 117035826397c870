export const RETRY_MS_FIRST = 500;
export const RETRY_MS_MAX = 15_000;

/** Wait before try number `attempt` (from 1): doubles up to a limit, spread by `chance` in [0, 1). */
export function retryDelayMs(attempt: number, chance: number): number {
  const whole = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** Math.min(attempt - 1, 10));
  return Math.round(whole * (0.75 + 0.5 * chance));
}
