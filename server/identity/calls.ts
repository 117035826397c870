import { Fault, isFault } from "@mingjian/vocab";
import type { Database } from "../ports/index.ts";

/** What the library said no to: its HTTP status. Anything else it threw stays an error. */
export interface Refused {
  readonly refused: number;
}

/**
 * Calls the library. It answers a lost database with an error of its own now and then, so the database's state is
 * asked when something else than a plain refusal comes back.
 */
export async function callLibrary<T>(database: Database, call: () => Promise<T>): Promise<T | Refused> {
  try {
    return await call();
  } catch (error) {
    if (isFault(error)) throw error;
    const status = statusOf(error);
    if (status !== undefined && status >= 400 && status < 500) return { refused: status };
    const state = database.state();
    if (state.status === "away" || status !== undefined) {
      throw new Fault("database-away", "The database does not answer.", { cause: state.status === "away" ? state.cause : "auth library" }, { cause: error });
    }
    throw error;
  }
}

export function isRefused(answer: unknown): answer is Refused {
  return typeof answer === "object" && answer !== null && "refused" in answer;
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** Set-Cookie values as a Cookie header: what a browser would send back. */
export function cookiesBack(setCookies: readonly string[]): string {
  return setCookies.map((cookie) => cookie.slice(0, cookie.indexOf(";") < 0 ? undefined : cookie.indexOf(";"))).join("; ");
}
