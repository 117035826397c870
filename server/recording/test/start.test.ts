import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { streamId } from "@mingjian/vocab";
import type { CameraId } from "@mingjian/vocab";
import { seededChance } from "../../ports/index.ts";
import type { ChainEntry } from "../index.ts";
import { CAMERA, Camera, bench, check, story, tempRoot } from "./help.ts";

/** A folder as a killed recorder leaves it: one finished segment, one with three fragments, nothing stopped. */
async function killed(t: TestContext): Promise<{ root: string; open: string; openBytes: number; fragmentBytes: number }> {
  const live = tempRoot(t);
  const one = await bench(live);
  const camera = new Camera(one);
  camera.connect();
  await camera.send(100);
  camera.close("no-data");
  camera.connect();
  await camera.send(151);
  const state = one.recorder.states()[0]?.open;
  assert.ok(state !== undefined);
  const root = tempRoot(t);
  cpSync(live, root, { recursive: true });
  await one.recorder.stop();
  return { root, open: state.file, openBytes: state.bytes, fragmentBytes: Math.floor(state.bytes / 3) };
}

function newest(entries: readonly ChainEntry[], kind: ChainEntry["kind"]): ChainEntry | undefined {
  return entries.findLast((entry) => entry.kind === kind);
}

test("[R5] start-up finishes the segment a crash left open, and enters it", async (t) => {
  const { root } = await killed(t);
  const before = await check({ root } as never);
  assert.deepEqual([before.clean, before.unfinishedFragments, before.tornBytes], [true, 3, 0]);
  const one = await bench(root);
  await one.recorder.stop();
  const after = await check(one);
  assert.deepEqual([after.problems, after.notes, after.segments, after.fragments], [[], [], 2, 5]);
});

test("[R5] cut anywhere, an open segment keeps its whole fragments, and the chain tells what was cut", async (t) => {
  const { root, open, openBytes } = await killed(t);
  const chance = seededChance(7);
  for (let round = 0; round < 40; round++) {
    const copy = tempRoot(t);
    cpSync(root, copy, { recursive: true });
    const length = Math.floor(chance.unit() * openBytes);
    truncateSync(path.join(copy, open), length);
    const left = await check({ root: copy } as never);
    const one = await bench(copy);
    const entries: ChainEntry[] = [];
    for await (const entry of one.recorder.readChain(CAMERA, 1)) entries.push(entry);
    await one.recorder.stop();
    const report = await check(one);
    assert.deepEqual([report.problems, report.notes], [[], []]);
    assert.equal(report.fragments, 2 + left.unfinishedFragments);
    const last = entries.at(-1);
    if (left.unfinishedFragments > 0) assert.ok(last?.kind === "segment" && last.mendedCutBytes === left.tornBytes);
    else assert.ok(last?.kind === "mend" && last.what === "empty-file" && last.bytes === length);
    rmSync(copy, { recursive: true });
  }
});

test("[R5] a power cut that left zeros where the newest fragment should be: the fragments before it are kept", async (t) => {
  const { root, open, openBytes, fragmentBytes } = await killed(t);
  const file = path.join(root, open);
  const bytes = readFileSync(file);
  bytes.fill(0, openBytes - Math.floor(fragmentBytes / 2));
  writeFileSync(file, bytes);
  const one = await bench(root);
  await one.recorder.stop();
  const report = await check(one);
  assert.deepEqual([report.problems, report.fragments], [[], 4]);
});

test("[R6] a torn line at the chain's end is cut off and told; what it told is found again from the file", async (t) => {
  const { root } = await killed(t);
  const folder = path.join(root, "gate-1/main/chain");
  const file = path.join(folder, readdirSync(folder)[0] ?? "");
  const whole = statSync(file).size;
  for (const cut of [1, 40, 200]) {
    const copy = tempRoot(t);
    cpSync(root, copy, { recursive: true });
    truncateSync(path.join(copy, "gate-1/main/chain", path.basename(file)), whole - cut);
    const one = await bench(copy);
    const entries: ChainEntry[] = [];
    for await (const entry of one.recorder.readChain(CAMERA, 1)) entries.push(entry);
    await one.recorder.stop();
    assert.ok(entries.some((entry) => entry.kind === "mend" && entry.what === "chain-tail" && entry.bytes > 0));
    const report = await check(one);
    assert.deepEqual([report.problems, report.notes, report.segments], [[], [], 2]);
  }
});

test("[R6] bytes of another's behind the chain are cut off", async (t) => {
  const { root } = await killed(t);
  const folder = path.join(root, "gate-1/main/chain");
  appendFileSync(path.join(folder, readdirSync(folder)[0] ?? ""), "\0\0\0\0garbage");
  const one = await bench(root);
  await one.recorder.stop();
  assert.deepEqual((await check(one)).problems, []);
});

test("[R7] a file that is gone is entered as damage once, told in the log, and fsck goes on telling it", async (t) => {
  const { root } = await killed(t);
  const first = await bench(root);
  await first.recorder.stop();
  const entries: ChainEntry[] = [];
  for await (const entry of first.recorder.readChain(CAMERA, 1)) entries.push(entry);
  const gone = entries.find((entry) => entry.kind === "segment");
  rmSync(path.join(root, gone?.file ?? ""));
  for (let restart = 0; restart < 2; restart++) {
    const one = await first.again();
    assert.equal(
      one.logged.some((line) => line.includes("footage is damaged")),
      restart === 0,
    );
    await one.recorder.stop();
  }
  const all: ChainEntry[] = [];
  for await (const entry of first.recorder.readChain(CAMERA, 1)) all.push(entry);
  assert.deepEqual(
    all.flatMap((entry) => (entry.kind === "mend" ? [[entry.what, entry.file]] : [])),
    [["file-missing", gone?.file]],
  );
  assert.deepEqual(
    (await check(first)).problems.map((one) => one.code),
    ["file-missing"],
  );
});

test("[R19] one stream whose chain cannot be opened does not end the others, and comes back when it can", async (t) => {
  const root = tempRoot(t);
  const one = await bench(root);
  const other = streamId("gate-2" as CameraId, "main");
  for (const stream of [CAMERA, other]) {
    const camera = new Camera(one, stream);
    camera.connect();
    await camera.send(60);
    camera.close();
  }
  await one.recorder.stop();
  const folder = path.join(root, "gate-1/main/chain");
  const file = path.join(folder, readdirSync(folder)[0] ?? "");
  const aside = path.join(tempRoot(t), "chain");
  copyFileSync(file, aside);
  rmSync(file);
  mkdirSync(file);
  const two = await one.again();
  assert.equal(two.recorder.disk().state, "failing");
  assert.deepEqual(two.recorder.open(CAMERA, []), { refused: "unsupported" });
  assert.throws(() => new Camera(two).connect(), /refused: disk/);
  const well = new Camera(two, other);
  well.connect();
  await well.send(60);
  rmSync(file, { recursive: true });
  copyFileSync(aside, file);
  two.clock.advance(5_000);
  while (two.recorder.disk().state !== "ok") await new Promise((resolve) => setImmediate(resolve));
  const back = new Camera(two);
  back.connect();
  await back.send(60);
  await two.recorder.stop();
  assert.deepEqual((await check(two)).problems, []);
});

test("[R3] a chain goes on in a new file after 2048 entries, and start-up finds its place", async (t) => {
  const root = tempRoot(t);
  const one = await bench(root);
  const camera = new Camera(one, CAMERA, 10, 2);
  for (let i = 0; i < 1_040; i++) {
    camera.connect();
    camera.frame();
    camera.frame();
    camera.close(i % 2 === 0 ? "no-data" : "refused");
    one.clock.advance(100);
  }
  await one.recorder.idle();
  await one.recorder.stop();
  assert.deepEqual(readdirSync(path.join(root, "gate-1/main/chain")), ["000000000001.ndjson", "000000002049.ndjson"]);
  const two = await one.again();
  const again = new Camera(two);
  again.connect();
  await again.send(60);
  await two.recorder.stop();
  const report = await check(two);
  assert.deepEqual([report.problems, report.notes], [[], []]);
  assert.equal(newest(two.entries, "segment")?.kind, "segment");
  assert.match(story(two.entries)[0] ?? "", /gap our-restart/);
});
