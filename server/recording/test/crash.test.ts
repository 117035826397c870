import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

test("[R4] killed with SIGKILL at random instants: nothing acknowledged is lost, every check is clean", async () => {
  const bench = path.join(import.meta.dirname, "../../../bench/src/crash.ts");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [bench, "--rounds", "4", "--cameras", "2", "--seed", "11"]);
  const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
  assert.equal(stderr, "");
  assert.deepEqual([last["kills"], last["acknowledgedLost"], last["fsckClean"]], [4, 0, true]);
  assert.ok(Number(last["acknowledgedFragments"]) > 0);
});
