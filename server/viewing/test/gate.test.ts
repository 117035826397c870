import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "@mingjian/vocab";
import type { UserId } from "@mingjian/vocab";
import { SESSIONS_PER_USER_MAX } from "../index.ts";
import { Client, STREAM, Source, T0, VIEWER, settle, stage } from "./stage.ts";

test("[V1] without a grant nothing is registered and no byte leaves", async () => {
  for (const code of ["grant-needed", "grant-expired", "grant-revoked"] as const) {
    const scene = stage();
    scene.answer = () => ({ allowed: false, code });
    const client = new Client();
    assert.equal(await scene.gateway.live(VIEWER, STREAM, "main", client), undefined);
    assert.equal(await scene.gateway.playback(VIEWER, { stream: STREAM, role: "main", at: T0, mode: "all" }, client), undefined);
    assert.deepEqual([client.end, client.frames.length, scene.uses.length, scene.source.started, client.closed], [code, 0, 0, 0, 2]);
  }
});

test("[V1] the grant is asked for the very instant, camera and action", async () => {
  const scene = stage();
  const asked: unknown[] = [];
  scene.answer = (ask) => {
    asked.push(ask);
    return { allowed: false, code: "grant-needed" };
  };
  await scene.gateway.live(VIEWER, STREAM, "main", new Client());
  await scene.gateway.playback(VIEWER, { stream: STREAM, role: "main", at: T0 + 5, mode: "all" }, new Client());
  const who = { grant: "g1", user: "zhang", camera: "gate", action: "view" };
  assert.deepEqual(asked, [
    { ...who, target: "live" },
    { ...who, target: { from: T0 + 5, to: T0 + 6 } },
  ]);
});

test("[V2] the register entry comes before the first byte", async () => {
  const scene = stage();
  let release = (): void => {};
  scene.beforeRegister = () =>
    new Promise<void>((resolve) => {
      release = resolve;
    });
  const client = new Client(scene.order);
  const begun = scene.gateway.live(VIEWER, STREAM, "main", client);
  await settle();
  assert.equal(scene.source.started, 0, "not even the tap runs before the entry");
  release();
  await begun;
  scene.source.init();
  scene.source.send(true);
  assert.deepEqual(scene.order, ["registered", "bytes", "bytes"]);
});

test("[V3] a register that fails lets no byte leave", async () => {
  for (const [error, code] of [
    [new Error("lost"), "register-failed"],
    [new Fault("database-away", "away"), "database-away"],
  ] as const) {
    const scene = stage();
    scene.beforeRegister = () => {
      throw error;
    };
    const client = new Client();
    assert.equal(await scene.gateway.live(VIEWER, STREAM, "main", client), undefined);
    assert.deepEqual([client.end, client.frames.length, scene.source.started, client.closed], [code, 0, 0, 1]);
  }
});

test("[V4] a revoked grant ends its own running sessions", async () => {
  const scene = stage();
  const own = new Client();
  const other = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", own);
  await scene.gateway.live({ ...VIEWER, grant: "g2" as never }, STREAM, "main", other);
  scene.source.init();
  scene.source.send(true);
  scene.change("g1", "grant-revoked");
  scene.source.send(false);
  assert.deepEqual([own.end, own.closed, own.frames.length], ["grant-revoked", 1, 2]);
  assert.deepEqual([other.end, other.frames.length], [undefined, 3]);
  assert.equal(scene.gateway.running, 1);
});

test("[V5] a grant's time ends its sessions", async () => {
  const scene = stage();
  scene.answer = () => ({ allowed: true, expiresAt: T0 + 5_000_000, purpose: "", basis: "", span: undefined });
  const client = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", client);
  scene.clock.advance(4_999_000);
  assert.equal(client.end, undefined);
  scene.clock.advance(1_001);
  assert.equal(client.end, "grant-expired");
});

test("[V6] a grant that ends during registration lets no byte leave", async () => {
  const scene = stage();
  scene.beforeRegister = () => scene.change("g1", "grant-revoked");
  const client = new Client();
  assert.equal(await scene.gateway.live(VIEWER, STREAM, "main", client), undefined);
  assert.deepEqual([client.end, client.frames.length, scene.source.started], ["grant-revoked", 0, 0]);
  assert.deepEqual(
    scene.ends.map((end) => end.result.cause),
    ["grant-revoked"],
  );
});

test("[V7] a session ends once and the register is told what was served", async () => {
  const scene = stage();
  const client = new Client();
  const session = await scene.gateway.live(VIEWER, STREAM, "main", client);
  scene.source.init();
  scene.source.send(true, 70);
  scene.source.send(false, 30);
  session?.end("client-left");
  scene.change("g1", "grant-revoked");
  session?.end("stopping");
  scene.source.send(false);
  assert.equal(client.closed, 1);
  assert.deepEqual(scene.ends, [{ session: "s1", result: { cause: "client-left", bytes: 100, frames: 2, servedFrom: T0, servedTo: T0 + 80 } }]);
  assert.equal(scene.gateway.running, 0);
});

test("[V7] sign-out ends a person's sessions, our stop all of them", async () => {
  const scene = stage();
  const [one, two] = [new Client(), new Client()];
  await scene.gateway.live(VIEWER, STREAM, "main", one);
  await scene.gateway.live({ ...VIEWER, user: "li" as UserId }, STREAM, "main", two);
  scene.gateway.endOf(VIEWER.user, "signed-out");
  assert.deepEqual([one.end, two.end], ["signed-out", undefined]);
  scene.gateway.endAll("stopping");
  assert.deepEqual([two.end, scene.gateway.running, scene.source.listeners.length], ["stopping", 0, 0]);
});

test("[V8] one person's sessions have a limit", async () => {
  const scene = stage();
  for (let at = 0; at < SESSIONS_PER_USER_MAX; at++) assert.notEqual(await scene.gateway.live(VIEWER, STREAM, "main", new Client()), undefined);
  const late = new Client();
  assert.equal(await scene.gateway.live(VIEWER, STREAM, "main", late), undefined);
  assert.deepEqual([late.end, scene.uses.length], ["too-many", SESSIONS_PER_USER_MAX]);
  const other = new Client();
  assert.notEqual(await scene.gateway.live({ ...VIEWER, user: "li" as UserId }, STREAM, "main", other), undefined);
});

test("[V11] the first viewer starts the tap, the last one stops it", async () => {
  const scene = stage();
  const one = await scene.gateway.live(VIEWER, STREAM, "main", new Client());
  const two = await scene.gateway.live(VIEWER, STREAM, "main", new Client());
  assert.deepEqual([scene.source.started, scene.gateway.watchedStreams], [1, 1]);
  one?.end("client-left");
  assert.equal(scene.source.stopped, 0);
  two?.end("client-left");
  assert.deepEqual([scene.source.stopped, scene.gateway.watchedStreams], [1, 0]);
  assert.ok(scene.source instanceof Source);
});
