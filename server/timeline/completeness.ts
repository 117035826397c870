import { Fault } from "@mingjian/vocab";
import type { Span, StreamId } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import type { Completeness } from "./model.ts";
import { BAND_STREAMS_MAX } from "./bands.ts";

export const COMPLETENESS_SPANS_MAX = 400;

interface SumRow {
  readonly stream: string;
  readonly place: number;
  readonly cause: string | null;
  readonly took: number;
}

function sums(table: "recordings" | "gaps", cause: string): string {
  return `select s.stream, p.place::int as place, ${cause} as cause, sum(least(r.end_ms, p.to_ms) - greatest(r.start_ms, p.from_ms))::bigint as took
    from streams s cross join unnest($2::bigint[], $3::bigint[]) with ordinality as p (from_ms, to_ms, place)
    join ${table} r on r.stream = s.number and r.start_ms < p.to_ms and r.end_ms > p.from_ms
    where s.stream = any($1) group by 1, 2, 3`;
}

const RECORDED = sums("recordings", "null::text");
const GAPS = sums("gaps", "r.cause");

/** Recorded and missing time for each stream and span, streams first. Sums never exceed the span: a clock set back records some instants twice. */
export async function readCompleteness(database: Queries, streams: readonly StreamId[], spans: readonly Span[]): Promise<readonly Completeness[]> {
  if (streams.length > BAND_STREAMS_MAX) throw new Fault("bad-input", `At most ${BAND_STREAMS_MAX} streams at once.`, { pointer: "/camera" });
  if (spans.length > COMPLETENESS_SPANS_MAX) throw new Fault("bad-input", `At most ${COMPLETENESS_SPANS_MAX} spans at once.`, { pointer: "/spans" });
  const params = [streams, spans.map((span) => Math.floor(span.from)), spans.map((span) => Math.ceil(span.to))];
  const [recorded, gaps] = await Promise.all([database.query<SumRow>(RECORDED, params), database.query<SumRow>(GAPS, params)]);
  const recordedAt = new Map(recorded.map((row) => [`${row.stream} ${row.place}`, row.took]));
  const gapsAt = Map.groupBy(gaps, (row) => `${row.stream} ${row.place}`);
  return streams.flatMap((stream) =>
    spans.map((span, at): Completeness => {
      const place = `${stream} ${at + 1}`;
      const causes = gapsAt.get(place) ?? [];
      const longMs = span.to - span.from;
      return {
        stream,
        span,
        recordedMs: Math.min(longMs, recordedAt.get(place) ?? 0),
        gapMs: Math.min(
          longMs,
          causes.reduce((sum, row) => sum + row.took, 0),
        ),
        gapMsByCause: Object.fromEntries(causes.map((row) => [row.cause ?? "unknown", row.took])),
      };
    }),
  );
}
