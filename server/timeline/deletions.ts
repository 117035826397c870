import type { Queries } from "../ports/index.ts";

interface RunRow {
  readonly first_seq: number;
  readonly last_seq: number;
}

interface PartRow {
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  readonly start_ms: number | null;
  readonly end_ms: number | null;
  readonly segments: number;
  readonly bytes: number | null;
}

/** Takes segments out of the index and out of the recordings they were in: shortened, split in two, or gone. */
export async function applyDeletions(tx: Queries, stream: number, segmentSeqs: readonly number[]): Promise<void> {
  const gone = (await tx.query<{ seq: number }>("delete from segments where stream = $1 and seq = any($2::bigint[]) returning seq", [stream, segmentSeqs]))
    .map((row) => row.seq)
    .sort((a, b) => a - b);
  if (gone.length === 0) return;
  const runs = await tx.query<RunRow>(
    `delete from recordings r where stream = $1 and exists (select 1 from unnest($2::bigint[]) as g (seq) where g.seq between r.first_seq and r.last_seq)
     returning first_seq, last_seq`,
    [stream, gone],
  );
  for (const run of runs) {
    let from = run.first_seq;
    for (const seq of [...gone.filter((one) => one >= run.first_seq && one <= run.last_seq), run.last_seq + 1]) {
      if (seq > from) await storePart(tx, stream, from, seq - 1);
      from = seq + 1;
    }
  }
}

/** What still stands between two positions in the chain, as one recording. */
async function storePart(tx: Queries, stream: number, firstSeq: number, lastSeq: number): Promise<void> {
  const [part] = await tx.query<PartRow>(
    `select min(seq) as first_seq, max(seq) as last_seq, min(start_ms) as start_ms, max(end_ms) as end_ms, count(*)::int as segments, sum(bytes)::bigint as bytes
     from segments where stream = $1 and seq between $2 and $3`,
    [stream, firstSeq, lastSeq],
  );
  if (part === undefined || part.first_seq === null) return;
  await tx.query("insert into recordings (stream, first_seq, last_seq, start_ms, end_ms, segments, bytes) values ($1, $2, $3, $4, $5, $6, $7)", [
    stream,
    part.first_seq,
    part.last_seq,
    part.start_ms,
    part.end_ms,
    part.segments,
    part.bytes,
  ]);
}
