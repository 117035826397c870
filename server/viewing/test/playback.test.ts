import assert from "node:assert/strict";
import { test } from "node:test";
import { PLAYBACK_WINDOW_MS } from "@mingjian/contract";
import { playableTracks, readFragmentHead } from "@mingjian/media";
import type { TrackConfig } from "@mingjian/media";
import type { RunningPlayback, SpanOut } from "../index.ts";
import { ALAW, Client, STREAM, T0, VIDEO, VIEWER, segmentFile, settle, stage } from "./stage.ts";
import type { Stage } from "./stage.ts";

function put(scene: Stage, name: string, from: number, seconds: number, options: Parameters<typeof segmentFile>[2] & { open?: boolean } = {}): void {
  const bytes = segmentFile(from, seconds, options);
  scene.files.put(name, bytes);
  scene.pieces.push({ file: name, from, to: from + seconds * 1_000, bytes: bytes.length, ...(options.open === true ? { open: true } : {}) });
}

async function play(scene: Stage, at: number, mode: "all" | "keys" = "all"): Promise<{ client: Client; running: RunningPlayback }> {
  const client = new Client(scene.order);
  const running = await scene.gateway.playback(VIEWER, { stream: STREAM, role: "main", at, mode }, client);
  assert.ok(running !== undefined);
  await settle();
  return { client, running };
}

function mediaTimes(client: Client): number[] {
  const fragments = client.frames.filter((frame) => frame.header.kind === 2);
  return fragments.map((frame) => (readFragmentHead(frame.payload)?.tracks[0]?.samples[0]?.pts ?? Number.NaN) / 90);
}

test("[V20] begins at the key frame at or before the instant; media time is UTC less origin", async () => {
  const scene = stage();
  put(scene, "a", T0, 12, { keyEvery: 3 });
  const { client } = await play(scene, T0 + 4_500);
  const start = client.said("start")[0];
  assert.ok(start?.type === "start");
  assert.deepEqual([start.width, start.height, start.mime], [640, 360, 'video/mp4; codecs="avc1.4d401e"']);
  assert.equal(client.times[0], T0 + 3_000);
  assert.deepEqual(
    mediaTimes(client),
    client.times.map((utc) => utc - start.origin),
  );
});

test("[V21] pieces that touch play on; a hole is told with its cause", async () => {
  const scene = stage();
  put(scene, "a", T0, 3);
  put(scene, "b", T0 + 3_200, 2);
  put(scene, "c", T0 + 9_000, 1);
  scene.gaps.push({ from: T0 + 5_200, to: T0 + 9_000, cause: "unreachable" });
  const { client, running } = await play(scene, T0);
  assert.deepEqual(
    client.times,
    [0, 1_000, 2_000, 3_200, 4_200, 9_000].map((ms) => T0 + ms),
  );
  assert.deepEqual(client.said("gap"), [{ type: "gap", from: T0 + 5_200, to: T0 + 9_000, cause: "unreachable" }]);
  assert.equal(client.said("start").length, 1);
  running.session.end("client-left");
  await running.over;
  assert.equal(scene.files.open_, 0, "every file is closed");
});

test("[V22] nothing at or after the end of the grant's span leaves", async () => {
  const scene = stage();
  scene.answer = () => ({ allowed: true, expiresAt: T0 + 3_600_000, purpose: "", basis: "", span: { from: T0, to: T0 + 2_000 } });
  put(scene, "a", T0, 5);
  const { client, running } = await play(scene, T0);
  assert.deepEqual(client.times, [T0, T0 + 1_000]);
  assert.deepEqual(client.said("end-of-footage"), [{ type: "end-of-footage", at: T0 + 2_000 }]);
  running.take({ type: "position", utcMs: T0 + 60_000 });
  await settle(scene.clock, 3_000);
  assert.equal(client.times.length, 2);
});

test("[V23] sends the window ahead of the client, and on when the client moves", async () => {
  const scene = stage();
  put(scene, "a", T0, 40);
  const { client, running } = await play(scene, T0);
  assert.equal(client.times.at(-1), T0 + PLAYBACK_WINDOW_MS);
  running.take({ type: "position", utcMs: T0 + 5_000 });
  await settle();
  assert.equal(client.times.at(-1), T0 + 5_000 + PLAYBACK_WINDOW_MS);
  running.take({ type: "pause" });
  running.take({ type: "position", utcMs: T0 + 9_000 });
  await settle();
  assert.equal(client.times.at(-1), T0 + 5_000 + PLAYBACK_WINDOW_MS);
  running.take({ type: "resume" });
  await settle();
  assert.equal(client.times.at(-1), T0 + 9_000 + PLAYBACK_WINDOW_MS);
});

test("[V24] keys alone: one key frame a fragment", async () => {
  const scene = stage();
  put(scene, "a", T0, 9, { keyEvery: 3 });
  const { client } = await play(scene, T0, "keys");
  assert.deepEqual(client.times, [T0, T0 + 3_000, T0 + 6_000]);
  for (const frame of client.frames.slice(1))
    assert.deepEqual(
      readFragmentHead(frame.payload)?.tracks.map((track) => track.samples.map((sample) => sample.key)),
      [[true]],
    );
});

test("[V25] another format is another generation", async () => {
  const scene = stage();
  const larger: TrackConfig = { ...VIDEO, kind: "video", width: 1280, height: 720 } as TrackConfig;
  put(scene, "a", T0, 2);
  put(scene, "b", T0 + 2_000, 2);
  put(scene, "c", T0 + 4_000, 2, { configs: [larger] });
  const { client } = await play(scene, T0);
  assert.deepEqual(
    client.said("start").map((one) => (one.type === "start" ? [one.generation, one.width] : [])),
    [
      [1, 640],
      [2, 1280],
    ],
  );
  assert.deepEqual(
    client.frames.map((frame) => [frame.header.kind, frame.header.generation]),
    [
      [1, 1],
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 1],
      [1, 2],
      [2, 2],
      [2, 2],
    ],
  );
});

test("[V26] the end of footage is told once, and playback goes on when there is more", async () => {
  const scene = stage();
  put(scene, "a", T0, 2);
  const { client } = await play(scene, T0);
  await settle(scene.clock, 5_000);
  assert.deepEqual(client.said("end-of-footage"), [{ type: "end-of-footage", at: T0 + 2_000 }]);
  put(scene, "b", T0 + 2_000, 1, { index: false, open: true });
  await settle(scene.clock, 5_000);
  assert.deepEqual(client.times, [T0, T0 + 1_000, T0 + 2_000]);
  scene.pieces.pop();
  put(scene, "b", T0 + 2_000, 2);
  await settle(scene.clock, 5_000);
  assert.deepEqual(client.times, [T0, T0 + 1_000, T0 + 2_000, T0 + 3_000]);
});

test("[V29] a file without an index plays the same", async () => {
  const [indexed, walked] = [stage(), stage()];
  put(indexed, "a", T0, 6, { keyEvery: 2 });
  put(walked, "a", T0, 6, { keyEvery: 2, index: false });
  const expected = (await play(indexed, T0 + 3_500)).client;
  const { client } = await play(walked, T0 + 3_500);
  assert.deepEqual(client.times, expected.times);
  assert.deepEqual(mediaTimes(client), mediaTimes(expected));
  assert.deepEqual(
    client.frames.map((frame) => frame.header.key),
    expected.frames.map((frame) => frame.header.key),
  );
});

test("[V27] a file without pictures ends playback", async () => {
  const scene = stage();
  scene.files.put("a", new Uint8Array(5_000));
  scene.pieces.push({ file: "a", from: T0, to: T0 + 5_000, bytes: 5_000 });
  const { client } = await play(scene, T0);
  assert.deepEqual([client.end, scene.files.open_], ["footage-damaged", 0]);
});

test("[V28] tracks browsers do not play are left out", async () => {
  const scene = stage();
  put(scene, "a", T0, 2, { configs: [VIDEO, ALAW] });
  const { client } = await play(scene, T0);
  const init = client.frames[0]?.payload ?? new Uint8Array();
  assert.deepEqual(
    playableTracks(init).map((track) => [track.id, track.codec]),
    [[1, "avc1.4d401e"]],
  );
  assert.equal(Buffer.from(init).includes("alaw"), false);
  assert.equal(client.times.length, 2);
});

interface Written extends SpanOut {
  readonly bytes: Uint8Array[];
  state: string;
}

function spanOut(): Written {
  const out: Written = {
    bytes: [],
    state: "asked",
    start: () => {
      out.state = "started";
    },
    write: async (bytes) => {
      out.bytes.push(bytes);
    },
    done: () => {
      out.state = "done";
    },
    fail: (code) => {
      out.state = `${out.state}, ${code}`;
    },
  };
  return out;
}

test("[V30] a span is one file from media time 0, registered as a copy", async () => {
  const scene = stage();
  put(scene, "a", T0, 3);
  put(scene, "b", T0 + 5_000, 3);
  const out = spanOut();
  await scene.gateway.span(VIEWER, { stream: STREAM, span: { from: T0 + 1_000, to: T0 + 7_000 } }, out);
  assert.equal(out.state, "done");
  assert.deepEqual(
    out.bytes.slice(1).map((bytes) => (readFragmentHead(bytes)?.tracks[0]?.samples[0]?.pts ?? -1) / 90),
    [0, 1_000, 4_000, 5_000],
  );
  assert.deepEqual([scene.uses[0]?.action, scene.uses[0]?.target], ["copy", { from: T0 + 1_000, to: T0 + 7_000 }]);
  const result = scene.ends[0]?.result;
  assert.deepEqual([result?.cause, result?.servedFrom, result?.servedTo], ["finished", T0 + 1_000, T0 + 7_000]);
});

test("[V31] a span without footage or over a change of format is refused", async () => {
  const scene = stage();
  const nothing = spanOut();
  await scene.gateway.span(VIEWER, { stream: STREAM, span: { from: T0, to: T0 + 1_000 } }, nothing);
  assert.equal(nothing.state, "asked, no-footage");
  put(scene, "a", T0, 1);
  put(scene, "b", T0 + 1_000, 1, { configs: [{ ...VIDEO, kind: "video", width: 320 } as TrackConfig] });
  const changes = spanOut();
  await scene.gateway.span(VIEWER, { stream: STREAM, span: { from: T0, to: T0 + 2_000 } }, changes);
  assert.equal(changes.state, "started, span-changes-format");
  scene.answer = () => ({ allowed: false, code: "grant-needed" });
  const refused = spanOut();
  await scene.gateway.span(VIEWER, { stream: STREAM, span: { from: T0, to: T0 + 2_000 } }, refused);
  assert.deepEqual([refused.state, refused.bytes.length], ["asked, grant-needed", 0]);
});

test("[V32] a revoked grant breaks the file off", async () => {
  const scene = stage();
  put(scene, "a", T0, 5);
  const out = spanOut();
  const write = out.write.bind(out);
  Object.assign(out, {
    write: async (bytes: Uint8Array) => {
      await write(bytes);
      if (out.bytes.length === 3) scene.change("g1", "grant-revoked");
    },
  });
  await scene.gateway.span(VIEWER, { stream: STREAM, span: { from: T0, to: T0 + 5_000 } }, out);
  assert.deepEqual([out.state, out.bytes.length], ["started, grant-revoked", 3]);
  assert.deepEqual(
    scene.ends.map((end) => end.result.cause),
    ["grant-revoked"],
  );
});
