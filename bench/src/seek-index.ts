import type { StreamId, UtcMs } from "@mingjian/vocab";
import type { Database } from "../../server/ports/index.ts";

export const SEGMENT_MS = 60_000;
const SEGMENT_BYTES = 30_000_000;
/** Every camera is missing this much of each day, at another time each day. */
const GAP_MS = 120_000;

export interface IndexPlan {
  readonly streams: readonly StreamId[];
  readonly from: UtcMs;
  readonly days: number;
}

/**
 * Fills the index as the recorder would have in so many days: a segment a minute, one gap a day, a recording between
 * two gaps. Rows are made inside the database: COPY over a socket would measure nothing else.
 */
export async function fillIndex(database: Database, plan: IndexPlan): Promise<number> {
  const to = plan.from + plan.days * 86_400_000;
  let segments = 0;
  for (const [place, stream] of plan.streams.entries()) {
    const number = await oneStream(database, stream);
    const gapAt = `($2::bigint + d * 86400000 + ((${place} * 7919 + d * 104729) % 1380) * 60000)`;
    segments += await database.execute(
      `insert into segments (stream, start_ms, end_ms, seq, bytes, digest, file, era)
       select $1, t, t + ${SEGMENT_MS}, (t - $2) / ${SEGMENT_MS} + 1, ${SEGMENT_BYTES}, sha256(int8send(t)),
         $4 || '/main/' || to_char(to_timestamp(t / 1000.0) at time zone 'UTC', 'YYYY-MM-DD/YYYYMMDD"T"HH24MISS.MS"Z-"') || lpad(((t - $2) / ${SEGMENT_MS} + 1)::text, 8, '0') || '.mp4', 0
       from generate_series($2::bigint, $3::bigint - 1, ${SEGMENT_MS}) t
       where not exists (select 1 from (select ${gapAt} as g from (select (t - $2) / 86400000 as d) x) y where t >= g and t < g + ${GAP_MS})`,
      [number, plan.from, to, stream.slice(0, stream.indexOf("."))],
    );
    await database.query(
      `insert into gaps (stream, seq, start_ms, end_ms, cause)
       select $1, 1000000 + d, ${gapAt}, ${gapAt} + ${GAP_MS}, 'unreachable' from generate_series(0::bigint, $3::bigint - 1) d`,
      [number, plan.from, plan.days],
    );
    await database.query(
      `insert into recordings (stream, first_seq, last_seq, start_ms, end_ms, segments, bytes)
       select $1, min(seq), max(seq), min(start_ms), max(end_ms), count(*), sum(bytes)
       from (select *, sum(begins) over (order by start_ms) as run from
         (select *, case when start_ms = lag(end_ms) over (order by start_ms) then 0 else 1 end as begins from segments where stream = $1) s) r
       group by run`,
      [number],
    );
    await database.query("update streams set longest_ms = $2, indexed_seq = 2000000 where number = $1", [number, SEGMENT_MS]);
  }
  for (const table of ["segments", "recordings", "gaps", "streams"]) await database.query(`analyze ${table}`);
  return segments;
}

async function oneStream(database: Database, stream: StreamId): Promise<number> {
  const [row] = await database.query<{ number: number }>("insert into streams (stream) values ($1) returning number", [stream]);
  if (row === undefined) throw new Error("the stream has no number");
  return row.number;
}
