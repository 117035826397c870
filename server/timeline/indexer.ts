import type { StreamId } from "@mingjian/vocab";
import type { Database, Queries } from "../ports/index.ts";
import { applyDeletions } from "./deletions.ts";
import type { TimelineIndexer } from "./model.ts";
import type { ChainEntry, Chains, DeletionEntry, GapEntry, SegmentEntry } from "./needs.ts";

/** Entries of one transaction. */
export const BATCH_ENTRIES_MAX = 1_000;
/** Segments further apart are two recordings, whatever the entry says. */
export const CONTINUES_SLACK_MS = 500;

interface StreamRow {
  readonly number: number;
  readonly indexed_seq: number;
  readonly longest_ms: number;
  readonly cut: boolean;
}

/** A recording while it is put together; `fresh` is not stored yet. */
interface Run {
  readonly fresh: boolean;
  readonly firstSeq: number;
  startMs: number;
  endMs: number;
  segments: number;
  bytes: number;
  lastSeq: number;
}

interface RunRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly segments: number;
  readonly bytes: number;
}

export function createIndexer(database: Database): TimelineIndexer {
  const running = new Map<StreamId, Promise<unknown>>();

  /** One at a time for each stream in this process; the row lock keeps other processes out. */
  function inTurn<T>(stream: StreamId, work: () => Promise<T>): Promise<T> {
    const before = running.get(stream) ?? Promise.resolve();
    const next = before.then(work, work);
    const settled = next.then(
      () => undefined,
      () => undefined,
    );
    running.set(stream, settled);
    void settled.then(() => {
      if (running.get(stream) === settled) running.delete(stream);
    });
    return next;
  }

  async function readOn(stream: StreamId, chains: Chains): Promise<number> {
    await database.query("insert into streams (stream) values ($1) on conflict (stream) do nothing", [stream]);
    const [row] = await database.query<{ indexed_seq: number }>("select indexed_seq from streams where stream = $1", [stream]);
    let seq = row?.indexed_seq ?? 0;
    let batch: ChainEntry[] = [];
    for await (const entry of chains.readChain(stream, seq + 1)) {
      batch.push(entry);
      if (batch.length < BATCH_ENTRIES_MAX) continue;
      seq = await storeBatch(database, stream, batch);
      batch = [];
    }
    return batch.length === 0 ? seq : storeBatch(database, stream, batch);
  }

  return {
    catchUp: (stream, chains) => inTurn(stream, () => readOn(stream, chains)),
    rebuild: (stream, chains) =>
      inTurn(stream, async () => {
        await database.transaction(async (tx) => {
          const [row] = await tx.query<{ number: number }>("select number from streams where stream = $1 for update", [stream]);
          if (row === undefined) return;
          for (const table of ["segments", "recordings", "gaps", "deletions"]) await tx.query(`delete from ${table} where stream = $1`, [row.number]);
          await tx.query("update streams set indexed_seq = 0, longest_ms = 0, cut = true where number = $1", [row.number]);
        });
        return readOn(stream, chains);
      }),
  };
}

/** Entries already indexed are passed over, so a batch stored although it seemed to fail can come again. */
function storeBatch(database: Database, stream: StreamId, batch: readonly ChainEntry[]): Promise<number> {
  return database.transaction(async (tx) => {
    const [row] = await tx.query<StreamRow>("select number, indexed_seq, longest_ms, cut from streams where stream = $1 for update", [stream]);
    if (row === undefined) throw new Error(`assertion failed: stream ${stream} has no row`);
    const fresh = batch.filter((entry) => entry.seq > row.indexed_seq);
    const last = fresh.at(-1);
    if (last === undefined) return row.indexed_seq;
    const segments = fresh.filter((entry) => entry.kind === "segment");
    await insertSegments(tx, row.number, segments);
    const cut = await storeRuns(tx, row, fresh);
    await insertGaps(
      tx,
      row.number,
      fresh.filter((entry) => entry.kind === "gap"),
    );
    await storeDeletions(
      tx,
      row.number,
      fresh.filter((entry) => entry.kind === "deletion"),
    );
    const longestMs = segments.reduce((most, segment) => Math.max(most, segment.endMs - segment.startMs), row.longest_ms);
    await tx.query("update streams set indexed_seq = $2, longest_ms = $3, cut = $4 where number = $1", [row.number, last.seq, Math.ceil(longestMs), cut]);
    return last.seq;
  });
}

async function insertSegments(tx: Queries, number: number, segments: readonly SegmentEntry[]): Promise<void> {
  const whole = segments.filter((segment) => Math.round(segment.endMs) > Math.round(segment.startMs));
  if (whole.length === 0) return;
  await tx.query(
    `insert into segments (stream, start_ms, end_ms, seq, bytes, digest, file, era)
     select $1, s.start_ms, s.end_ms, s.seq, s.bytes, decode(s.digest, 'hex'), s.file, s.era
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::int[]) as s (start_ms, end_ms, seq, bytes, digest, file, era)
     on conflict do nothing`,
    [
      number,
      whole.map((segment) => Math.round(segment.startMs)),
      whole.map((segment) => Math.round(segment.endMs)),
      whole.map((segment) => segment.seq),
      whole.map((segment) => segment.bytes),
      whole.map((segment) => segment.digest),
      whole.map((segment) => segment.file),
      whole.map((segment) => segment.era),
    ],
  );
}

/** Joins segments to recordings. Gives whether the next segment begins a new one. */
async function storeRuns(tx: Queries, row: StreamRow, entries: readonly ChainEntry[]): Promise<boolean> {
  const [open] = row.cut
    ? []
    : await tx.query<RunRow>(
        "select first_seq, last_seq, start_ms, end_ms, segments, bytes from recordings where stream = $1 order by first_seq desc limit 1",
        [row.number],
      );
  let current: Run | undefined =
    open === undefined
      ? undefined
      : {
          fresh: false,
          firstSeq: open.first_seq,
          lastSeq: open.last_seq,
          startMs: open.start_ms,
          endMs: open.end_ms,
          segments: open.segments,
          bytes: open.bytes,
        };
  const touched = new Set<Run>();
  let cut = row.cut;
  let before = row.indexed_seq;
  for (const entry of entries) {
    // A hole in the chain is damage that fsck tells of; what lies behind it is another recording.
    if (entry.seq !== before + 1) cut = true;
    before = entry.seq;
    if (entry.kind === "gap" || (entry.kind === "other" && entry.cuts)) cut = true;
    if (entry.kind !== "segment") continue;
    const [startMs, endMs] = [Math.round(entry.startMs), Math.round(entry.endMs)];
    if (endMs <= startMs) continue;
    const joins: boolean = current !== undefined && !cut && entry.continues && Math.abs(startMs - current.endMs) <= CONTINUES_SLACK_MS;
    if (current === undefined || !joins) current = { fresh: true, firstSeq: entry.seq, lastSeq: entry.seq, startMs, endMs, segments: 0, bytes: 0 };
    current.endMs = endMs;
    current.lastSeq = entry.seq;
    current.segments += 1;
    current.bytes += entry.bytes;
    touched.add(current);
    cut = false;
  }
  const runs = [...touched];
  if (runs.length > 0) {
    await tx.query(
      `insert into recordings (stream, first_seq, last_seq, start_ms, end_ms, segments, bytes)
       select $1, r.* from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bigint[]) as r (first_seq, last_seq, start_ms, end_ms, segments, bytes)
       on conflict (stream, first_seq) do update set last_seq = excluded.last_seq, end_ms = excluded.end_ms, segments = excluded.segments, bytes = excluded.bytes`,
      [
        row.number,
        runs.map((run) => run.firstSeq),
        runs.map((run) => run.lastSeq),
        runs.map((run) => run.startMs),
        runs.map((run) => run.endMs),
        runs.map((run) => run.segments),
        runs.map((run) => run.bytes),
      ],
    );
  }
  return cut;
}

async function insertGaps(tx: Queries, number: number, gaps: readonly GapEntry[]): Promise<void> {
  if (gaps.length === 0) return;
  await tx.query(
    `insert into gaps (stream, seq, start_ms, end_ms, cause)
     select $1, g.* from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) as g (seq, start_ms, end_ms, cause) on conflict do nothing`,
    [number, gaps.map((gap) => gap.seq), gaps.map((gap) => Math.round(gap.startMs)), gaps.map((gap) => Math.round(gap.endMs)), gaps.map((gap) => gap.cause)],
  );
}

async function storeDeletions(tx: Queries, number: number, deletions: readonly DeletionEntry[]): Promise<void> {
  if (deletions.length === 0) return;
  await tx.query(
    `insert into deletions (stream, seq, segment_seq, at_ms, reason)
     select $1, d.* from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) as d (seq, segment_seq, at_ms, reason) on conflict do nothing`,
    [
      number,
      deletions.map((one) => one.seq),
      deletions.map((one) => one.segmentSeq),
      deletions.map((one) => Math.round(one.atMs)),
      deletions.map((one) => one.reason),
    ],
  );
  await applyDeletions(
    tx,
    number,
    deletions.map((one) => one.segmentSeq),
  );
}
