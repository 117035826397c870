import { Fault } from "@mingjian/vocab";
import type { UtcMs } from "@mingjian/vocab";
import type { Database, Queries } from "../ports/index.ts";

/** Failed sign-ins in a row after which an account, or an address, must wait. */
export const ACCOUNT_FAILURES_MAX = 5;
export const ADDRESS_FAILURES_MAX = 30;
export const LOCK_MS = 15 * 60_000;
/** After so long without a failure the count begins anew. */
export const FAILURES_FORGOTTEN_MS = 15 * 60_000;
const SUBJECT_CHARS_MAX = 64;

export interface Attempt {
  readonly account: string;
  readonly address: string;
}

interface FailureRow {
  readonly failures: number;
  readonly locked_until_ms: number;
}

/**
 * Counts an attempt as failed before the password is looked at, so that guesses sent at the same time count too;
 * `forgive` takes it back. @throws Fault `locked-out` without counting while a lock stands.
 */
export function countAttempt(database: Database, attempt: Attempt, now: UtcMs): Promise<void> {
  return database.transaction(async (tx) => {
    // Always in the same order: two attempts never wait for each other in a ring.
    await countOne(tx, "account", attempt.account, ACCOUNT_FAILURES_MAX, now);
    await countOne(tx, "address", attempt.address, ADDRESS_FAILURES_MAX, now);
  });
}

async function countOne(tx: Queries, kind: "account" | "address", subject: string, max: number, now: UtcMs): Promise<void> {
  const key = subject.slice(0, SUBJECT_CHARS_MAX);
  const [row] = await tx.query<FailureRow>(
    `insert into sign_in_failures (kind, subject, failures, last_ms) values ($1, $2, 0, $3)
     on conflict (kind, subject) do update set subject = excluded.subject returning failures, locked_until_ms`,
    [kind, key, now],
  );
  if (row !== undefined && row.locked_until_ms > now) {
    const retryAfterSeconds = Math.ceil((row.locked_until_ms - now) / 1000);
    throw new Fault("locked-out", "Too many failed sign-ins.", { kind, retryAfterSeconds });
  }
  await tx.query(
    `update sign_in_failures set
       failures = case when last_ms < $3::bigint - $4::bigint or (locked_until_ms > 0 and locked_until_ms <= $3) then 1 else failures + 1 end,
       locked_until_ms = case when last_ms >= $3::bigint - $4::bigint and locked_until_ms = 0 and failures + 1 >= $5::int then $3::bigint + $6::bigint else 0 end,
       last_ms = $3
     where kind = $1 and subject = $2`,
    [kind, key, now, FAILURES_FORGOTTEN_MS, max, LOCK_MS],
  );
}

/** The attempt did not fail: the account's count is cleared, the address's loses this one. */
export async function forgive(database: Queries, attempt: Attempt): Promise<void> {
  await database.query("delete from sign_in_failures where kind = 'account' and subject = $1", [attempt.account.slice(0, SUBJECT_CHARS_MAX)]);
  await database.query("update sign_in_failures set failures = greatest(failures - 1, 0), locked_until_ms = 0 where kind = 'address' and subject = $1", [
    attempt.address.slice(0, SUBJECT_CHARS_MAX),
  ]);
}

/** Half forgiven: the password was right, the code is still to come. The account's count stays as it was before. */
export async function takeBack(database: Queries, attempt: Attempt): Promise<void> {
  await database.query(
    `update sign_in_failures set failures = greatest(failures - 1, 0), locked_until_ms = 0
     where (kind = 'account' and subject = $1) or (kind = 'address' and subject = $2)`,
    [attempt.account.slice(0, SUBJECT_CHARS_MAX), attempt.address.slice(0, SUBJECT_CHARS_MAX)],
  );
}

export async function unlock(tx: Queries, account: string): Promise<void> {
  await tx.query("delete from sign_in_failures where kind = 'account' and subject = $1", [account.slice(0, SUBJECT_CHARS_MAX)]);
}

/** Rows nobody needs: keeps the table small under a flood of names. */
export async function sweepFailures(database: Queries, now: UtcMs): Promise<void> {
  await database.query("delete from sign_in_failures where last_ms < $1 and locked_until_ms <= $2", [now - FAILURES_FORGOTTEN_MS, now]);
}
