import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { isFault } from "@mingjian/vocab";
import type { StreamId } from "@mingjian/vocab";
import type { Health } from "@mingjian/contract";
import { systemDisk } from "../../ports/index.ts";
import { chainsOf } from "../chains.ts";
import { startStation } from "../main.ts";
import { Browser, codeOf, setUp, startHouse, whenRecorded, whenRecorder } from "./running.ts";
import type { TestHouse } from "./running.ts";

const CLI = path.join(import.meta.dirname, "../cli.ts");

let house: TestHouse;
let first: Browser;

before(async () => {
  house = await startHouse();
  first = await setUp(house);
});
after(() => house.end());

async function killRecorder(): Promise<void> {
  const { recorder } = house.running.station;
  const { pid, restarts } = recorder;
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  await whenRecorder(house, "the recorder is back", () => (recorder.restarts > restarts && recorder.up ? true : undefined));
}

/** Kills the built-in database and keeps it from coming back until the answer is called. */
function killDatabase(): () => void {
  const cluster = path.join(house.data, "postgres/cluster");
  const settings = path.join(cluster, "postgresql.conf");
  const { size } = statSync(settings);
  appendFileSync(settings, "\nno_such_setting = 1\n");
  process.kill(Number(readFileSync(path.join(cluster, "postmaster.pid"), "utf8").split("\n")[0]), "SIGKILL");
  return () => truncateSync(settings, size);
}

function whenDatabase(status: "up" | "away"): Promise<void> {
  const { database } = house.running.station;
  return new Promise((resolve) => {
    const stop = database.onState((state) => check(state));
    const check = (state: { readonly status: string }): void => {
      if (state.status !== status) return;
      stop();
      resolve();
    };
    check(database.state());
  });
}

test("[H40] a second station on the same folder is refused, and the first goes on", async () => {
  await assert.rejects(startStation(house.settings, { demo: true }), (error) => isFault(error) && error.code === "data-folder-in-use");
  await whenRecorded(house, "demo-1.main", 1_000);
  assert.equal((await first.cameras()).length, 2);
});

test("[H40] a port that is taken is told, and nothing is left behind", async () => {
  const other = mkdtempSync(path.join(tmpdir(), "mingjian-second-"));
  if (process.getuid?.() === 0) chmodSync(other, 0o711);
  try {
    const port = Number(new URL(house.running.address).port);
    await assert.rejects(startStation({ ...house.settings, data: other, port }, { demo: false }), (error) => isFault(error) && error.code === "port-in-use");
    await assert.rejects(startStation({ ...house.settings, data: other, port }, { demo: false }), (error) => isFault(error) && error.code === "port-in-use");
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
});

test("[H41] a killed recorder is started again: viewers wait and see on, and the hole is a gap with its cause", async () => {
  const piece = await whenRecorded(house, "demo-1.main", 2_000);
  const grant = (await first.grant({})).body;
  const watcher = first.watch({ camera: "demo-1", grant: grant.id });
  await watcher.frame();
  const [waiting] = await Promise.all([watcher.told("waiting"), killRecorder()]);
  assert.ok(waiting.type === "waiting" && waiting.fault === "recorder-away");
  await watcher.told("start");
  assert.equal((await watcher.frame()).key, true);
  watcher.close();
  const gap = await whenRecorder(house, "a gap in the timeline", async () => {
    const bands = (await first.timeline("demo-1", piece.fromMs - 1_000, Date.now())).cameras[0]?.bands ?? [];
    return bands.some(({ kind, from }) => kind === "recorded" && Date.parse(from) <= piece.fromMs) ? bands.find(({ kind }) => kind === "gap") : undefined;
  });
  assert.equal(gap.cause, "our-restart");
  assert.equal((await first.good<Health>("GET", "/api/v1/health")).recorder.restarts, 1);
});

test("[H42] while the database is away recording goes on, the API says so, and nothing is served unregistered", async (t) => {
  const { station } = house.running;
  const grant = (await first.grant({})).body;
  const watcher = first.watch({ camera: "demo-1", grant: grant.id });
  await watcher.frame();
  const before = await whenRecorded(house, "demo-2.main", 1_000);
  const mend = killDatabase();
  try {
    await whenDatabase("away");
    assert.equal(codeOf(await first.get("/api/v1/users")), "database-away");
    assert.equal(codeOf(await first.grant({})), "database-away");
    assert.deepEqual((await new Browser(first.base).ask("GET", "/healthz")).status, 200);
    const ready = await fetch(`${first.base}/readyz`);
    assert.equal(ready.status, 503);
    // Health is worked out once a second.
    const { level } = await whenRecorder(house, "the alarm", async () => {
      const health = await station.health();
      return health.alarms.some(({ code }) => code === "database-away") ? health : undefined;
    });
    assert.equal(level, "alarm");
    assert.match(await (await fetch(`${first.base}/metrics`)).text(), /^mingjian_database_up 0$/m);
    // Live pictures whose use is registered run on; a new use cannot be registered, so it gets none.
    await watcher.frame(true);
    const late = first.watch({ camera: "demo-1", grant: grant.id });
    await late.next("an end", () => false).catch(() => {});
    assert.ok(late.heard.every(({ frame }) => frame === undefined));
    await whenRecorder(house, "footage grows", () =>
      station.recorder.state?.open.find((piece) => piece.stream === before.stream && piece.bytes > before.bytes),
    );
    // New entries in the chains while nothing can be indexed.
    await killRecorder();
    await whenRecorder(house, "the index lags", async () => ((await station.health()).database.indexLagSegments > 0 ? true : undefined));
  } finally {
    mend();
  }
  await whenDatabase("up");
  await whenRecorder(house, "the index has caught up", async () => ((await station.health()).database.indexLagSegments === 0 ? true : undefined));
  const { cameras } = await first.timeline("demo-2", before.fromMs, before.toMs);
  assert.ok(cameras[0]?.bands.some(({ kind }) => kind === "recorded"));
  t.diagnostic(`served on while away: ${watcher.heard.length} messages`);
  watcher.close();
  assert.equal((await first.grant({})).status, 200);
});

/** Children of a process, by their command lines. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim().split(" ").filter(Boolean).map(Number);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("[H43] the command starts, prints the address and the link, and on SIGTERM ends with all its processes; the link of the next start is another", async () => {
  const data = mkdtempSync(path.join(tmpdir(), "mingjian-command-"));
  if (process.getuid?.() === 0) chmodSync(data, 0o711);
  const links: string[] = [];
  try {
    for (let turn = 0; turn < 2; turn++) {
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CLI, "start", "--demo"], {
        env: {
          ...process.env,
          MINGJIAN_DATA: data,
          MINGJIAN_PORT: "0",
          MINGJIAN_DEMO_CAMERAS: "1",
          MINGJIAN_LOG_LEVEL: "error",
        },
        stdio: ["ignore", "pipe", "ignore"],
      });
      let address = "";
      for await (const line of createInterface({ input: child.stdout })) {
        address ||= /Mingjian runs at\s+(\S+)/.exec(line)?.[1] ?? "";
        const link = /^\s+(http\S+\/setup\?token=\S+)$/.exec(line)?.[1];
        if (link !== undefined) links.push(link);
        if (line.includes("Ctrl+C")) break;
      }
      assert.equal((await new Browser(address).get("/healthz")).status, 200);
      const children = await childrenOf(child.pid ?? 0);
      assert.ok(children.length >= 3, "recorder, database and demo cameras");
      child.kill("SIGTERM");
      const [code] = (await once(child, "exit")) as [number];
      assert.equal(code, 0);
      assert.deepEqual(children.filter(alive), []);
    }
    assert.equal(links.length, 2);
    assert.notEqual(links[0]?.split("token=")[1], links[1]?.split("token=")[1]);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test("[H41] footage missed while the station was stopped is a gap of its restart, not of a camera switched off", async () => {
  const stopped = await startHouse({ MINGJIAN_DEMO_CAMERAS: "1" });
  try {
    await whenRecorded(stopped, "demo-1.main", 1_000);
    await stopped.running.stop();
    const again = await startStation(stopped.settings, { demo: true });
    try {
      await whenRecorded({ ...stopped, running: again }, "demo-1.main", 1_000);
      const causes: string[] = [];
      let segments = 0;
      for await (const entry of chainsOf(systemDisk(), path.join(stopped.data, "footage")).readChain("demo-1.main" as StreamId, 1)) {
        if (entry.kind === "segment") segments += 1;
        if (entry.kind === "gap" && segments > 0) causes.push(entry.cause);
      }
      assert.ok(causes.length > 0 && causes.every((cause) => cause === "our-restart"), causes.join());
    } finally {
      await again.stop();
    }
  } finally {
    rmSync(stopped.data, { recursive: true, force: true });
  }
});

test("[H43] a station that stops tells its viewers so and does not wait for them", async () => {
  const grant = (await first.grant({})).body;
  const watcher = first.watch({ camera: "demo-1", grant: grant.id });
  await watcher.frame();
  const events = await fetch(`${first.base}/api/v1/events`, { headers: { cookie: first.cookie } });
  const [code] = await Promise.all([watcher.end(), house.running.stop()]);
  assert.equal(code, "stopping");
  await assert.rejects(async () => {
    for await (const _ of events.body ?? []);
  });
});
