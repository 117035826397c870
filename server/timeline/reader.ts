import { Fault } from "@mingjian/vocab";
import type { Span, StreamId } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import { readBands } from "./bands.ts";
import { readCompleteness } from "./completeness.ts";
import type { Found, Gap, Recording, Segment, TimelineReader } from "./model.ts";

export const RANGE_SEGMENTS_MAX = 2_000;
export const LIST_ROWS_MAX = 10_000;

interface SegmentRow {
  readonly seq: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
}

interface FoundRow extends SegmentRow {
  /** Where a segment of a later era takes over. */
  readonly until_ms: number | null;
  readonly what: "in" | "next" | "gap";
}

const SEGMENT = "g.seq, g.start_ms, g.end_ms, g.file, g.bytes, encode(g.digest, 'hex') as digest";

/** Where the first segment of a later era begins within `g`, after the instant. */
const UNTIL = `(select min(n.start_ms) from segments n
  where n.stream = s.number and n.start_ms > $2 and n.start_ms >= g.start_ms and n.start_ms < g.end_ms and n.era > g.era) as until_ms`;

/**
 * The segment that holds the instant, else the next one; and the gap the instant lies in. Where the clock was set back
 * and two hold it, the one of the later era. `longest_ms` keeps the first search to a handful of rows.
 */
const FIND = `with s as (select number, longest_ms from streams where stream = $1)
  (select 'in' as what, ${SEGMENT}, ${UNTIL} from s, lateral (
     select * from segments where stream = s.number and start_ms <= $2 and start_ms > $2 - s.longest_ms - 1 and end_ms > $2 order by era desc, start_ms desc, seq desc limit 1) g)
  union all
  (select 'next', ${SEGMENT}, ${UNTIL} from s, lateral (
     select * from segments where stream = s.number and start_ms > $2 order by start_ms, seq desc limit 1) g)
  union all
  (select 'gap', g.seq, g.start_ms, g.end_ms, g.cause, 0, '', null from s, lateral (
     select * from gaps where stream = s.number and end_ms > $2 and start_ms <= $2 order by end_ms, seq limit 1) g)`;

export function createReader(database: Queries): TimelineReader {
  return {
    async find(stream, atMs): Promise<Found> {
      const rows = await database.query<FoundRow>(FIND, [stream, Math.floor(atMs)]);
      const holds = rows.find((row) => row.what === "in");
      if (holds !== undefined) return { kind: "in", segment: segmentOf(stream, holds), untilMs: holds.until_ms ?? holds.end_ms };
      const next = rows.find((row) => row.what === "next");
      const why = rows.find((row) => row.what === "gap");
      const gap: Gap | undefined = why === undefined ? undefined : { stream, startMs: why.start_ms, endMs: why.end_ms, cause: why.file };
      return next === undefined ? { kind: "none", gap } : { kind: "next", segment: segmentOf(stream, next), untilMs: next.until_ms ?? next.end_ms, gap };
    },
    async range(stream, span) {
      checkSpan(span);
      const rows = await database.query<SegmentRow>(
        `select ${SEGMENT} from streams s join segments g on g.stream = s.number
         where s.stream = $1 and g.start_ms < $3 and g.start_ms > $2 - s.longest_ms - 1 and g.end_ms > $2 order by g.start_ms, g.seq limit $4`,
        [stream, Math.floor(span.from), Math.ceil(span.to), RANGE_SEGMENTS_MAX],
      );
      return rows.map((row) => segmentOf(stream, row));
    },
    async recordings(stream, span) {
      checkSpan(span);
      const rows = await database.query<{ start_ms: number; end_ms: number; segments: number; bytes: number }>(
        `select r.start_ms, r.end_ms, r.segments, r.bytes from streams s join recordings r on r.stream = s.number
         where s.stream = $1 and r.start_ms < $3 and r.end_ms > $2 order by r.start_ms, r.first_seq limit ${LIST_ROWS_MAX}`,
        [stream, Math.floor(span.from), Math.ceil(span.to)],
      );
      return rows.map((row): Recording => ({ stream, startMs: row.start_ms, endMs: row.end_ms, segments: row.segments, bytes: row.bytes }));
    },
    async gaps(stream, span) {
      checkSpan(span);
      const rows = await database.query<{ start_ms: number; end_ms: number; cause: string }>(
        `select g.start_ms, g.end_ms, g.cause from streams s join gaps g on g.stream = s.number
         where s.stream = $1 and g.start_ms < $3 and g.end_ms > $2 order by g.start_ms, g.seq limit ${LIST_ROWS_MAX}`,
        [stream, Math.floor(span.from), Math.ceil(span.to)],
      );
      return rows.map((row): Gap => ({ stream, startMs: row.start_ms, endMs: row.end_ms, cause: row.cause }));
    },
    bands: (streams, span, resolutionMs) => {
      checkSpan(span);
      return readBands(database, streams, span, resolutionMs);
    },
    completeness: (streams, spans) => {
      for (const span of spans) checkSpan(span);
      return readCompleteness(database, streams, spans);
    },
    async indexed(stream) {
      const [row] = await database.query<{ indexed_seq: number }>("select indexed_seq from streams where stream = $1", [stream]);
      return row?.indexed_seq ?? 0;
    },
  };
}

function checkSpan(span: Span): void {
  if (!Number.isFinite(span.from) || !Number.isFinite(span.to) || span.from > span.to) {
    throw new Fault("bad-input", "The span ends before it begins.", { pointer: "/to" });
  }
}

function segmentOf(stream: StreamId, row: SegmentRow): Segment {
  return { stream, seq: row.seq, startMs: row.start_ms, endMs: row.end_ms, file: row.file, bytes: row.bytes, digest: row.digest };
}
