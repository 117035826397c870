/** How a session is kept: with the request the camera takes, or with none. */
export type KeepAliveHabit = "GET_PARAMETER" | "OPTIONS" | "SET_PARAMETER" | "none";

const HABITS: readonly KeepAliveHabit[] = ["GET_PARAMETER", "OPTIONS", "SET_PARAMETER", "none"];

/** Requests are never further apart than this, whatever the camera's timeout. */
export const KEEP_ALIVE_MS_MAX = 30_000;
export const KEEP_ALIVE_MS_MIN = 2_000;

/** The first habit to try, from the camera's Public header (RFC 2326 12.28). */
export function firstHabit(publicHeader: string | undefined): KeepAliveHabit {
  return publicHeader !== undefined && !/\bGET_PARAMETER\b/i.test(publicHeader) ? "OPTIONS" : "GET_PARAMETER";
}

/** The habit to try when the camera refused one. */
export function nextHabit(refused: KeepAliveHabit): KeepAliveHabit {
  return HABITS[HABITS.indexOf(refused) + 1] ?? "none";
}

/** Half the camera's timeout, within our limits. */
export function keepAliveMs(timeoutMs: number): number {
  return Math.min(KEEP_ALIVE_MS_MAX, Math.max(KEEP_ALIVE_MS_MIN, timeoutMs / 2));
}
