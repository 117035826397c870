import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "@mingjian/vocab";
import type { StreamId } from "@mingjian/vocab";
import type { Chains, TimelineIndexer } from "../../timeline/index.ts";
import { Indexer } from "../indexer.ts";
import { createLog } from "../log.ts";

const GATE = "gate.main" as StreamId;
const YARD = "yard.main" as StreamId;
const CHAINS: Chains = { readChain: async function* () {} };
const RETRY_MS = 2_000;

/** A timeline whose database can be away; the chains' heads are what `heads` says. */
class Shelf implements TimelineIndexer {
  readonly heads = new Map<StreamId, number>();
  readonly asked: StreamId[] = [];
  away = false;
  atOnce = 0;
  atOnceMost = 0;

  async catchUp(stream: StreamId): Promise<number> {
    this.asked.push(stream);
    this.atOnce += 1;
    this.atOnceMost = Math.max(this.atOnceMost, this.atOnce);
    await Promise.resolve();
    this.atOnce -= 1;
    if (this.away) throw new Fault("database-away", "gone");
    return this.heads.get(stream) ?? 0;
  }

  rebuild(stream: StreamId): Promise<number> {
    return this.catchUp(stream);
  }
}

/** Lets everything that waits on promises alone run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function begin(): { shelf: Shelf; indexer: Indexer; heard: (stream: StreamId, seq: number) => void } {
  const shelf = new Shelf();
  const indexer = new Indexer(shelf, CHAINS, createLog("error", "test"));
  const heard = (stream: StreamId, seq: number): void => {
    shelf.heads.set(stream, seq);
    indexer.heard(stream, seq);
  };
  return { shelf, indexer, heard };
}

test("[H6] an entry in the chain is read into the index, and the lag falls to nothing", async () => {
  const { indexer, heard } = begin();
  heard(GATE, 3);
  heard(YARD, 2);
  assert.equal(indexer.lag, 5);
  await settle();
  assert.equal(indexer.lag, 0);
});

test("[H6] streams are read one after the other, in the order they were heard", async () => {
  const { shelf, heard } = begin();
  heard(GATE, 1);
  heard(YARD, 1);
  heard(GATE, 2);
  await settle();
  assert.deepEqual(shelf.asked, [GATE, YARD, GATE]);
  assert.equal(shelf.atOnceMost, 1);
});

test("[H6] while the database is away the lag grows, and when it is back everything is caught up", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { shelf, indexer, heard } = begin();
  shelf.away = true;
  heard(GATE, 1);
  await settle();
  heard(GATE, 4);
  heard(YARD, 2);
  await settle();
  assert.equal(indexer.lag, 6);
  t.mock.timers.tick(RETRY_MS);
  await settle();
  assert.equal(indexer.lag, 6);
  shelf.away = false;
  t.mock.timers.tick(RETRY_MS);
  await settle();
  assert.equal(indexer.lag, 0);
});

test("[H6] an older word does not turn the lag back", async () => {
  const { shelf, indexer, heard } = begin();
  shelf.away = true;
  heard(GATE, 9);
  indexer.heard(GATE, 2);
  await settle();
  assert.equal(indexer.lag, 9);
  indexer.stop();
});

test("a stopped indexer asks no more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { shelf, indexer, heard } = begin();
  shelf.away = true;
  heard(GATE, 1);
  await settle();
  indexer.stop();
  const asked = shelf.asked.length;
  t.mock.timers.tick(10 * RETRY_MS);
  heard(GATE, 2);
  await settle();
  assert.equal(shelf.asked.length, asked);
});
