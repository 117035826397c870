import assert from "node:assert/strict";
import { test } from "node:test";
import { systemDisk } from "../../ports/index.ts";
import type { DiskFailure, DiskStep } from "../../ports/index.ts";
import { readIndex, SEAL_BYTES } from "@mingjian/media";
import { scanPath } from "../index.ts";
import type { Acknowledged } from "../index.ts";
import { QUEUE_BYTES_HIGH, QUEUE_BYTES_MAX } from "../stream.ts";
import { CAMERA, Camera, bench, check, settle, story, tempRoot } from "./help.ts";
import type { Bench } from "./help.ts";

/** Every acknowledged fragment stands whole in its file. */
async function assertKept(one: Bench, acknowledged: readonly Acknowledged[]): Promise<void> {
  const most = new Map<string, Acknowledged>();
  for (const each of acknowledged) most.set(each.file, each);
  for (const [file, last] of most) {
    const scan = await scanPath(systemDisk(), `${one.root}/${file}`);
    assert.ok(scan.parts.length - 1 >= last.fragments, `${file} keeps ${scan.parts.length - 1} of ${last.fragments}`);
    assert.ok(scan.wholeBytes >= last.bytes);
  }
}

const STEPS: readonly (readonly [DiskStep, string, readonly DiskFailure[]])[] = [
  ["makeFolder", "/2026", ["failed", "stored"]],
  ["makeFolder", "chain", ["failed", "stored"]],
  ["create", ".mp4", ["failed", "stored"]],
  ["create", ".ndjson", ["failed", "stored"]],
  ["writev", ".mp4", ["failed", "stored", "torn"]],
  ["writev", ".ndjson", ["failed", "stored", "torn"]],
  ["sync", ".mp4", ["failed", "stored"]],
  ["sync", ".ndjson", ["failed", "stored"]],
  ["syncFolder", "/2026", ["failed", "stored"]],
  ["syncFolder", "chain", ["failed", "stored"]],
  ["close", ".mp4", ["failed", "stored"]],
];

for (const [step, where, hows] of STEPS) {
  for (const how of hows) {
    test(`[R10] ${step} of ${where} ${how}: the gap says disk, recording resumes by itself, fsck is clean`, async (t) => {
      for (const skip of [0, 1, 3]) {
        const one = await bench(tempRoot(t));
        const acknowledged: Acknowledged[] = [];
        one.recorder.onAcknowledged((_, fragment) => acknowledged.push(fragment));
        one.disk.plan({ step, path: where, skip, how });
        const camera = new Camera(one);
        camera.connect();
        await camera.send(50 * 2);
        camera.close("no-data");
        one.clock.advance(1_000);
        camera.connect();
        await camera.send(50 * 33);
        camera.close();
        await settle(one.recorder);
        await one.recorder.stop();
        await assertKept(one, acknowledged);
        const two = await one.again();
        await two.recorder.stop();
        const report = await check(one);
        assert.deepEqual([report.problems, report.notes], [[], []], `skip ${skip}`);
        const lost = one.entries.filter((entry) => entry.kind === "gap" && entry.cause === "disk");
        assert.ok(lost.every((gap) => gap.kind === "gap" && gap.endMs - gap.startMs <= 10_000));
        if (one.disk.failures.length > 0) assert.equal(one.recorder.disk().state, "ok");
      }
    });
    test(`[R10] ${step} of ${where} ${how}, and the process dies before it can mend`, async (t) => {
      const one = await bench(tempRoot(t));
      const acknowledged: Acknowledged[] = [];
      one.recorder.onAcknowledged((_, fragment) => acknowledged.push(fragment));
      one.disk.plan({ step, path: where, skip: 1, how, times: 1_000 });
      const camera = new Camera(one);
      camera.connect();
      await camera.send(50 * 33);
      // Nothing is stopped: the next one begins where this one was left.
      const two = await one.again();
      await assertKept(two, acknowledged);
      const again = new Camera(two);
      again.connect();
      await again.send(100);
      again.close();
      await two.recorder.stop();
      const report = await check(two);
      assert.deepEqual([report.problems, report.notes], [[], []]);
    });
  }
}

test("[R9] a full disk stops new footage loudly, nothing is deleted, and there is footage again once there is room", async (t) => {
  const one = await bench(tempRoot(t), undefined, { reserveBytes: 1_000_000 });
  const camera = new Camera(one);
  camera.connect();
  await camera.send(101);
  one.disk.pretendFree(999_999);
  one.clock.advance(5_000);
  await new Promise((resolve) => setImmediate(resolve));
  await camera.send(250);
  assert.equal(one.recorder.disk().state, "full");
  assert.equal(one.recorder.states()[0]?.gap, "disk");
  assert.match(one.logged.join("\n"), /footage is not being stored .*disk-full/);
  one.disk.pretendFree(1_000_000);
  one.clock.advance(5_000);
  await new Promise((resolve) => setImmediate(resolve));
  await camera.send(250);
  assert.equal(one.recorder.disk().state, "ok");
  assert.equal(one.recorder.states()[0]?.gap, undefined);
  await one.recorder.stop();
  assert.deepEqual(
    story(one.entries)
      .slice(0, 3)
      .map((line) => line.replace(/ \d+$/, "")),
    ["segment", "gap disk", "segment"],
  );
  const report = await check(one);
  assert.equal(report.clean, true);
  assert.equal(report.segments, 2);
});

for (const [code, state] of [
  ["disk-full", "full"],
  ["disk-read-only", "read-only"],
  ["disk-failed", "failing"],
] as const) {
  test(`[R9] ${code} from the disk itself is told as ${state}`, async (t) => {
    const one = await bench(tempRoot(t));
    const told: string[] = [];
    one.recorder.onDisk((disk) => told.push(disk.state));
    const camera = new Camera(one);
    camera.connect();
    await camera.send(51);
    one.disk.plan({ step: "writev", how: "failed", code, times: 1_000 });
    await camera.send(200);
    assert.deepEqual(told, [state]);
    one.disk.heal();
    await camera.send(300);
    assert.deepEqual(told, [state, "ok"]);
    await one.recorder.stop();
    assert.equal((await check(one)).clean, true);
  });
}

test("[R11] a disk that stalls makes the camera wait: nothing is dropped and memory stays bounded", async (t) => {
  const one = await bench(tempRoot(t));
  const asked: boolean[] = [];
  one.recorder.onPressure((_, on) => asked.push(on));
  const camera = new Camera(one, CAMERA, 20_000);
  camera.connect();
  one.disk.stall();
  let sent = 0;
  while (asked.length === 0) {
    camera.frame();
    sent += 1;
  }
  const queued = one.recorder.states()[0]?.queuedBytes ?? 0;
  assert.ok(queued > QUEUE_BYTES_HIGH && queued <= QUEUE_BYTES_HIGH + 50 * 20_000);
  one.disk.resume();
  await settle(one.recorder);
  assert.deepEqual(asked, [true, false]);
  camera.close();
  await one.recorder.stop();
  const frames = one.entries.reduce((sum, entry) => sum + (entry.kind === "segment" ? (entry.endMs - entry.startMs) / 40 : 0), 0);
  assert.equal(frames, sent);
  assert.equal((await check(one)).clean, true);
});

test("[R20] a camera that cannot wait loses what passes the limit, as a gap", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one, CAMERA, 100_000);
  camera.connect();
  one.disk.stall();
  for (let i = 0; i < 50 * 16; i++) camera.frame();
  assert.ok((one.recorder.states()[0]?.queuedBytes ?? 0) <= QUEUE_BYTES_MAX);
  one.disk.resume();
  await camera.send(101);
  camera.close();
  await one.recorder.stop();
  assert.ok(one.entries.some((entry) => entry.kind === "gap" && entry.cause === "disk"));
  assert.equal((await check(one)).clean, true);
});

test("[R24] a finished file says at its end what is in it", async (t) => {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one);
  camera.connect();
  await camera.send(100);
  camera.close();
  await one.recorder.stop();
  const entry = one.entries.find((each) => each.kind === "segment");
  const scan = await scanPath(systemDisk(), `${one.root}/${entry?.file ?? ""}`);
  assert.deepEqual(
    scan.index?.map((part) => part.bytes),
    scan.parts.map((part) => part.bytes),
  );
  assert.equal(
    scan.index?.reduce((sum, part) => sum + part.bytes + SEAL_BYTES, 0),
    scan.wholeBytes,
  );
  assert.equal(readIndex(new Uint8Array(0)), undefined);
});
