import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CameraId } from "@mingjian/vocab";
import { FaultyDatabase, startTestCluster } from "../../ports/index.ts";
import type { Database, TestCluster } from "../../ports/index.ts";
import { AlarmLog, OPEN_ALARMS_MAX, PENDING_MAX } from "../index.ts";
import type { AlarmNow } from "../index.ts";

const T0 = Date.UTC(2026, 10, 22);
const GATE = "gate" as CameraId;
const silent: AlarmNow = { code: "not-recording", level: "alarm", camera: GATE, detail: "unreachable" };
const full: AlarmNow = { code: "disk-full", level: "alarm", camera: null, detail: "no room" };

let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster();
});
after(() => cluster.close());

async function lines(database: Database, cameras: readonly CameraId[] = [GATE]): Promise<unknown[]> {
  const found = await new AlarmLog(database).list({ from: T0 - 1, to: T0 + 1_000_000 }, cameras);
  return found.map((line) => [line.code, line.camera, line.fromMs - T0, line.toMs === null ? null : line.toMs - T0]);
}

test("[O1] an alarm that comes is entered once, its end when it goes", async () => {
  const database = await cluster.fresh();
  const log = new AlarmLog(database);
  for (const at of [0, 1_000, 2_000]) await log.observe([silent, full], T0 + at);
  assert.deepEqual(
    await lines(database),
    [
      ["disk-full", null, 0, null],
      ["not-recording", GATE, 0, null],
    ].sort((a, b) => String(b[0]).localeCompare(String(a[0]))),
  );
  await log.observe([full], T0 + 5_000);
  await log.observe([full, silent], T0 + 9_000);
  await log.observe([], T0 + 12_000);
  const all = await lines(database);
  assert.deepEqual(
    all.filter((line) => (line as string[])[0] === "not-recording"),
    [
      ["not-recording", GATE, 0, 5_000],
      ["not-recording", GATE, 9_000, 12_000],
    ],
  );
  assert.deepEqual(
    all.filter((line) => (line as string[])[0] === "disk-full"),
    [["disk-full", null, 0, 12_000]],
  );
});

test("[O2] what comes and goes while the database is away is entered afterwards, in both ways of failing", async () => {
  const inner = await cluster.fresh();
  const database = new FaultyDatabase(inner);
  const log = new AlarmLog(database);
  await log.observe([], T0);
  database.setAway(true);
  await log.observe([silent], T0 + 1_000);
  await log.observe([], T0 + 2_000);
  await log.observe([full], T0 + 3_000);
  database.setAway(false);
  database.plan("failed", "failed-but-stored");
  for (const at of [4_000, 5_000, 6_000]) await log.observe([full], T0 + at);
  assert.deepEqual(await lines(inner), [
    ["not-recording", GATE, 1_000, 2_000],
    ["disk-full", null, 3_000, null],
  ]);
});

test("[O3] what a stop left open ends at the next start, unless it is still there", async () => {
  const database = await cluster.fresh();
  await new AlarmLog(database).observe([silent, full], T0);
  const next = new AlarmLog(database);
  await next.observe([full], T0 + 60_000);
  await next.observe([], T0 + 90_000);
  const found = await lines(database);
  assert.deepEqual(
    found.filter((line) => (line as string[])[0] === "not-recording"),
    [["not-recording", GATE, 0, 60_000]],
  );
  assert.deepEqual(
    found.filter((line) => (line as string[])[0] === "disk-full"),
    [["disk-full", null, 0, 90_000]],
  );
});

test("[O4] only the asker's cameras and the whole station's, and only of the span", async () => {
  const database = await cluster.fresh();
  const log = new AlarmLog(database);
  await log.observe([silent, { ...silent, camera: "yard" as CameraId }, full], T0);
  await log.observe([], T0 + 10_000);
  const seen = (await log.list({ from: T0, to: T0 + 1 }, [GATE])).map((line) => line.camera ?? "station");
  assert.deepEqual(
    seen.toSorted((one, other) => one.localeCompare(other)),
    [GATE, "station"],
  );
  assert.equal((await log.list({ from: T0 + 10_000, to: T0 + 20_000 }, [GATE])).length, 0);
  assert.equal((await log.list({ from: T0 - 5_000, to: T0 }, [GATE])).length, 0);
  assert.equal((await log.list({ from: T0 + 9_999, to: T0 + 20_000 }, [])).length, 1);
});

test("[O5] open alarms and waiting changes have limits", async () => {
  const database = new FaultyDatabase(await cluster.fresh());
  database.setAway(true);
  const log = new AlarmLog(database);
  const many = Array.from({ length: OPEN_ALARMS_MAX + 1 }, (_, at): AlarmNow => ({ ...silent, camera: `c${at}` as CameraId }));
  await log.observe(many.slice(0, OPEN_ALARMS_MAX), T0);
  assert.equal(log.leftOut, 0);
  await log.observe(many, T0 + 1);
  assert.equal(log.leftOut, 1);
  await log.observe([], T0 + 2);
  assert.equal(log.leftOut, 1, `${2 * OPEN_ALARMS_MAX} changes wait, no more than ${PENDING_MAX}`);
  await log.observe([silent], T0 + 3);
  assert.equal(log.leftOut, 2);
});
