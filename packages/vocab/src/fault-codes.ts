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
  "disk-failed": 507,
  "data-folder-newer": 500,
  "data-folder-in-use": 500,
  "calendar-missing": 422,
  "bad-settings": 500,
  "grant-needed": 403,
  "grant-expired": 403,
  "grant-revoked": 403,
  "register-failed": 503,
  "recorder-away": 503,
  "no-footage": 404,
  "client-too-slow": 503,
  "stopping": 503,
} as const satisfies Record<string, number>;
