import { Fault, isFault, isId } from "@mingjian/vocab";
import type { SessionId, UtcMs } from "@mingjian/vocab";
import type { Alarm, Clock, Database } from "../ports/index.ts";
import type { RegisterFilter, RegisterPage, UseBegun, UseEnded } from "./model.ts";
import { lineOf, spanColumns } from "./rows.ts";
import type { RegisterRow } from "./rows.ts";

export const REGISTER_PAGE_MAX = 500;
export const ADDRESS_CHARS_MAX = 64;
/** Ends that wait for the database; the oldest beyond it is given up, and its use ends as `our-restart` at the next start. */
export const ENDS_WAITING_MAX = 10_000;
const ENDS_BATCH_MAX = 200;
const FLUSH_BEAT_MS = 500;

interface Waiting extends UseEnded {
  readonly id: SessionId;
  readonly endedAt: UtcMs;
}

/** Every use of footage: begun rows before the first byte, ended rows as soon as may be. Both tables only grow. */
export class Register {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #station: string;
  readonly #waiting = new Map<SessionId, Waiting>();
  readonly #beat: Alarm;
  #flushing: Promise<void> | undefined;

  constructor(database: Database, clock: Clock, station: string) {
    this.#database = database;
    this.#clock = clock;
    this.#station = station;
    this.#beat = clock.every(FLUSH_BEAT_MS, () => void this.flush());
  }

  /** Resolves after the row is committed. When it fails and the row was stored all the same, that use ends as `not-begun`. */
  async begin(id: SessionId, use: UseBegun): Promise<void> {
    if (!isId(id)) throw new Fault("bad-input", "This is not an id.", { pointer: "/id" });
    // Its earlier beginning failed and its end still waits: that id is spent.
    if (this.#waiting.has(id)) throw new Fault("conflict", `Use ${id} has failed before; begin another.`, { use: id });
    const [from, to] = spanColumns(use.scope);
    const values = [id, use.grant, use.user, use.camera, use.action, from, to, use.address.slice(0, ADDRESS_CHARS_MAX), this.#station];
    try {
      await this.#database.query(
        `insert into register_begun (id, grant_id, user_id, camera, action, span_from_ms, span_to_ms, address, station, started_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing`,
        [...values, this.#clock.utcMs()],
      );
      const same = await this.#database.query(
        `select 1 from register_begun b where id = $1 and grant_id = $2 and user_id = $3 and camera = $4 and action = $5
         and span_from_ms is not distinct from $6::bigint and span_to_ms is not distinct from $7::bigint and address = $8 and station = $9
         and not exists (select 1 from register_ended e where e.id = b.id)`,
        values,
      );
      if (same.length === 0) throw new Fault("conflict", `There is another use ${id} already.`, { use: id });
    } catch (error) {
      if (isFault(error) && error.code === "conflict") throw error;
      this.end(id, { bytes: 0, frames: 0, servedFrom: null, servedTo: null, cause: "not-begun" });
      const cause = isFault(error) ? error.code : "internal";
      throw new Fault("register-failed", "The use could not be entered in the register.", { cause }, { cause: error });
    }
  }

  end(id: SessionId, end: UseEnded): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.set(id, { ...end, id, endedAt: this.#clock.utcMs() });
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= ENDS_WAITING_MAX) break;
      this.#waiting.delete(oldest);
    }
    void this.flush();
  }

  /** Stores the ends that wait. What fails waits on; what was stored although it failed is stored once. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    while (this.#waiting.size > 0 && this.#database.state().status === "up") {
      const batch = [...this.#waiting.values()].slice(0, ENDS_BATCH_MAX);
      try {
        await this.#database.query(
          `insert into register_ended (id, ended_ms, cause, bytes, frames, served_from_ms, served_to_ms)
           select e.* from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
             as e (id, ended_ms, cause, bytes, frames, served_from_ms, served_to_ms)
           where exists (select 1 from register_begun b where b.id = e.id)
           on conflict (id) do nothing`,
          [
            batch.map((end) => end.id),
            batch.map((end) => end.endedAt),
            batch.map((end) => end.cause.slice(0, 64)),
            batch.map((end) => Math.round(end.bytes)),
            batch.map((end) => Math.round(end.frames)),
            batch.map((end) => whole(end.servedFrom)),
            batch.map((end) => whole(end.servedTo)),
          ],
        );
      } catch {
        return;
      }
      for (const end of batch) if (this.#waiting.get(end.id) === end) this.#waiting.delete(end.id);
    }
  }

  /** Ends in memory, not yet stored. */
  waiting(): number {
    return this.#waiting.size;
  }

  async closeLeftOpen(): Promise<number> {
    const rows = await this.#database.query(
      `insert into register_ended (id, ended_ms, cause, bytes, frames)
       select b.id, greatest($2::bigint, b.started_ms), 'our-restart', 0, 0 from register_begun b
       where b.station = $1 and not exists (select 1 from register_ended e where e.id = b.id)
       on conflict (id) do nothing returning id`,
      [this.#station, this.#clock.utcMs()],
    );
    return rows.length;
  }

  async page(filter: RegisterFilter): Promise<RegisterPage> {
    const limit = Math.max(1, Math.min(filter.limit ?? 100, REGISTER_PAGE_MAX));
    if (filter.before !== undefined && !/^\d{1,15}$/.test(filter.before)) throw new Fault("bad-input", "This is no page.", { pointer: "/before" });
    const rows = await this.#database.query<RegisterRow>(
      `select b.id, b.line, b.grant_id, b.user_id, b.camera, b.action, b.span_from_ms, b.span_to_ms, b.address, b.started_ms,
         g.purpose, g.basis, e.ended_ms, e.cause, e.served_from_ms, e.served_to_ms, e.bytes, e.frames
       from register_begun b join grants g on g.id = b.grant_id left join register_ended e on e.id = b.id
       where ($1::bigint is null or b.line < $1) and ($2::bigint is null or b.started_ms >= $2) and ($3::bigint is null or b.started_ms < $3)
         and ($4::text is null or b.camera = $4) and ($5::text is null or b.user_id = $5) and ($6::text is null or b.grant_id = $6)
         and (not $7::boolean or e.id is null)
       order by b.line desc limit $8`,
      [
        filter.before ?? null,
        whole(filter.from ?? null),
        whole(filter.to ?? null),
        filter.camera ?? null,
        filter.user ?? null,
        filter.grant ?? null,
        filter.openOnly ?? false,
        limit + 1,
      ],
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { lines: shown.map(lineOf), next: rows.length > limit && last !== undefined ? String(last.line) : null };
  }

  async close(): Promise<void> {
    this.#beat.cancel();
    await this.flush();
  }
}

function whole(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
