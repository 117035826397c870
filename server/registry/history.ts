import type { UtcMs } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import type { Actor, Change } from "./model.ts";

/** The channel on which every process hears that the registry changed. */
export const CHANNEL = "registry_changed";

export interface Written {
  readonly kind: Change["kind"];
  readonly subject: string;
  readonly action: Change["action"];
  readonly fields: Change["fields"];
}

/** The line of the change history and the word to the other processes, in the transaction of the change itself. */
export async function writeHistory(tx: Queries, at: UtcMs, by: Actor, written: Written): Promise<void> {
  await tx.query("insert into registry_changes (at_ms, by_whom, kind, subject, action, fields) values ($1, $2, $3, $4, $5, $6)", [
    at,
    by,
    written.kind,
    written.subject,
    written.action,
    JSON.stringify(written.fields),
  ]);
  await tx.query("select pg_notify($1, $2)", [CHANNEL, written.subject]);
}

/** Field -> [before, after] of what differs. */
export function differences(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Change["fields"] {
  const fields: Record<string, readonly [unknown, unknown]> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, fresh] = [before[key] ?? null, after[key] ?? null];
    if (JSON.stringify(old) !== JSON.stringify(fresh)) fields[key] = [old, fresh];
  }
  return fields;
}
