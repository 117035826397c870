import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { seededChance, sha256, systemClock, systemDisk } from "../../server/ports/index.ts";
import { createRecorder, fsck, scanPath } from "../../server/recording/index.ts";

interface Told {
  readonly file: string;
  readonly fragments: number;
  readonly bytes: number;
}

/** What a killed recorder had acknowledged, by file. */
async function killOne(root: string, cameras: number, frameBytes: number, lifeMs: number): Promise<Map<string, Told>> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "crash-child.ts"), root, String(cameras), String(frameBytes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told = new Map<string, Told>();
  let carry = "";
  let started = (): void => {};
  const ready = new Promise<void>((resolve) => {
    started = resolve;
  });
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    const lines = (carry + text).split("\n");
    carry = lines.pop() ?? "";
    for (const line of lines) {
      const facts = JSON.parse(line) as Partial<Told> & { ready?: boolean; error?: unknown };
      if (facts.ready === true) started();
      if (facts.error !== undefined) console.error(line);
      if (facts.file !== undefined && facts.fragments !== undefined && facts.bytes !== undefined)
        told.set(facts.file, { file: facts.file, fragments: facts.fragments, bytes: facts.bytes });
    }
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await Promise.race([ready, gone]);
  await new Promise((resolve) => setTimeout(resolve, lifeMs));
  child.kill("SIGKILL");
  await gone;
  return told;
}

/** Acknowledged fragments that are not whole in their file. */
async function lostOf(root: string, told: ReadonlyMap<string, Told>): Promise<number> {
  let lost = 0;
  for (const { file, fragments } of told.values()) {
    const there = await scanPath(systemDisk(), path.join(root, file)).then(
      (scan) => scan.parts.length - 1,
      () => 0,
    );
    lost += Math.max(0, fragments - there);
  }
  return lost;
}

/**
 * Kills a recorder with SIGKILL at random instants, again and again on the same folder, and proves each time that
 * nothing acknowledged is lost and that the folder checks clean, before start-up has mended it and after.
 * `--rounds`, `--cameras`, `--frame-bytes`, `--seed`, `--dir`.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "20" },
      cameras: { type: "string", default: "4" },
      "frame-bytes": { type: "string", default: "4000" },
      seed: { type: "string", default: "1" },
      dir: { type: "string", default: tmpdir() },
    },
  });
  const rounds = Number(values.rounds);
  const chance = seededChance(Number(values.seed));
  const root = mkdtempSync(path.join(values.dir, "mingjian-crash-"));
  const options = { disk: systemDisk(), hash: sha256 };
  const quiet = (): void => {};
  let kills = 0;
  let bytesLost = 0;
  let acknowledgedLost = 0;
  let acknowledged = 0;
  let fsckClean = true;
  let last: Awaited<ReturnType<typeof fsck>> | undefined;
  for (let round = 0; round < rounds; round++) {
    const told = await killOne(root, Number(values.cameras), Number(values["frame-bytes"]), chance.unit() * 400);
    kills += 1;
    for (const one of told.values()) acknowledged += one.fragments;
    acknowledgedLost += await lostOf(root, told);
    // As the crash left it: a torn end is no problem, a changed byte would be. Reading everything each time would
    // make rounds longer than lives, so all bytes are read after every tenth and the last.
    const full = round % 10 === 9 || round === rounds - 1;
    const left = await fsck(root, { ...options, fast: !full });
    bytesLost += left.tornBytes;
    const recorder = await createRecorder({
      ...options,
      clock: systemClock(),
      root,
      reserveBytes: 0,
      log: { info: quiet, warn: quiet, error: (facts) => console.error(JSON.stringify(facts)) },
      ledger: { append: async () => {} },
    });
    await recorder.stop();
    last = await fsck(root, { ...options, fast: !full });
    const good = left.clean && last.clean && last.notes.length === 0;
    fsckClean &&= good;
    if (!good) console.error(JSON.stringify({ round, before: left.problems, after: last.problems, notes: last.notes }));
    acknowledgedLost += await lostOf(root, told);
    if (statSync(root).isDirectory() && round % 20 === 19) console.log(`${round + 1} rounds, ${last.segments} segments`);
  }
  rmSync(root, { recursive: true, force: true });
  console.log(
    JSON.stringify({
      bench: "crash",
      rounds,
      kills,
      bytesLost,
      acknowledgedLost,
      fsckClean,
      acknowledgedFragments: acknowledged,
      segments: last?.segments ?? 0,
    }),
  );
}

if (import.meta.main) await run(process.argv.slice(2));
