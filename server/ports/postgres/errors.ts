import { Fault, isFault } from "@mingjian/vocab";

/** SQLSTATE classes and codes (PostgreSQL manual, appendix A) that mean: not now, not here. */
const AWAY_STATES = new Set(["57P01", "57P02", "57P03", "57P05", "57014", "53000", "53100", "53200", "53300", "53400", "55P03", "25006", "58030", "58000"]);
const AWAY_SYSTEM = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "ENOTFOUND",
  "EACCES",
  "ECONNABORTED",
]);
const AWAY_WORDS = /connection terminated|connection ended|timeout|client has encountered a connection error|not queryable|client was closed/i;

export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The connection itself is gone, as against a server that lives and said no. */
export function isConnectionLost(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) return code.startsWith("08") || code.startsWith("57P");
  if (code !== undefined && AWAY_SYSTEM.has(code)) return true;
  return error instanceof Error && AWAY_WORDS.test(error.message);
}

export function isAway(error: unknown): boolean {
  const code = errorCode(error);
  return isConnectionLost(error) || (code !== undefined && (AWAY_STATES.has(code) || code.startsWith("08")));
}

/** Serialisation failure or deadlock: the same transaction may succeed when run again. */
export function isRetryable(error: unknown): boolean {
  const code = errorCode(error);
  return code === "40001" || code === "40P01";
}

export function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${errorCode(error) ?? "lost"}: ${message.slice(0, 200)}`;
}

/** A Fault when the database is away; every other error is our own mistake and stays as it is. */
export function toFault(error: unknown): unknown {
  if (isFault(error) || !isAway(error)) return error;
  return new Fault("database-away", `The database does not answer (${causeOf(error)}).`, { cause: causeOf(error) }, { cause: error });
}
