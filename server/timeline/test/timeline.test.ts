import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { isFault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import { FaultyDatabase, startTestCluster } from "../../ports/index.ts";
import type { Database, TestCluster } from "../../ports/index.ts";
import { BAND_STREAMS_MAX, COMPLETENESS_SPANS_MAX, RANGE_SEGMENTS_MAX, createTimeline } from "../index.ts";
import type { ChainEntry, Chains, Timeline } from "../index.ts";

const DAY = Date.UTC(2026, 10, 22);
const MINUTE = 60_000;
const GATE = "gate.main" as StreamId;
let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster();
});
after(() => cluster.close());

/** Builds a chain as the recorder would; times in minutes of one day. */
class Chain implements Chains {
  readonly entries: ChainEntry[] = [];
  readonly stream: StreamId;
  reads = 0;
  era = 0;

  constructor(stream: StreamId = GATE) {
    this.stream = stream;
  }

  async *readChain(stream: StreamId, fromSeq: number): AsyncGenerator<ChainEntry> {
    this.reads += 1;
    if (stream !== this.stream) return;
    for (const entry of this.entries) if (entry.seq >= fromSeq) yield entry;
  }

  #seq(): number {
    return (this.entries.at(-1)?.seq ?? 0) + 1;
  }

  segments(fromMinute: number, toMinute: number, lengthMinutes = 1, continues = true): this {
    for (let at = fromMinute; at < toMinute; at += lengthMinutes) {
      const seq = this.#seq();
      const endMs = DAY + Math.min(at + lengthMinutes, toMinute) * MINUTE;
      this.entries.push({
        kind: "segment",
        seq,
        stream: this.stream,
        startMs: DAY + at * MINUTE,
        endMs,
        file: `f${seq}.mp4`,
        bytes: 1_000,
        digest: seq.toString(16).padStart(64, "0"),
        continues: continues || at > fromMinute,
        era: this.era,
      });
    }
    return this;
  }

  gap(fromMinute: number, toMinute: number, cause: string): this {
    this.entries.push({ kind: "gap", seq: this.#seq(), stream: this.stream, startMs: DAY + fromMinute * MINUTE, endMs: DAY + toMinute * MINUTE, cause });
    return this;
  }

  /** Our clock went back: footage from here on is of the next era. */
  setBack(): this {
    this.era += 1;
    return this.cut();
  }

  cut(): this {
    this.entries.push({ kind: "other", seq: this.#seq(), stream: this.stream, cuts: true });
    return this;
  }

  deleted(...segmentSeqs: readonly number[]): this {
    for (const segmentSeq of segmentSeqs)
      this.entries.push({ kind: "deletion", seq: this.#seq(), stream: this.stream, segmentSeq, atMs: DAY + 86_400_000, reason: "retention" });
    return this;
  }

  hole(): this {
    this.entries.push({ kind: "other", seq: this.#seq() + 1, stream: this.stream, cuts: false });
    return this;
  }
}

function open(database: Database): Timeline {
  return createTimeline({ database });
}

async function fixture(chain: Chain): Promise<Timeline> {
  const timeline = open(await cluster.fresh());
  await timeline.indexer.catchUp(chain.stream, chain);
  return timeline;
}

/** Everything the index knows, without the numbers it gives streams. */
function content(database: Database): Promise<unknown> {
  return Promise.all([
    database.query("select start_ms, end_ms, seq, file from segments order by seq"),
    database.query("select start_ms, end_ms, segments, bytes, first_seq, last_seq from recordings order by first_seq"),
    database.query("select seq, start_ms, end_ms, cause from gaps order by seq"),
    database.query("select seq, segment_seq from deletions order by seq"),
    database.query("select stream, indexed_seq, longest_ms, cut from streams"),
  ]);
}

function minutes(spans: readonly { readonly startMs: UtcMs; readonly endMs: UtcMs }[]): readonly (readonly [number, number])[] {
  return spans.map((one) => [(one.startMs - DAY) / MINUTE, (one.endMs - DAY) / MINUTE] as const);
}

const WHOLE = { from: DAY, to: DAY + 86_400_000 };

test("[T1] a chain read in any pieces, with repeats, gives one index", async () => {
  const chain = new Chain().segments(0, 30).gap(30, 33, "unreachable").segments(33, 40).cut().segments(40, 45, 1, false).deleted(1, 2, 33).segments(45, 50);
  const whole = await cluster.fresh();
  await open(whole).indexer.catchUp(GATE, chain);
  const expected = await content(whole);
  const pieces = fc.array(fc.integer({ min: 1, max: chain.entries.length }), { minLength: 1, maxLength: 6 });
  const database = await cluster.fresh();
  await fc.assert(
    fc.asyncProperty(pieces, async (ends) => {
      const { indexer } = open(database);
      await indexer.rebuild(GATE, { async *readChain() {} });
      for (const end of [...ends, chain.entries.length]) {
        // From its beginning each time: what is indexed already comes again.
        await indexer.catchUp(GATE, {
          async *readChain() {
            yield* chain.entries.slice(0, end);
          },
        });
      }
      assert.deepEqual(await content(database), expected);
    }),
    { seed: 22, numRuns: 25 },
  );
});

for (const failure of ["failed", "failed-but-stored"] as const) {
  test(`[T2] a batch that ${failure} is in the index once`, async () => {
    const chain = new Chain().segments(0, 20).gap(20, 21, "no-data").segments(21, 30).deleted(3);
    const expected = await (async () => {
      const database = await cluster.fresh();
      await open(database).indexer.catchUp(GATE, chain);
      return content(database);
    })();
    const database = await cluster.fresh();
    const faulty = new FaultyDatabase(database);
    const { indexer } = open(faulty);
    await indexer.catchUp(GATE, { async *readChain() {} });
    for (const calls of [0, 1, 2]) {
      // The row, where it stands, the batch.
      faulty.plan(...Array.from({ length: calls + 1 }, (_, call) => (call === calls ? failure : "none")));
      await assert.rejects(indexer.catchUp(GATE, chain), (error) => isFault(error) && error.code === "database-away");
    }
    assert.equal(await indexer.catchUp(GATE, chain), chain.entries.length);
    assert.deepEqual(await content(database), expected);
  });
}

test("[T3] [T4] what was recorded while the database was away is indexed afterwards, by however many calls at once", async () => {
  const chain = new Chain().segments(0, 10);
  const faulty = new FaultyDatabase(await cluster.fresh());
  const { indexer, reader } = open(faulty);
  await indexer.catchUp(GATE, chain);
  faulty.setAway(true);
  chain.segments(10, 1_500);
  await assert.rejects(indexer.catchUp(GATE, chain), (error) => isFault(error) && error.code === "database-away");
  faulty.setAway(false);
  const ends = await Promise.all(Array.from({ length: 4 }, () => indexer.catchUp(GATE, chain)));
  assert.deepEqual(ends, [1_500, 1_500, 1_500, 1_500]);
  assert.equal(await reader.indexed(GATE), 1_500);
  const [recording, ...more] = await reader.recordings(GATE, { from: DAY, to: DAY + 2_000 * MINUTE });
  assert.deepEqual([recording?.segments, recording?.bytes, more.length], [1_500, 1_500_000, 0]);
});

test("[T5] an index rebuilt is the one that was", async () => {
  const chain = new Chain().segments(0, 10).gap(10, 12, "disk").segments(12, 20).deleted(5);
  const database = await cluster.fresh();
  const { indexer } = open(database);
  await indexer.catchUp(GATE, chain);
  const expected = await content(database);
  await indexer.rebuild(GATE, chain);
  assert.deepEqual(await content(database), expected);
});

test("[T10] what begins another recording", async () => {
  const chain = new Chain()
    .segments(0, 3)
    .segments(3, 5)
    .gap(5, 6, "no-data")
    .segments(6, 8)
    .cut()
    .segments(8, 10)
    .segments(10, 12, 1, false)
    .hole()
    .segments(12, 14)
    .segments(15, 16);
  const { reader } = await fixture(chain);
  assert.deepEqual(minutes(await reader.recordings(GATE, WHOLE)), [
    [0, 5],
    [6, 8],
    [8, 10],
    [10, 12],
    [12, 14],
    [15, 16],
  ]);
});

test("[T11] retention from the front, and a deletion in the middle", async () => {
  const chain = new Chain().segments(0, 10);
  const timeline = await fixture(chain);
  const after = async (...seqs: readonly number[]): Promise<unknown> => {
    await timeline.indexer.catchUp(GATE, chain.deleted(...seqs));
    return minutes(await timeline.reader.recordings(GATE, WHOLE));
  };
  assert.deepEqual(await after(1, 2), [[2, 10]]);
  assert.deepEqual(await after(6), [
    [2, 5],
    [6, 10],
  ]);
  assert.deepEqual(await after(3, 4, 5), [[6, 10]]);
  assert.deepEqual(await after(99, 6), [[6, 10]]);
  assert.equal((await timeline.reader.find(GATE, DAY + 30_000)).kind, "next");
  await timeline.indexer.catchUp(GATE, chain.segments(10, 12));
  assert.deepEqual(minutes(await timeline.reader.recordings(GATE, WHOLE)), [[6, 12]]);
  assert.deepEqual(await after(7, 8, 9, 10), [[10, 12]]);
});

test("[T12] a segment without length does not stop the index", async () => {
  const chain = new Chain().segments(0, 2);
  chain.entries.push({
    kind: "segment",
    seq: 3,
    stream: GATE,
    startMs: DAY + 2 * MINUTE,
    endMs: DAY + 2 * MINUTE,
    file: "x",
    bytes: 1,
    digest: "00".repeat(32),
    continues: true,
    era: 0,
  });
  const { reader } = await fixture(chain.segments(2, 4));
  assert.deepEqual(minutes(await reader.recordings(GATE, WHOLE)), [[0, 4]]);
});

test("[T20] [T21] [T24] where an instant lies", async () => {
  const timeline = await fixture(new Chain().segments(0, 3).gap(3, 5, "unreachable").segments(5, 6).gap(6, 7, "disk"));
  const other = new Chain("yard.main" as StreamId).segments(3, 5);
  await timeline.indexer.catchUp(other.stream, other);
  const at = async (ms: number): Promise<unknown> => {
    const found = await timeline.reader.find(GATE, DAY + ms);
    if (found.kind === "in") return found.segment.seq;
    return [found.kind === "next" ? found.segment.seq : null, found.gap?.cause ?? null];
  };
  assert.deepEqual(await Promise.all([0, 59_999, 59_999.7, 60_000, 179_999].map(at)), [1, 1, 1, 2, 3]);
  assert.deepEqual(await Promise.all([-1, 180_000, 299_999].map(at)), [
    [1, null],
    [5, "unreachable"],
    [5, "unreachable"],
  ]);
  assert.equal(await at(300_000), 5);
  assert.deepEqual(await Promise.all([360_000, 500_000].map(at)), [
    [null, "disk"],
    [null, null],
  ]);
  assert.deepEqual(await timeline.reader.find("none.main" as StreamId, DAY), { kind: "none", gap: undefined });
  const found = await timeline.reader.find(GATE, DAY);
  assert.deepEqual(found.kind === "in" && found.segment, {
    stream: GATE,
    seq: 1,
    startMs: DAY,
    endMs: DAY + MINUTE,
    file: "f1.mp4",
    bytes: 1_000,
    digest: "1".padStart(64, "0"),
  });
});

test("[T22] after the clock was set back an hour both passages are found", async () => {
  const { reader } = await fixture(new Chain().segments(60, 120, 10).setBack().segments(65, 67, 1, false).gap(67, 200, "no-data"));
  const seq = async (minute: number): Promise<number | undefined> => {
    const found = await reader.find(GATE, DAY + minute * MINUTE);
    return found.kind === "in" ? found.segment.seq : undefined;
  };
  assert.deepEqual(await Promise.all([62, 65, 66, 66.99, 67, 69, 71].map(seq)), [1, 8, 9, 9, 1, 1, 2]);
  assert.deepEqual(minutes(await reader.recordings(GATE, WHOLE)), [
    [60, 120],
    [65, 67],
  ]);
});

test("[T22] a later era has the better time, also where its segment began sooner or at the same instant", async () => {
  const { reader } = await fixture(
    new Chain().segments(60, 70, 5).setBack().segments(58, 62, 4, false).segments(65, 66, 1, false).setBack().segments(68, 69, 1, false),
  );
  const at = async (minute: number): Promise<unknown> => {
    const found = await reader.find(GATE, DAY + minute * MINUTE);
    return found.kind === "none" ? undefined : [found.kind, found.segment.seq, (found.untilMs - DAY) / MINUTE];
  };
  assert.deepEqual(await Promise.all([50, 59, 61, 62, 65, 65.5, 66, 67, 68, 69, 70].map(at)), [
    ["next", 4, 62],
    ["in", 4, 62],
    ["in", 4, 62],
    ["in", 1, 65],
    ["in", 5, 66],
    ["in", 5, 66],
    ["in", 2, 68],
    ["in", 2, 68],
    ["in", 7, 69],
    ["in", 2, 70],
    undefined,
  ]);
});

test("[T23] segments of a span, long and short, up to the limit", async () => {
  const { reader } = await fixture(
    new Chain()
      .segments(0, 30, 30)
      .segments(30, 33)
      .segments(33, 33 + RANGE_SEGMENTS_MAX),
  );
  const range = async (from: number, to: number): Promise<readonly number[]> =>
    (await reader.range(GATE, { from: DAY + from * MINUTE, to: DAY + to * MINUTE })).map((segment) => segment.seq);
  assert.deepEqual(await range(29.9, 30), [1]);
  assert.deepEqual(await range(29.9, 32.5), [1, 2, 3, 4]);
  assert.deepEqual(await range(30, 31), [2]);
  assert.deepEqual(await range(31, 31), []);
  assert.deepEqual(await range(-10, 0), []);
  const most = await range(0, 10_000);
  assert.equal(most.length, RANGE_SEGMENTS_MAX);
  assert.equal((await range(29 + RANGE_SEGMENTS_MAX, 10_000)).at(-1), 4 + RANGE_SEGMENTS_MAX);
  await assert.rejects(range(5, 4), (error) => isFault(error) && error.code === "bad-input");
});

test("[T30] [T31] [T32] bands at two resolutions, cut at the span", async () => {
  const chain = new Chain().segments(0, 10).gap(10, 11, "no-data").segments(11, 20).gap(20, 23, "unreachable").gap(23, 24, "no-data").segments(24, 30);
  const { reader } = await fixture(chain);
  const bands = async (from: number, to: number, resolutionMinutes: number): Promise<unknown> => {
    const [one] = await reader.bands([GATE], { from: DAY + from * MINUTE, to: DAY + to * MINUTE }, resolutionMinutes * MINUTE);
    assert.deepEqual([one?.first, one?.last], [DAY, DAY + 30 * MINUTE]);
    return one?.bands.map((band) => [band.kind, (band.from - DAY) / MINUTE, (band.to - DAY) / MINUTE, band.cause]);
  };
  assert.deepEqual(await bands(5, 28, 0.5), [
    ["recorded", 5, 10, null],
    ["gap", 10, 11, "no-data"],
    ["recorded", 11, 20, null],
    ["gap", 20, 24, "unreachable"],
    ["recorded", 24, 28, null],
  ]);
  assert.deepEqual(await bands(0, 30, 2), [
    ["recorded", 0, 20, null],
    ["gap", 10, 11, "no-data"],
    ["gap", 20, 24, "unreachable"],
    ["recorded", 24, 30, null],
  ]);
  assert.deepEqual(await bands(0, 30, 60), [
    ["recorded", 0, 30, null],
    ["gap", 10, 24, "unreachable"],
  ]);
  assert.deepEqual(await bands(40, 50, 1), []);
  assert.deepEqual(await reader.bands(["none.main" as StreamId], WHOLE, 1), [{ stream: "none.main", first: null, last: null, bands: [] }]);
});

test("[T33] days of 23, 24 and 25 hours", async () => {
  const chain = new Chain()
    .segments(0, 23 * 60, 10)
    .gap(23 * 60, 24 * 60, "unreachable")
    .gap(24 * 60, 24 * 60 + 30, "disk")
    .segments(24 * 60 + 30, 72 * 60, 10);
  const { reader } = await fixture(chain);
  const hour = 3_600_000;
  const days = [
    { from: DAY, to: DAY + 23 * hour },
    { from: DAY + 23 * hour, to: DAY + 48 * hour },
    { from: DAY + 48 * hour, to: DAY + 72 * hour },
    { from: DAY + 72 * hour, to: DAY + 96 * hour },
  ];
  const sums = await reader.completeness([GATE, "none.main" as StreamId], days);
  assert.deepEqual(
    sums.slice(0, 4).map((day) => [day.recordedMs / hour, day.gapMs / hour, day.gapMsByCause]),
    [
      [23, 0, {}],
      [23.5, 1.5, { unreachable: hour, disk: hour / 2 }],
      [24, 0, {}],
      [0, 0, {}],
    ],
  );
  assert.deepEqual(
    sums.slice(4).map((day) => [day.stream, day.recordedMs]),
    Array.from({ length: 4 }, () => ["none.main", 0]),
  );
});

test("[T34] limits of streams and spans", async () => {
  const { reader } = await fixture(new Chain());
  const streams = (count: number): StreamId[] => Array.from({ length: count }, (_, n) => `c${n}.main` as StreamId);
  const spans = (count: number): (typeof WHOLE)[] => Array.from({ length: count }, () => WHOLE);
  const bad = (error: unknown): boolean => isFault(error) && error.code === "bad-input";
  assert.equal((await reader.bands(streams(BAND_STREAMS_MAX), WHOLE, 1)).length, BAND_STREAMS_MAX);
  await assert.rejects(reader.bands(streams(BAND_STREAMS_MAX + 1), WHOLE, 1), bad);
  assert.equal((await reader.completeness(streams(1), spans(COMPLETENESS_SPANS_MAX))).length, COMPLETENESS_SPANS_MAX);
  await assert.rejects(reader.completeness(streams(1), spans(COMPLETENESS_SPANS_MAX + 1)), bad);
  await assert.rejects(reader.completeness(streams(BAND_STREAMS_MAX + 1), spans(1)), bad);
  await assert.rejects(reader.bands(streams(1), WHOLE, Number.NaN), bad);
});
