import type { FAULT_CODES } from "./fault-codes.ts";

/** A code from the closed list in fault-codes.ts, each explained in docs/reference/faults.md. */
export type FaultCode = keyof typeof FAULT_CODES;

/** Facts that fill the message: numbers, names and paths, never a secret. */
export type FaultDetails = Readonly<Record<string, string | number | boolean | null>>;

/** A broken promise, with a code a reader can look up. Odd bytes from outside are values, not Faults. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly details: FaultDetails;

  constructor(code: FaultCode, message: string, details: FaultDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "Fault";
    this.code = code;
    this.details = details;
  }
}

export function isFault(value: unknown): value is Fault {
  return value instanceof Fault;
}
