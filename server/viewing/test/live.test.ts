import assert from "node:assert/strict";
import { test } from "node:test";
import { GOP_CACHE_BYTES_MAX } from "../live-hub.ts";
import { LIVE_BEHIND_MS_MAX, LIVE_WAITING_BYTES_MAX } from "../live.ts";
import { Client, STREAM, VIEWER, stage } from "./stage.ts";

test("[V10] a newcomer gets init, the GOP so far, then every frame", async () => {
  const scene = stage();
  await scene.gateway.live(VIEWER, STREAM, "main", new Client());
  scene.source.init();
  for (const key of [true, false, true, false, false]) scene.source.send(key);
  const late = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", late);
  assert.deepEqual(
    late.frames.map((frame) => [frame.header.kind, frame.header.key]),
    [
      [1, false],
      [2, true],
      [2, false],
      [2, false],
    ],
  );
  assert.equal(late.messages[0]?.type, "start");
  scene.source.send(false);
  assert.equal(late.frames.length, 5);
  assert.deepEqual(
    late.frames.map((frame) => frame.header.sequence),
    [0, 1, 2, 3, 4],
  );
});

test("[V10] a newcomer is told that the camera is not sending", async () => {
  const scene = stage();
  await scene.gateway.live(VIEWER, STREAM, "main", new Client());
  scene.source.tell({ kind: "waiting", state: "backing-off", fault: "camera-unreachable" });
  const late = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", late);
  assert.deepEqual(late.messages, [{ type: "waiting", state: "backing-off", fault: "camera-unreachable" }]);
});

test("[V12] a viewer who is behind misses frames until a key frame, the other none", async () => {
  const scene = stage();
  const [slow, quick] = [new Client(), new Client()];
  await scene.gateway.live(VIEWER, STREAM, "main", slow);
  await scene.gateway.live(VIEWER, STREAM, "main", quick);
  scene.source.init();
  scene.source.send(true);
  slow.waiting = LIVE_WAITING_BYTES_MAX + 1;
  scene.source.send(false);
  slow.waiting = LIVE_WAITING_BYTES_MAX;
  scene.source.send(false);
  scene.source.send(true);
  scene.source.send(false);
  assert.deepEqual(
    slow.frames.slice(1).map((frame) => frame.header.key),
    [true, true, false],
  );
  assert.equal(quick.frames.length, 6);
});

test("[V13] a viewer who stays behind is closed", async () => {
  const scene = stage();
  const slow = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", slow);
  scene.source.init();
  slow.waiting = LIVE_WAITING_BYTES_MAX + 1;
  scene.source.send(true);
  scene.clock.advance(LIVE_BEHIND_MS_MAX);
  scene.source.send(false);
  assert.equal(slow.end, undefined);
  scene.clock.advance(1);
  scene.source.send(false);
  assert.deepEqual([slow.end, scene.ends[0]?.result.cause], ["client-too-slow", "client-too-slow"]);
});

test("[V14] a GOP larger than the cache is not kept", async () => {
  const scene = stage();
  await scene.gateway.live(VIEWER, STREAM, "main", new Client());
  scene.source.init();
  scene.source.send(true, GOP_CACHE_BYTES_MAX - 10);
  const within = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", within);
  assert.equal(within.frames.length, 2);
  scene.source.send(false, 11);
  const beyond = new Client();
  await scene.gateway.live(VIEWER, STREAM, "main", beyond);
  assert.equal(beyond.frames.length, 1);
  scene.source.send(false);
  assert.equal(beyond.frames.length, 1, "no frame that cannot be decoded");
  scene.source.send(true);
  assert.equal(beyond.frames.length, 2);
});
