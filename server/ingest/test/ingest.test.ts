import assert from "node:assert/strict";
import { test } from "node:test";
import { BACK_OFF_MS_MAX, backOffMs, UNAUTHORISED_MS_MAX, UNAUTHORISED_MS_MIN } from "../back-off.ts";
import { BEAT_STEP_MS, BEAT_STEPS } from "../beat.ts";
import { CameraClock, CLOCK_STEP_MS, REPORTS_A_POINT } from "../camera-clock.ts";
import { HEAVY_READ_BYTES } from "../connection.ts";
import { REDIRECTS_MAX } from "../stream.ts";
import { GATE, Room, source, YARD } from "./bed.ts";
import { type Habits, settle } from "./camera.ts";

const ROUND_MS = BEAT_STEP_MS * BEAT_STEPS;

async function playing(room = new Room(), changes: Parameters<typeof source>[1] = {}): Promise<Room> {
  room.ingest.apply([source(GATE, changes)]);
  await settle();
  const camera = room.net.last;
  camera.send(camera.pictures.framed(true));
  room.clock.advance(ROUND_MS);
  camera.send(camera.pictures.framed(false));
  room.clock.advance(2 * ROUND_MS);
  assert.equal(room.state(GATE).state, "playing");
  return room;
}

test("[I1] a list starts what is new, ends what is gone, leaves what is the same", async () => {
  const room = await playing();
  room.ingest.apply([source(GATE), source(YARD), source(YARD, { stream: GATE, enabled: false })].slice(0, 2));
  await settle();
  assert.equal(room.net.connections.length, 2);
  room.ingest.apply([source(GATE, { password: "other", user: "admin" }), source(YARD)]);
  await settle();
  assert.equal(room.net.connections.length, 3);
  assert.equal(room.sinks.taken(GATE).closed, "switched-off");
  room.ingest.apply([source(GATE, { enabled: false })]);
  await settle();
  assert.deepEqual(room.ingest.states(), []);
  assert.ok(room.net.connections.every((connection) => connection.closed));
});

test("[I2] waits double, stay in bounds and differ by chance", () => {
  const waits = [1, 2, 3, 4, 5, 6, 50].map((failures) => backOffMs(failures, "no-data", 1));
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, BACK_OFF_MS_MAX, BACK_OFF_MS_MAX]);
  assert.equal(backOffMs(1, "no-data", 0), 500);
  assert.equal(backOffMs(1, "unauthorised", 1), UNAUTHORISED_MS_MIN);
  assert.equal(backOffMs(9, "unauthorised", 1), UNAUTHORISED_MS_MAX);
});

test("[I2] a camera that comes back is recorded again by itself", async () => {
  const room = await playing();
  room.clock.advance(10_000 + 2 * ROUND_MS);
  room.net.last.send(room.net.last.pictures.framed(false));
  room.net.down.set("camera.test", "unreachable");
  room.net.last.hangUp();
  const off = room.state(GATE);
  assert.deepEqual([off.state, off.fault, off.cause], ["backing-off", "camera-no-data", "no-data"]);
  assert.ok((off.nextTryAtUtcMs ?? 0) > room.clock.utcMs() && (off.nextTryAtUtcMs ?? 0) <= room.clock.utcMs() + 1000);
  for (let second = 0; second < 60; second++) {
    room.clock.advance(1000);
    await settle();
  }
  const tries = room.net.connections.length - 1;
  assert.ok(tries >= 3 && tries <= 8, `${tries} tries in a minute`);
  assert.equal(room.state(GATE).attempts, tries);
  room.net.down.clear();
  room.clock.advance(BACK_OFF_MS_MAX);
  await settle();
  room.net.last.send(room.net.last.pictures.framed(true));
  room.net.last.send(room.net.last.pictures.framed(false));
  room.clock.advance(2 * ROUND_MS);
  room.clock.advance(2 * ROUND_MS);
  assert.equal(room.state(GATE).state, "playing");
  assert.equal(room.state(GATE).fault, undefined);
  assert.equal(room.sinks.opened.get(GATE)?.length, 2);
});

const FAILURES: readonly (readonly [string, string, string, Habits])[] = [
  ["a password that is wrong", "camera-unauthorised", "unauthorised", { status: { OPTIONS: 401 }, challenge: 'Digest realm="r", nonce="n"' }],
  ["a path that is unknown", "camera-not-found", "not-found", { status: { DESCRIBE: 404 } }],
  ["a camera that is full", "camera-refused", "refused", { status: { SETUP: 453 } }],
  ["a codec we cannot record", "camera-unsupported", "unsupported", { sdp: "v=0\r\nm=video 0 RTP/AVP 26\r\n" }],
  ["sound without a picture", "camera-unsupported", "unsupported", { sdp: "v=0\r\nm=audio 0 RTP/AVP 8\r\n" }],
  ["a description of no use", "camera-bad-stream", "bad-stream", { sdp: "hello" }],
  ["a camera that answers nothing", "camera-unreachable", "unreachable", { deaf: ["DESCRIBE"] }],
  ["a camera that plays nothing", "camera-no-data", "no-data", {}],
];

for (const [name, code, cause, habits] of FAILURES) {
  test(`[I3] ${name}`, async () => {
    const room = new Room();
    room.net.habits.set("camera.test", habits);
    room.ingest.apply([source(GATE)]);
    await settle();
    for (let i = 0; i < 120 && room.state(GATE).state !== "backing-off"; i++) room.clock.advance(100);
    const state = room.state(GATE);
    assert.deepEqual([state.state, state.fault, state.cause], ["backing-off", code, cause]);
    assert.doesNotMatch(state.faultDetail ?? "", /^$|offered: $/, "the words say what was wrong");
    assert.deepEqual(room.sinks.gaps, [{ stream: GATE, cause }]);
  });
}

test("[I3] a network that does not reach the camera, or is refused, and a URL that is none", async () => {
  for (const [kind, code, cause] of [
    ["unreachable", "camera-unreachable", "unreachable"],
    ["timeout", "camera-unreachable", "unreachable"],
    ["refused", "camera-refused", "refused"],
    ["tls", "camera-tls", "refused"],
  ] as const) {
    const room = new Room();
    room.net.down.set("camera.test", kind);
    room.ingest.apply([source(GATE)]);
    await settle();
    assert.deepEqual([room.state(GATE).fault, room.state(GATE).cause], [code, cause]);
  }
  const room = new Room();
  room.ingest.apply([source(GATE, { url: "http://camera.test/" })]);
  assert.equal(room.state(GATE).fault, "bad-input");
});

test("[I3] a reset instead of an answer is a refusal; another protocol's answer is no RTSP", async () => {
  const room = new Room();
  room.net.habits.set("camera.test", { deaf: ["OPTIONS"] });
  room.ingest.apply([source(GATE)]);
  await settle();
  room.net.last.fail("reset");
  assert.deepEqual([room.state(GATE).fault, room.state(GATE).cause], ["camera-refused", "refused"]);
  room.clock.advance(BACK_OFF_MS_MAX);
  await settle();
  room.net.last.send(Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  room.net.last.hangUp();
  assert.deepEqual([room.state(GATE).fault, room.state(GATE).cause], ["camera-bad-stream", "bad-stream"]);
});

test("[I3] one outage is told once, and again when its cause changes", async () => {
  const room = await playing();
  room.net.down.set("camera.test", "unreachable");
  room.net.last.hangUp();
  assert.equal(room.sinks.taken(GATE).closed, "no-data");
  for (let i = 0; i < 30; i++) {
    room.clock.advance(1000);
    await settle();
  }
  room.net.down.set("camera.test", "refused");
  for (let i = 0; i < 60; i++) {
    room.clock.advance(1000);
    await settle();
  }
  assert.deepEqual(
    room.sinks.gaps.map((gap) => gap.cause),
    ["unreachable", "refused"],
  );
});

test("[I4] an unwatched stream is read on the beat, a watched one at once", async () => {
  const room = await playing();
  const camera = room.net.last;
  const taken = room.sinks.taken(GATE);
  assert.equal(camera.reading, true);
  camera.send(camera.pictures.framed(false));
  assert.equal(camera.reading, false);
  const reads = taken.arrived.length;
  for (let i = 0; i < 8; i++) camera.send(camera.pictures.framed(false));
  assert.equal(taken.arrived.length, reads);
  room.clock.advance(ROUND_MS);
  assert.equal(taken.arrived.length, reads + 1);
  room.ingest.watch(GATE, true);
  for (let i = 0; i < 8; i++) camera.send(camera.pictures.framed(false));
  assert.equal(camera.reading, true);
  assert.equal(taken.arrived.length, reads + 9);
  room.ingest.watch(GATE, false);
  camera.send(camera.pictures.framed(false));
  assert.equal(camera.reading, false);
});

test("[I4] a stream so heavy that one read a round would not do is read again", async () => {
  const room = await playing();
  const camera = room.net.last;
  room.clock.advance(ROUND_MS);
  const burst: Uint8Array[] = [];
  for (let bytes = 0; bytes < HEAVY_READ_BYTES; bytes += 30_016) burst.push(camera.pictures.framed(false, 30_000));
  camera.send(Buffer.concat(burst));
  assert.equal(camera.reading, true);
});

test("[I5] a stream on hold is not read, and not blamed", async () => {
  const room = await playing();
  const camera = room.net.last;
  room.ingest.hold(GATE, true);
  camera.send(camera.pictures.framed(false));
  for (let second = 0; second < 30; second++) {
    camera.send(camera.pictures.framed(false));
    room.clock.advance(1000);
  }
  assert.equal(room.state(GATE).state, "playing");
  const before = room.state(GATE).framesTotal;
  room.ingest.hold(GATE, false);
  room.clock.advance(ROUND_MS);
  assert.ok(room.state(GATE).framesTotal >= before + 29);
  assert.equal(room.state(GATE).packetsLost, 0);
});

test("[I6] a sink that throws ends its own stream and no other", async () => {
  const room = await playing();
  room.sinks.broken.add(YARD);
  room.ingest.apply([source(GATE), source(YARD)]);
  await settle();
  const [gate, yard] = room.net.connections;
  assert.ok(gate !== undefined && yard !== undefined);
  yard.send(yard.pictures.framed(true));
  yard.send(yard.pictures.framed(false));
  room.clock.advance(2 * ROUND_MS);
  assert.deepEqual([room.state(YARD).state, room.state(YARD).fault], ["backing-off", "internal"]);
  assert.ok(room.logs.lines.some((line) => line.startsWith("error")));
  gate.send(gate.pictures.framed(false));
  assert.equal(room.state(GATE).state, "playing");
});

test("[I7] redirects are followed, but not for ever", async () => {
  const room = new Room();
  room.net.habits.set("camera.test", { status: { DESCRIBE: 302 }, location: "rtsp://second.test/live" });
  room.ingest.apply([source(GATE)]);
  await settle();
  assert.deepEqual(
    room.net.connections.map((one) => one.options.host),
    ["camera.test", "second.test"],
  );
  room.net.last.hangUp();
  room.clock.advance(1000);
  assert.equal(room.net.last.options.host, "camera.test");
  const loop = new Room();
  loop.net.habits.set("camera.test", { status: { DESCRIBE: 301 }, location: "rtsp://camera.test/live" });
  loop.ingest.apply([source(GATE)]);
  await settle();
  for (let i = 0; i < 10; i++) await settle();
  assert.equal(loop.net.connections.length, 1 + REDIRECTS_MAX);
  assert.equal(loop.state(GATE).fault, "camera-refused");
});

test("[I8] a camera without TCP is asked by UDP at once", async () => {
  const room = new Room();
  const habits = { status: { SETUP: 461 } };
  room.net.habits.set("camera.test", habits);
  room.ingest.apply([source(GATE, { transport: "auto" }), source(YARD, { transport: "tcp" })]);
  await settle();
  assert.equal(room.state(YARD).fault, "camera-transport");
  const setup = room.net.connections.at(-1)?.requests.find((request) => request.startsWith("SETUP")) ?? "";
  assert.match(setup, /Transport: RTP\/AVP;unicast;client_port=6000-6001/);
});

test("[I8] datagrams of others than the camera are not taken", async () => {
  const room = new Room();
  room.ingest.apply([source(GATE, { transport: "udp" })]);
  await settle();
  const [udp] = room.net.datagrams;
  const { pictures } = room.net.last;
  assert.ok(udp !== undefined);
  udp.datagram(false, pictures.packet(true), "198.51.100.9");
  assert.equal(room.state(GATE).packetsTotal, 0);
  udp.datagram(false, pictures.packet(true), "192.0.2.7");
  udp.datagram(false, pictures.packet(false), "192.0.2.7");
  room.clock.advance(2 * ROUND_MS);
  assert.equal(room.state(GATE).state, "playing");
  assert.equal(room.state(GATE).transport, "udp");
});

test("[I9] the camera's clock, its drift and its steps", () => {
  const clock = new CameraClock();
  assert.equal(clock.offsetMs, undefined);
  // Reports every 5 s for 20 minutes from a clock that gains 36 ms an hour, delayed by 0 to 90 ms.
  for (let i = 0; i < 240; i++) clock.report(i * 5000, 1500 + (i * 5000 * 36) / 3_600_000 - ((i * 37) % 10) * 10);
  assert.ok(Math.abs((clock.offsetMs ?? 0) - 1512) < 15, String(clock.offsetMs));
  assert.ok(Math.abs((clock.driftMsPerHour ?? 0) - 36) < 15, String(clock.driftMsPerHour));
  clock.report(1_200_000, 1512 + CLOCK_STEP_MS + 100);
  assert.equal(clock.steps, 1);
  assert.equal(clock.driftMsPerHour, undefined);
  for (let i = 0; i < REPORTS_A_POINT; i++) clock.report(1_200_000 + i, -3_600_000);
  assert.equal(clock.offsetMs, -3_600_000);
});

test("[I9] a camera an hour ahead is told in the state", async () => {
  const room = await playing();
  const camera = room.net.last;
  room.clock.advance(ROUND_MS);
  camera.send(camera.pictures.report(room.clock.utcMs() + 3_600_000));
  assert.ok(Math.abs((room.state(GATE).clockOffsetMs ?? 0) - 3_600_000) < 2);
  assert.equal(room.sinks.taken(GATE).reports, 1);
});

test("[I11] credentials stay out of logs, states and gaps", async () => {
  const room = new Room();
  room.net.habits.set("camera.test", { status: { DESCRIBE: 302 }, location: "rtsp://admin:pa$s@gone.test/" });
  room.net.down.set("gone.test", "refused");
  room.ingest.apply([source(GATE), source(YARD, { url: "rtsp://camera.test/", user: "root", password: "pa$s" })]);
  await settle();
  const all = JSON.stringify([room.logs.lines, room.told, room.ingest.states(), room.sinks.gaps]);
  for (const secret of ["pa$s", "pa%24s", "admin", "root"]) assert.ok(!all.includes(secret), secret);
  assert.ok(room.logs.lines.length > 0);
});

test("[I12] stopping closes the sink at once and tells the camera", async () => {
  const room = await playing();
  const camera = room.net.last;
  room.clock.advance(ROUND_MS);
  const stopping = room.ingest.stop();
  assert.equal(room.sinks.taken(GATE).closed, "our-restart");
  await settle();
  await stopping;
  assert.match(camera.requests.at(-1) ?? "", /^TEARDOWN /);
  assert.ok(camera.closed);
});

test("[I12] a camera that does not answer TEARDOWN holds nobody up", async () => {
  const room = new Room();
  room.net.habits.set("camera.test", { deaf: ["TEARDOWN"] });
  await playing(room);
  let done = false;
  const stopping = room.ingest.stop().then(() => {
    done = true;
  });
  await settle();
  assert.equal(done, false);
  room.clock.advance(1_200);
  await stopping;
  assert.ok(room.net.last.closed);
});

test("[I14] counters run on over reconnections", async () => {
  const room = await playing();
  const before = room.state(GATE);
  assert.equal(before.framesTotal, 1);
  assert.equal(before.packetsTotal, 2);
  room.net.last.hangUp();
  assert.equal(room.state(GATE).framesTotal, 2, "the last frame was whole");
  room.clock.advance(1000);
  await settle();
  const camera = room.net.last;
  camera.send(Buffer.concat([camera.pictures.framed(true), camera.pictures.framed(false), camera.pictures.framed(false)]));
  room.clock.advance(2 * ROUND_MS);
  assert.equal(room.state(GATE).framesTotal, 4);
  assert.equal(room.state(GATE).packetsTotal, 5);
});
