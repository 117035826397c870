import { Fault } from "@mingjian/vocab";
import type { Span, StreamId } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import type { Band, StreamBands } from "./model.ts";

export const BAND_STREAMS_MAX = 64;
/** Bands of one kind on one stream: a coarser resolution is taken where the asked one could give more. */
export const BANDS_MAX = 4_000;

interface BandRow {
  readonly stream: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly cause: string | null;
}

/** Rows of one table joined to islands where they lie closer than the resolution; `cause` of the largest part of an island. */
function islands(table: "recordings" | "gaps", cause: string): string {
  return `with clipped as (
      select s.stream, greatest(r.start_ms, $2::bigint) as from_ms, least(r.end_ms, $3::bigint) as to_ms, ${cause} as cause
      from streams s join ${table} r on r.stream = s.number
      where s.stream = any($1) and r.start_ms < $3 and r.end_ms > $2
    ), marked as (
      select *, case when from_ms - max(to_ms) over (partition by stream order by from_ms, to_ms rows between unbounded preceding and 1 preceding) < $4::bigint
        then 0 else 1 end as begins from clipped
    ), numbered as (
      select *, sum(begins) over (partition by stream order by from_ms, to_ms) as island from marked
    ), parts as (
      select stream, island, cause, min(from_ms) as from_ms, max(to_ms) as to_ms, sum(to_ms - from_ms) as took from numbered group by stream, island, cause
    )
    select stream, min(from_ms) as from_ms, max(to_ms) as to_ms, (array_agg(cause order by took desc))[1] as cause
    from parts group by stream, island order by stream, min(from_ms)`;
}

const RECORDED = islands("recordings", "null::text");
const GAPS = islands("gaps", "r.cause");
const ENDS = `select s.stream, min(r.start_ms) as from_ms, max(r.end_ms) as to_ms, null as cause
  from streams s join recordings r on r.stream = s.number where s.stream = any($1) group by s.stream`;

/** Small gaps are drawn wider than they are rather than left out: only recorded spans swallow what lies between them. */
export async function readBands(database: Queries, streams: readonly StreamId[], span: Span, resolutionMs: number): Promise<readonly StreamBands[]> {
  if (streams.length > BAND_STREAMS_MAX) throw new Fault("bad-input", `At most ${BAND_STREAMS_MAX} streams at once.`, { pointer: "/camera" });
  if (!(resolutionMs >= 0)) throw new Fault("bad-input", "The resolution is a number of milliseconds.", { pointer: "/resolutionMs" });
  const [from, to] = [Math.floor(span.from), Math.ceil(span.to)];
  const resolution = Math.max(1, Math.ceil(resolutionMs), Math.ceil((to - from) / BANDS_MAX));
  const [recorded, gaps, ends] = await Promise.all([
    database.query<BandRow>(RECORDED, [streams, from, to, resolution]),
    database.query<BandRow>(GAPS, [streams, from, to, resolution]),
    database.query<BandRow>(ENDS, [streams]),
  ]);
  const byStream = new Map<string, Band[]>();
  for (const [kind, rows] of [
    ["recorded", recorded],
    ["gap", gaps],
  ] as const) {
    for (const row of rows) {
      const bands = byStream.get(row.stream) ?? [];
      bands.push({ kind, from: row.from_ms, to: row.to_ms, cause: row.cause });
      byStream.set(row.stream, bands);
    }
  }
  const endsOf = new Map(ends.map((row) => [row.stream, row]));
  return streams.map((stream) => ({
    stream,
    first: endsOf.get(stream)?.from_ms ?? null,
    last: endsOf.get(stream)?.to_ms ?? null,
    bands: (byStream.get(stream) ?? []).sort((a, b) => a.from - b.from || a.to - b.to),
  }));
}
