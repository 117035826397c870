import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { isFault } from "@mingjian/vocab";
import { FaultyDisk, TestClock, lockFolder, seededChance, sha256, systemChance, systemClock, systemDisk } from "../index.ts";
import { WRITEV_VIEWS_MAX } from "../disk.ts";

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), "mingjian-ports-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function code(error: unknown): string {
  return isFault(error) ? error.code : "no fault";
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(() => "done", code);
}

test("[P1] what falls due runs in order of time; a step moves the wall clock alone", () => {
  const clock = new TestClock(1_000_000);
  const ran: string[] = [];
  clock.after(30, () => ran.push(`c ${clock.utcMs()}`));
  const beat = clock.every(10, () => ran.push(`beat ${clock.utcMs()}`));
  clock.after(5, () => ran.push(`a ${clock.utcMs()}`));
  clock.after(7, () => ran.push("never")).cancel();
  clock.advance(25);
  clock.step(-3_600_000);
  beat.cancel();
  clock.advance(5);
  assert.deepEqual(ran, ["a 1000005", "beat 1000010", "beat 1000020", `c ${1_000_030 - 3_600_000}`]);
  const real = systemClock();
  const before = real.monotonicMs();
  assert.ok(Number.isInteger(real.utcMs()) && real.monotonicMs() >= before);
});

test("[P2] the same seed gives the same numbers", () => {
  const [a, b] = [seededChance(7), seededChance(7)];
  const numbers = Array.from({ length: 1_000 }, () => a.unit());
  assert.deepEqual(
    numbers,
    Array.from({ length: 1_000 }, () => b.unit()),
  );
  assert.ok(numbers.every((one) => one >= 0 && one < 1));
  assert.ok(Math.abs(numbers.reduce((sum, one) => sum + one, 0) / 1_000 - 0.5) < 0.05);
  assert.equal(systemChance().bytes(33).length, 33);
});

test("[P3] a thousand views and one more, written and read back", async (t) => {
  const disk = systemDisk();
  const file = await disk.create(path.join(folder(t), "a"));
  const views = Array.from({ length: WRITEV_VIEWS_MAX + 1 }, (_, index) => new Uint8Array(3).fill(index & 255));
  await file.writev(views, 5);
  await file.sync();
  assert.equal(await file.size(), 5 + views.length * 3);
  const back = new Uint8Array(views.length * 3 + 100);
  assert.equal(await file.read(back, 5), views.length * 3);
  views.forEach((view, index) => assert.deepEqual(back.slice(index * 3, index * 3 + 3), view));
  await file.truncate(7);
  assert.equal(await file.read(back, 6), 1);
  assert.equal(await file.read(back, 7), 0);
  await file.close();
  const hasher = sha256();
  hasher.update(new TextEncoder().encode("abc"));
  assert.equal(Buffer.from(hasher.digest()).toString("hex"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("[P4] each way to fail has its code", async (t) => {
  const disk = systemDisk();
  const at = folder(t);
  const file = path.join(at, "a");
  await (await disk.create(file)).close();
  assert.equal(await codeOf(disk.create(file)), "conflict");
  assert.equal(await codeOf(disk.open(path.join(at, "b"), "read")), "not-found");
  assert.equal(await codeOf(disk.remove(path.join(at, "b"))), "not-found");
  assert.equal(await codeOf(disk.list(file)), "disk-failed");
  assert.equal(await codeOf(disk.removeFolder(at)), "conflict");
  assert.equal(await disk.fileSize(path.join(at, "b")), undefined);
  const full = await disk.open("/dev/full", "write");
  assert.equal(await codeOf(full.writev([new Uint8Array(1)], 0)), "disk-full");
  await full.close();
  const closed = await disk.open(file, "read");
  assert.equal(await codeOf(closed.writev([new Uint8Array(1)], 0)), "disk-failed");
  await closed.close();
  assert.ok((await disk.space(at)).freeBytes > 0);
});

test("[P5] a missing folder lists as empty; making one twice is no mistake", async (t) => {
  const disk = systemDisk();
  const at = path.join(folder(t), "a/b");
  assert.deepEqual(await disk.list(at), []);
  await disk.makeFolder(at);
  await disk.makeFolder(at);
  await (await disk.create(path.join(at, "z"))).close();
  await disk.makeFolder(path.join(at, "y"));
  assert.deepEqual(await disk.list(at), ["y/", "z"]);
  await disk.rename(path.join(at, "z"), path.join(at, "x"));
  await disk.removeFolder(path.join(at, "y"));
  await disk.syncFolder(at);
  assert.deepEqual(await disk.list(at), ["x"]);
});

test("[P6] faults come where, when and as planned", async (t) => {
  const disk = new FaultyDisk(systemDisk());
  const at = folder(t);
  disk.plan({ step: "writev", path: "b", skip: 1, how: "stored" });
  disk.plan({ step: "writev", path: "a", how: "torn", times: 2, code: "disk-full" });
  disk.plan({ step: "sync", how: "failed" });
  const [a, b] = [await disk.create(path.join(at, "a")), await disk.create(path.join(at, "b"))];
  const bytes = new Uint8Array(10);
  assert.deepEqual([await codeOf(a.writev([bytes, bytes], 0)), await a.size()], ["disk-full", 10]);
  assert.deepEqual([await codeOf(a.writev([bytes], 0)), await codeOf(a.writev([bytes], 0))], ["disk-full", "done"]);
  assert.deepEqual([await codeOf(b.writev([bytes], 0)), await codeOf(b.writev([bytes], 10)), await b.size()], ["done", "disk-failed", 20]);
  assert.deepEqual([await codeOf(b.sync()), await codeOf(b.sync())], ["disk-failed", "done"]);
  disk.plan({ step: "close", how: "failed", times: 100 });
  disk.heal();
  disk.pretendFree(5);
  assert.equal((await disk.space(at)).freeBytes, 5);
  disk.stall();
  let written = false;
  const waits = a.writev([bytes], 0).then(() => (written = true));
  await disk.list(at);
  assert.equal(written, false);
  disk.resume();
  await waits;
  await a.close();
  await b.close();
  assert.equal(disk.failures.length, 4);
});

test("[P7] a second taker is refused, by another path too, until the first is killed", async (t) => {
  const at = folder(t);
  mkdirSync(path.join(at, "in"));
  const script = `import { lockFolder } from ${JSON.stringify(path.join(import.meta.dirname, "../index.ts"))}; await lockFolder(process.argv[1]); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, at], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  assert.equal(await codeOf(lockFolder(at)), "data-folder-in-use");
  assert.equal(await codeOf(lockFolder(path.join(at, "in/.."))), "data-folder-in-use");
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  const mine = await lockFolder(at);
  assert.equal(await codeOf(lockFolder(at)), "data-folder-in-use");
  await mine.release();
  await (await lockFolder(at)).release();
});
