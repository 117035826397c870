import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import type { Me, ProbeResult } from "@mingjian/contract";
import { formatUtc } from "@mingjian/vocab";
import { Browser, PASSWORD, codeOf, everybody, personWith, setUp, startHouse, watching, whenRecorded } from "./running.ts";
import type { TestHouse, Watcher } from "./running.ts";

let house: TestHouse;
let nobody: Browser;
let first: Browser;
let people: ReadonlyMap<string, Browser> = new Map();

function as(name: string): Browser {
  const person = people.get(name);
  assert.ok(person, name);
  return person;
}

before(async () => {
  house = await startHouse();
  nobody = new Browser(house.running.address);
  first = await setUp(house);
  people = await everybody(first);
});
after(() => house.end());

test("[H20] a live socket gives the start, the initialisation segment, and frames from a key frame on", async () => {
  const grant = (await as("duty").grant({})).body;
  const watcher = as("duty").watch({ camera: "demo-1", grant: grant.id, stream: "main" });
  const start = await watcher.told("start");
  assert.ok(start.type === "start" && start.camera === "demo-1" && start.mime.startsWith("video/mp4"));
  const { frame: init } = await watcher.next("init", ({ frame }) => frame !== undefined);
  assert.equal(init?.kind, 1);
  assert.equal((await watcher.frame()).key, true);
  for (let n = 0; n < 10; n++) await watcher.frame();
  watcher.close();
});

test("[H20] the sub-stream is received while it is watched", async () => {
  const grant = (await as("duty").grant({})).body;
  const watcher = as("duty").watch({
    camera: "demo-2",
    grant: (await as("duty").grant({ cameras: ["demo-2"] })).body.id,
    stream: "sub",
  });
  const start = await watcher.told("start");
  assert.ok(start.type === "start" && start.stream === "sub");
  await watcher.frame(true);
  watcher.close();
  assert.equal(await as("duty").watch({ camera: "demo-2", grant: grant.id }).end(), "grant-needed");
});

test("[H21] playback of some seconds ago begins with a key frame at or before the instant", async () => {
  const piece = await whenRecorded(house, "demo-1.main", 5_000);
  const at = piece.toMs - 2_500;
  const grant = await as("chief").grant({ live: false, from: formatUtc(piece.fromMs), to: formatUtc(piece.toMs) });
  const watcher = as("chief").watch({ camera: "demo-1", grant: grant.body.id, at: formatUtc(at) }, "playback");
  const start = await watcher.told("start");
  assert.equal(start.type, "start");
  const frame = await watcher.frame();
  assert.ok(frame.key && frame.utcMs <= at && frame.utcMs > at - 5_000, `${frame.utcMs} ${at}`);
  watcher.close();
  assert.equal(
    await as("chief")
      .watch({ camera: "demo-1", grant: grant.body.id, at: formatUtc(piece.fromMs - 3_600_000) }, "playback")
      .end(),
    "grant-needed",
  );
});

/** Kinds of the boxes at the top of an MP4 file; every byte belongs to one. */
function boxes(file: Uint8Array): string[] {
  const kinds: string[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = 0;
  for (; at < file.length; at += view.getUint32(at)) kinds.push(String.fromCharCode(...file.subarray(at + 4, at + 8)));
  assert.equal(at, file.length);
  return kinds;
}

test("[H22] a span comes as one MP4 file with a grant that allows copying, and not with one that allows looking", async () => {
  const piece = await whenRecorded(house, "demo-1.main", 5_000);
  const span = { from: formatUtc(piece.fromMs), to: formatUtc(piece.toMs) };
  const view = (await as("chief").grant({ live: false, ...span })).body;
  const copy = (await as("chief").grant({ live: false, ...span, actions: ["view", "copy"] })).body;
  const url = (grant: string, more = {}): string => `/media/v1/span.mp4?${new URLSearchParams({ camera: "demo-1", ...span, grant, ...more }).toString()}`;
  const kinds = boxes(await as("chief").bytes(url(copy.id)));
  assert.deepEqual(kinds.slice(0, 2), ["ftyp", "moov"]);
  const media = kinds.filter((kind) => kind === "moof" || kind === "mdat");
  assert.ok(media.length >= 4, kinds.join(" "));
  for (const [at, kind] of media.entries()) assert.equal(kind, at % 2 === 0 ? "moof" : "mdat");
  assert.equal(codeOf(await as("chief").get(url(view.id))), "grant-needed");
  assert.equal(codeOf(await as("chief").get(url(copy.id, { camera: "demo-2" }))), "grant-needed");
  assert.equal(codeOf(await as("chief").get(url(copy.id, { to: formatUtc(piece.toMs + 60_000) }))), "grant-needed");
  assert.equal(codeOf(await as("duty").get(url(copy.id))), "grant-needed");
  assert.equal(codeOf(await as("chief").get(url(copy.id, { to: span.from }))), "bad-input");
});

test("[H23] a revoked grant ends the running picture and opens no new one", async (t) => {
  const grant = (await as("duty").grant({})).body;
  const watcher = as("duty").watch({ camera: "demo-1", grant: grant.id });
  await watcher.frame();
  const begun = performance.now();
  const [answer, code] = await Promise.all([as("chief").ask("DELETE", `/api/v1/grants/${grant.id}`), watcher.end()]);
  t.diagnostic(`the picture ended after ${(performance.now() - begun).toFixed(0)} ms`);
  assert.equal(answer.status, 200);
  assert.equal(code, "grant-revoked");
  assert.equal(watcher.heard.at(-1)?.text?.type, "end");
  assert.equal(await as("duty").watch({ camera: "demo-1", grant: grant.id }).end(), "grant-revoked");
});

test("[H23] signing out and being disabled end running pictures", async () => {
  const person = await personWith(first, "leaver", ["duty"], "demo");
  const open = async (): Promise<Watcher> => watching(person);
  const one = await open();
  const [code] = await Promise.all([one.end(), person.post("/api/v1/sign-out")]);
  assert.equal(code, "signed-out");
  await person.signIn("leaver");
  const two = await open();
  const { user } = await person.good<Me>("GET", "/api/v1/me");
  const [cause] = await Promise.all([two.end(), first.good("PATCH", `/api/v1/users/${user.id}`, { disabled: true })]);
  assert.ok(cause === "signed-out" || cause === "grant-revoked", cause);
  assert.equal(codeOf(await person.get("/api/v1/me")), "not-signed-in");
});

test("[H24] the use is in the register when the first byte comes, and closed with what was served", async () => {
  const grant = (await as("duty").grant({ purpose: "夜间巡查" })).body;
  const watcher = as("duty").watch({ camera: "demo-1", grant: grant.id });
  const { text: start } = await watcher.next("anything", () => true);
  assert.ok(start?.type === "start");
  const line = (await as("auditor").register()).find(({ id }) => id === start.session);
  assert.ok(line);
  assert.deepEqual([line.grant, line.action, line.purpose, line.basis, line.endedAt], [grant.id, "live", "夜间巡查", "role:duty", null]);
  await watcher.frame();
  const [code] = await Promise.all([watcher.end(), as("duty").ask("DELETE", `/api/v1/grants/${grant.id}`)]);
  assert.equal(code, "grant-revoked");
  await house.running.station.database.query("select 1");
  const closed = await whenLine(start.session);
  assert.equal(closed.endCause, "grant-revoked");
  assert.ok(closed.bytes > 0 && closed.servedFrom !== null);
});

async function whenLine(session: string): Promise<{ endCause: string | null; bytes: number; servedFrom: string | null }> {
  while (true) {
    const line = (await as("auditor").register()).find(({ id, endedAt }) => id === session && endedAt !== null);
    if (line !== undefined) return line;
    await new Promise<void>((resolve) => {
      const stop = house.running.station.recorder.onState(() => {
        stop();
        resolve();
      });
    });
  }
}

async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("[H30] a probe of a good source shows a picture; a dead port and a wrong password name the step that failed", async () => {
  const [camera] = await first.cameras();
  const probe = (source: unknown): Promise<ProbeResult> => as("chief").good<ProbeResult>("POST", "/api/v1/cameras/probe", { source });
  const good = await probe({ url: camera?.streams[0]?.url });
  assert.ok(good.ok && good.picture !== null && good.tracks.some(({ kind }) => kind === "video"), JSON.stringify(good.steps));
  const failed = (result: ProbeResult): [string | undefined, string | null | undefined] => {
    const step = result.steps.find(({ outcome }) => outcome === "failed");
    return [step?.step, step?.code];
  };
  assert.deepEqual(failed(await probe({ url: `rtsp://127.0.0.1:${await deadPort()}/x` })), ["connect", "camera-refused"]);
  const script = path.join(import.meta.dirname, "../../../simulators/src/main.ts");
  const simulator = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, "--port", "0", "--auth", "u:right", "--with-parent"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: simulator.stdout }), "line")) as [string];
    const [url] = (JSON.parse(line) as { urls: string[] }).urls;
    assert.deepEqual(failed(await probe({ url, user: "u", password: "wrong" })), ["authorise", "camera-unauthorised"]);
    assert.ok((await probe({ url, user: "u", password: "right" })).ok);
  } finally {
    simulator.kill();
  }
});

test("[H31] a second camera on one URL is refused unless it is meant, and the password never comes out", async () => {
  const url = `rtsp://127.0.0.1:${await deadPort()}/gate`;
  const main = { url, user: "u", password: "very secret words" };
  const camera = await as("chief").good<{ id: string; version: number }>("POST", "/api/v1/cameras", {
    unit: "demo",
    name: "门",
    record: false,
    main,
  });
  assert.ok(!JSON.stringify(camera).includes("very secret words"));
  const again = await as("chief").post("/api/v1/cameras", { unit: "demo", name: "门 2", record: false, main });
  assert.equal(codeOf(again), "camera-url-taken");
  const second = await as("chief").good<{ id: string; version: number }>("POST", "/api/v1/cameras", {
    unit: "demo",
    name: "门 2",
    record: false,
    main,
    allowSharedUrl: true,
  });
  assert.equal(codeOf(await as("chief").ask("PATCH", `/api/v1/cameras/${camera.id}`, { version: camera.version + 5, name: "x" })), "conflict");
  for (const one of [camera, second]) await as("chief").good("DELETE", `/api/v1/cameras/${one.id}?version=${one.version}`);
  assert.equal((await as("chief").cameras()).length, 2);
});

test("[H51] every answer carries the security headers", async () => {
  for (const url of ["/healthz", "/api/v1/me", "/nowhere", "/api/v1/openapi.json"]) {
    const { headers } = await new Browser(nobody.base).get(url);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'self'.*frame-ancestors 'none'/);
    for (const [name, value] of [
      ["x-content-type-options", "nosniff"],
      ["x-frame-options", "DENY"],
      ["referrer-policy", "no-referrer"],
      ["cross-origin-opener-policy", "same-origin"],
      ["cache-control", "no-store"],
    ] as const) {
      assert.equal(headers.get(name), value, `${url} ${name}`);
    }
  }
});

test("[H51] the session cookie is out of scripts' and other sites' reach", async () => {
  const response = await fetch(`${nobody.base}/api/v1/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "duty", password: PASSWORD }),
  });
  const cookies = response.headers.getSetCookie();
  assert.ok(cookies.length > 0);
  for (const cookie of cookies) assert.match(cookie, /HttpOnly/i);
  for (const cookie of cookies) assert.match(cookie, /SameSite=(?:Strict|Lax)/i);
});

test("[H52] liveness, readiness and metrics answer without a sign-in", async () => {
  assert.deepEqual((await nobody.get("/healthz")).body, { ok: true });
  assert.deepEqual((await nobody.get("/readyz")).body, { ready: true, recorder: true, database: "up" });
  const metrics = (await nobody.get<string>("/metrics")).body;
  for (const name of ["mingjian_cameras_total 2", "mingjian_database_up 1", "mingjian_recorder_restarts 0", "process_cpu_user_seconds_total"])
    assert.ok(metrics.includes(name), name);
  assert.ok(!metrics.includes("demo-1"));
});

test("[H53] what changes is told as it happens", async () => {
  const response = await fetch(`${nobody.base}/api/v1/events`, { headers: { cookie: as("duty").cookie } });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.ok(response.body);
  let text = "";
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString("utf8");
    if (text.includes("event: health") && text.includes('"camera":"demo-1"')) break;
  }
  assert.match(text, /event: stream\ndata: \{"camera":"demo-1"/);
});
