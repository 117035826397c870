import type { GapCause } from "@mingjian/media";

export const BACK_OFF_MS_MIN = 1_000;
export const BACK_OFF_MS_MAX = 30_000;
/** A wrong password is tried slowly, so that the camera does not lock the account for its other users. */
export const UNAUTHORISED_MS_MIN = 60_000;
export const UNAUTHORISED_MS_MAX = 300_000;
/** A stream that brought pictures for this long begins its next outage with the shortest wait. */
export const HEALTHY_MS = 10_000;

/**
 * Wait before the next attempt: doubles with each failure, and half of it is left to chance so that cameras that
 * failed together do not come back together.
 * @param failures in a row, from 1
 * @param chance in [0, 1)
 */
export function backOffMs(failures: number, cause: GapCause, chance: number): number {
  const slow = cause === "unauthorised";
  const least = slow ? UNAUTHORISED_MS_MIN : BACK_OFF_MS_MIN;
  const most = slow ? UNAUTHORISED_MS_MAX : BACK_OFF_MS_MAX;
  const whole = Math.min(most, least * 2 ** Math.min(failures - 1, 16));
  return whole * (0.5 + 0.5 * chance);
}
