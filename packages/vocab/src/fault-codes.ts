/**
 * Every fault code with its HTTP status. The reader's remedy for each stands in docs/reference/faults.md;
 * the tidy test compares both lists.
 */
export const FAULT_CODES = {
  "bad-input": 400,
  "not-signed-in": 401,
  "not-allowed": 403,
  "not-found": 404,
  "conflict": 409,
  "too-large": 413,
  "too-many": 429,
  "internal": 500,
  "database-away": 503,
  "disk-full": 507,
  "disk-read-only": 507,
  "data-folder-newer": 500,
  "data-folder-in-use": 500,
  "calendar-missing": 422,
} as const satisfies Record<string, number>;
