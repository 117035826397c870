import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { ChunkPool } from "@mingjian/media";
import { seededChance, systemClock, systemNet, TestClock, type TlsTrust } from "../../ports/index.ts";
import { CameraConnection, type ConnectionEnd } from "../connection.ts";
import { probe, PROBE_MS_MAX, type ProbeResult } from "../index.ts";
import { CountingSinks, GATE, Logs, roomOf, source } from "./bed.ts";
import { answerTo, FakeNet, type Habits, Pictures, settle } from "./camera.ts";

const PEM = readFileSync(path.join(import.meta.dirname, "camera-test-certificate.pem"), "utf8");
const CHUNK = 64;

/** A camera on loopback that sends `frames` pictures after PLAY in writes of CHUNK bytes, and more each 20 ms. */
function serve(socket: Socket, habits: Habits, frames: number): void {
  const pictures = new Pictures();
  let text = "";
  let timer: NodeJS.Timeout | undefined;
  socket.on("error", () => undefined);
  socket.on("close", () => clearInterval(timer));
  socket.on("data", (bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString("latin1");
    for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n")) {
      const request = text.slice(0, end + 4);
      text = text.slice(end + 4);
      socket.write(answerTo(request, habits) ?? "");
      if (!request.startsWith("PLAY")) continue;
      const burst = Buffer.concat(Array.from({ length: frames }, (_, i) => pictures.framed(i === 0, 3000)));
      for (let at = 0; at < burst.length; at += CHUNK) socket.write(burst.subarray(at, at + CHUNK));
      timer = setInterval(() => socket.write(pictures.framed(false, 100)), 20);
    }
  });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return (server.address() as AddressInfo).port;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((next) => setTimeout(next, 10));
  assert.ok(condition(), "it did not happen within 5 s");
}

test("[I4] a real socket: every frame arrives, watched and not", async (t) => {
  const server = createServer((socket) => serve(socket, {}, 40));
  const port = await listening(server);
  t.after(() => server.close());
  const sinks = new CountingSinks();
  const room = roomOf(systemNet(), systemClock(), seededChance(1), sinks, new Logs());
  room.apply([source(GATE, { url: `rtsp://127.0.0.1:${port}/live` })]);
  await until(() => (room.states()[0]?.framesTotal ?? 0) > 50);
  assert.equal(room.states()[0]?.state, "playing");
  room.watch(GATE, true);
  const before = room.states()[0]?.framesTotal ?? 0;
  await until(() => (room.states()[0]?.framesTotal ?? 0) > before + 5);
  assert.equal(room.states()[0]?.packetsLost, 0);
  await room.stop();
  assert.equal(sinks.taken(GATE).closed, "our-restart");
  assert.equal(sinks.taken(GATE).keys, 1);
});

async function connectTls(port: number, tls: TlsTrust | undefined): Promise<{ certificate: string | undefined; end: ConnectionEnd }> {
  const clock = systemClock();
  return new Promise((settled) => {
    let certificate: string | undefined;
    const connection = new CameraConnection(
      { net: systemNet(), clock, chance: seededChance(1), pool: new ChunkPool() },
      {
        url: { secure: true, host: "127.0.0.1", port, path: "/live", user: undefined, password: undefined },
        user: undefined,
        password: undefined,
        basicAllowed: true,
        transport: "tcp",
        tls,
        audio: false,
        open: () => ({ refused: "disk" }),
      },
      true,
      {
        connected: (sha256) => {
          certificate = sha256;
        },
        step: () => undefined,
        clock: () => undefined,
        ended: (end) => {
          beat.cancel();
          settled({ certificate, end });
        },
      },
    );
    const beat = clock.every(20, () => connection.beat(clock.monotonicMs()));
  });
}

test("[I13] certificates: unknown, pinned, another one, any", async (t) => {
  const server = createTlsServer({ key: PEM, cert: PEM }, (socket) => serve(socket, {}, 3));
  const port = await listening(server);
  t.after(() => server.close());
  const unknown = await connectTls(port, undefined);
  assert.equal(unknown.end.kind === "failed" && unknown.end.failure.code, "camera-tls");
  const sha256 = /SHA-256 ([0-9a-f]{64})/.exec(unknown.end.kind === "failed" ? unknown.end.failure.detail : "")?.[1] ?? "";
  assert.equal(sha256.length, 64);
  for (const tls of [{ trust: "pinned", sha256: sha256.toUpperCase() }, { trust: "any" }] as const) {
    const taken = await connectTls(port, tls);
    assert.equal(taken.certificate, sha256);
    assert.equal(taken.end.kind === "failed" && taken.end.failure.cause, "disk", "the stream came as far as the sink");
  }
  const other = await connectTls(port, { trust: "pinned", sha256: "0".repeat(64) });
  assert.equal(other.end.kind === "failed" && other.end.failure.code, "camera-tls");
  assert.equal(other.certificate, undefined);
});

const stepsOf = (result: ProbeResult): string[] => result.steps.map((one) => `${one.step} ${one.code ?? one.outcome}`);

test("[I10] a probe of a real socket ends with a picture", async (t) => {
  const server = createServer((socket) => serve(socket, { challenge: 'Digest realm="r", nonce="n"' }, 5));
  const port = await listening(server);
  t.after(() => server.close());
  const doors = { net: systemNet(), clock: systemClock(), chance: seededChance(1) };
  const result = await probe(doors, { url: `rtsp://u:p@127.0.0.1:${port}/live`, transport: "auto", audio: false });
  assert.deepEqual(stepsOf(result), [
    "resolve ok",
    "connect ok",
    "tls skipped",
    "describe ok",
    "authorise ok",
    "setup ok",
    "first-packet ok",
    "first-key-frame ok",
  ]);
  assert.equal(result.picture?.mime, 'video/mp4; codecs="avc1.4d001f"');
  assert.equal(Buffer.from(result.picture?.mp4.subarray(4, 8) ?? []).toString(), "ftyp");
  assert.ok((result.picture?.mp4.length ?? 0) > 3000);
});

test("[I10] a probe names the step that failed", async () => {
  const cases: readonly (readonly [string, Habits, string])[] = [
    ["rtsp://nowhere.invalid/", {}, "resolve camera-unreachable"],
    ["rtsp://down.test/", {}, "connect camera-refused"],
    ["rtsp://camera.test/", { status: { DESCRIBE: 404 } }, "describe camera-not-found"],
    ["rtsp://camera.test/", { challenge: 'Digest realm="r", nonce="n"' }, "authorise camera-unauthorised"],
    ["rtsp://camera.test/", { status: { SETUP: 500 } }, "setup camera-refused"],
    ["rtsp://camera.test/", { sdp: "v=0\r\nm=video 0 RTP/AVP 26\r\n" }, "describe camera-unsupported"],
    ["rtsp://camera.test/", {}, "first-packet camera-no-data"],
  ];
  for (const [url, habits, wanted] of cases) {
    const net = new FakeNet();
    const clock = new TestClock();
    net.habits.set("camera.test", habits);
    net.down.set("down.test", "refused");
    let result: ProbeResult | undefined;
    void probe({ net, clock, chance: seededChance(1) }, { url, transport: "tcp", audio: false }).then((one) => {
      result = one;
    });
    for (let ms = 0; ms <= PROBE_MS_MAX && result === undefined; ms += 1000) {
      await settle();
      clock.advance(1000);
    }
    await settle();
    assert.equal(result?.ok, false, url);
    assert.ok(result !== undefined && stepsOf(result).includes(wanted), `${wanted}: ${result === undefined ? "" : stepsOf(result).join(", ")}`);
    assert.equal(result.steps.length, 8);
  }
});
