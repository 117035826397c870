import assert from "node:assert/strict";
import { readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { seededChance } from "../../ports/index.ts";
import { Camera, bench, check, tempRoot } from "./help.ts";

async function recorded(t: TestContext): Promise<{ root: string; files: string[]; chain: string }> {
  const one = await bench(tempRoot(t));
  const camera = new Camera(one, undefined, 40);
  for (let i = 0; i < 3; i++) {
    camera.connect();
    await camera.send(75);
    camera.close("no-data");
    await one.recorder.idle();
    one.clock.advance(1_000);
  }
  await one.recorder.stop();
  const day = path.join(one.root, "gate-1/main/2026-11-22");
  const chain = path.join(one.root, "gate-1/main/chain");
  return { root: one.root, files: readdirSync(day).map((name) => path.join(day, name)), chain: path.join(chain, readdirSync(chain)[0] ?? "") };
}

function codes(root: string, fast = false): Promise<string[]> {
  return check({ root } as never, fast).then((report) => [...new Set(report.problems.map((one) => one.code))].sort());
}

test("[R18] any byte changed in any file is found", async (t) => {
  const { root, files, chain } = await recorded(t);
  assert.deepEqual(await codes(root), []);
  const chance = seededChance(99);
  for (const file of [...files, chain]) {
    const whole = readFileSync(file);
    for (let i = 0; i < 60; i++) {
      const at = Math.floor(chance.unit() * whole.length);
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(chance.unit() * 8));
      writeFileSync(file, bytes);
      const report = await check({ root } as never);
      assert.ok(!report.clean || report.notes.length > 0, `${path.basename(file)} byte ${at}`);
    }
    writeFileSync(file, whole);
  }
  assert.deepEqual(await codes(root), []);
});

test("[R18] a file gone, cut, swapped, strange; a line gone, doubled, out of its place", async (t) => {
  const { root, files, chain } = await recorded(t);
  const [first, second] = files;
  assert.ok(first !== undefined && second !== undefined);
  const a = readFileSync(first);
  const b = readFileSync(second);
  const lines = readFileSync(chain, "utf8").split(/(?<=\n)/);
  const cases: [string, () => void, string[]][] = [
    ["gone", () => rmSync(first), ["file-missing"]],
    ["cut", () => writeFileSync(first, a.subarray(0, a.length - 1)), ["file-index", "file-size"]],
    ["swapped", () => (writeFileSync(first, b), writeFileSync(second, a)), ["file-digest"]],
    ["strange", () => writeFileSync(path.join(path.dirname(first), "note.txt"), "x"), ["stray-file"]],
    ["line gone", () => writeFileSync(chain, [lines[0], ...lines.slice(2)].join("")), ["chain-hole"]],
    ["line doubled", () => writeFileSync(chain, [lines[0], ...lines].join("")), ["chain-hole"]],
    ["lines swapped", () => writeFileSync(chain, [lines[1], lines[0], ...lines.slice(2)].join("")), ["chain-hole"]],
    ["renamed", () => renameSync(first, first.replace("00000001", "00000000")), ["file-missing", "stray-file"]],
  ];
  for (const [name, spoil, expected] of cases) {
    spoil();
    const found = await codes(root);
    for (const code of expected) assert.ok(found.includes(code), `${name}: ${found.join(" ")}`);
    rmSync(path.join(path.dirname(first), "note.txt"), { force: true });
    rmSync(first.replace("00000001", "00000000"), { force: true });
    writeFileSync(first, a);
    writeFileSync(second, b);
    writeFileSync(chain, lines.join(""));
    assert.deepEqual(await codes(root), [], name);
  }
});

test("[R18] the fast check leaves payload unread: it finds a cut file, not a changed picture", async (t) => {
  const { root, files } = await recorded(t);
  const file = files[0] ?? "";
  const bytes = readFileSync(file);
  bytes[bytes.indexOf("mdat") + 20] = 1 ^ (bytes[bytes.indexOf("mdat") + 20] ?? 0);
  writeFileSync(file, bytes);
  assert.deepEqual(await codes(root, true), []);
  assert.deepEqual(await codes(root), ["fragment-digest"]);
  writeFileSync(file, bytes.subarray(0, statSync(file).size - 4));
  assert.ok((await codes(root, true)).includes("file-size"));
});
