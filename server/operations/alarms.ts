import { isFault } from "@mingjian/vocab";
import type { CameraId, Span, UtcMs } from "@mingjian/vocab";
import type { Database } from "../ports/index.ts";

/** Alarms open at once; a station of this many troubles has one that is larger. */
export const OPEN_ALARMS_MAX = 10_000;
/** Changes kept while the database is away. */
export const PENDING_MAX = 20_000;
export const ALARMS_LISTED_MAX = 5_000;
const DETAIL_CHARS_MAX = 1_000;

/** An alarm as it stands now. */
export interface AlarmNow {
  readonly code: string;
  readonly level: "warning" | "alarm";
  /** null: of the whole station. */
  readonly camera: CameraId | null;
  readonly detail: string;
}

/** An alarm as it was; `toMs` null: still there. */
export interface AlarmLine extends AlarmNow {
  readonly id: string;
  readonly fromMs: UtcMs;
  readonly toMs: UtcMs | null;
}

interface Row {
  readonly id: string;
  readonly code: string;
  readonly camera: string | null;
  readonly level: "warning" | "alarm";
  readonly detail: string;
  readonly from_ms: number;
  readonly to_ms: number | null;
}

const ENTER = `insert into alarms (id, code, camera, level, detail, from_ms, to_ms) values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (id) do update set to_ms = coalesce(alarms.to_ms, excluded.to_ms)`;

function keyOf(alarm: AlarmNow): string {
  return `${alarm.code} ${alarm.camera ?? ""}`;
}

/** Keeps the history of alarms: told what stands now, it enters what came and what went. */
export class AlarmLog {
  readonly #database: Database;
  readonly #open = new Map<string, AlarmLine>();
  #pending: AlarmLine[] = [];
  #leftOver: AlarmLine[] | undefined;
  #writing: Promise<void> | undefined;
  /** Changes left out because PENDING_MAX or OPEN_ALARMS_MAX was reached. */
  leftOut = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Tells what stands at this instant. Resolves when it is stored, or the database is away and it waits. */
  async observe(alarms: readonly AlarmNow[], at: UtcMs): Promise<void> {
    const standing = new Set(alarms.map(keyOf));
    for (const [key, line] of this.#open) {
      if (standing.has(key)) continue;
      this.#open.delete(key);
      this.#queue({ ...line, toMs: Math.max(at, line.fromMs) });
    }
    for (const alarm of alarms) this.#begin(alarm, at);
    this.#writing ??= this.#write(at).finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** Alarms of these cameras and of the whole station that share an instant with the span, oldest first. */
  async list(span: Span, cameras: readonly CameraId[]): Promise<readonly AlarmLine[]> {
    const rows = await this.#database.query<Row>(
      `select id, code, camera, level, detail, from_ms, to_ms from alarms
       where from_ms < $2 and (to_ms is null or to_ms > $1) and (camera is null or camera = any($3)) order by from_ms limit $4`,
      [Math.floor(span.from), Math.ceil(span.to), cameras, ALARMS_LISTED_MAX],
    );
    return rows.map(lineOf);
  }

  #begin(alarm: AlarmNow, at: UtcMs): void {
    const key = keyOf(alarm);
    if (this.#open.has(key)) return;
    if (this.#open.size >= OPEN_ALARMS_MAX) {
      this.leftOut += 1;
      return;
    }
    const fromMs = Math.floor(at);
    const line: AlarmLine = {
      ...alarm,
      detail: alarm.detail.slice(0, DETAIL_CHARS_MAX),
      id: `${alarm.code} ${alarm.camera ?? "-"} ${fromMs}`,
      fromMs,
      toMs: null,
    };
    this.#open.set(key, line);
    this.#queue(line);
  }

  #queue(line: AlarmLine): void {
    if (this.#pending.length >= PENDING_MAX) this.leftOut += 1;
    else this.#pending.push(line);
  }

  async #write(at: UtcMs): Promise<void> {
    try {
      await this.#endLeftOver(at);
      while (this.#pending.length > 0) {
        const line = this.#pending[0] as AlarmLine;
        const toMs = line.toMs === null ? null : Math.floor(line.toMs);
        // Entering again what was stored and not acknowledged changes nothing.
        await this.#database.query(ENTER, [line.id, line.code, line.camera, line.level, line.detail, line.fromMs, toMs]);
        this.#pending.shift();
      }
    } catch (error) {
      if (!isFault(error) || error.code !== "database-away") throw error;
    }
  }

  /** Once after a start: what an earlier run left open and is not there any more ended with that run or since. */
  async #endLeftOver(at: UtcMs): Promise<void> {
    if (this.#leftOver !== undefined) return;
    const own = new Set([...this.#open.values()].map((line) => line.id));
    const rows = await this.#database.query<Row>("select id, code, camera, level, detail, from_ms, to_ms from alarms where to_ms is null limit $1", [
      OPEN_ALARMS_MAX,
    ]);
    const leftOver = rows.map(lineOf).filter((line) => !own.has(line.id));
    for (const line of leftOver) {
      const now = this.#open.get(keyOf(line));
      // Still standing: it goes on as the one it was.
      if (now !== undefined) {
        this.#pending = this.#pending.filter((one) => one.id !== now.id);
        this.#open.set(keyOf(line), line);
      } else await this.#database.query("update alarms set to_ms = greatest(from_ms, $2) where id = $1 and to_ms is null", [line.id, Math.floor(at)]);
    }
    this.#leftOver = leftOver;
  }
}

function lineOf(row: Row): AlarmLine {
  return { id: row.id, code: row.code, camera: row.camera as CameraId | null, level: row.level, detail: row.detail, fromMs: row.from_ms, toMs: row.to_ms };
}
