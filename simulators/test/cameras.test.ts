import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import type { Cameras, Faults } from "../src/index.ts";
import { FRAME_MS, phaseMs, readCounter, startCameras } from "../src/index.ts";
import type { StartOptions } from "../src/index.ts";
import { Client, media } from "./client.ts";

async function withCameras(options: Partial<StartOptions>, use: (cameras: Cameras) => Promise<void>): Promise<void> {
  const cameras = await startCameras({ count: 1, clip: "sub", begin: "last-key", ...options });
  try {
    await use(cameras);
  } finally {
    await cameras.stop();
  }
}

async function withFault(faults: Faults, use: (client: Client, cameras: Cameras) => Promise<void>): Promise<void> {
  await withCameras({ count: 2, each: (number) => (number === 1 ? { faults } : {}) }, async (cameras) => {
    const client = new Client(cameras.urls[0] ?? "");
    await use(client, cameras);
    await client.close();
  });
}

test("[S2] the timestamp of a frame gives its counter and its instant", async () => {
  await withCameras({ count: 3 }, async (cameras) => {
    const client = new Client(cameras.urls[2] ?? "");
    await client.play();
    await client.until(() => media(client).length > 0);
    const latest = Math.floor((Date.now() - phaseMs(3)) / FRAME_MS);
    const recent = Array.from({ length: 100 }, (_, ago) => latest - ago);
    const frame = recent.find((n) => (n * 3600) % 2 ** 32 === media(client)[0]?.timestamp);
    assert.ok(frame !== undefined);
    const takenMs = frame * FRAME_MS + phaseMs(3);
    assert.equal(cameras.control.counterAt(3, takenMs), frame % 400);
    assert.equal(cameras.control.counterAt(3, takenMs - 1), (frame + 399) % 400);
    assert.equal(cameras.control.takenAt(3, frame % 400, takenMs + 15_999), takenMs);
    assert.equal(cameras.control.takenAt(3, frame % 400, takenMs - 1), takenMs - 16_000);
    await client.close();
  });
});

test("[S2] the counter's strip is read back, and a damaged one is not", () => {
  const bits = [1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1];
  const luma =
    (blocks: readonly number[]) =>
    (x: number): number =>
      (blocks[Math.floor((x * 24) / 640)] ?? 0) * 235;
  assert.equal(readCounter(640, 360, luma(bits)), 0b0100110101);
  for (let block = 0; block < 24; block++) {
    assert.equal(readCounter(640, 360, luma(bits.map((bit, index) => (index === block ? 1 - bit : bit)))), undefined);
  }
});

for (const scheme of ["basic", "digest-md5", "digest-sha256"] as const) {
  test(`[S3] ${scheme} opens with the password and not without`, async () => {
    await withCameras({ auth: { user: "admin", password: "s:e c", scheme } }, async (cameras) => {
      const url = cameras.urls[0] ?? "";
      const client = new Client(url);
      const refused = await client.ask("DESCRIBE");
      assert.equal(refused?.status, 401);
      const asked = refused.headers.get("www-authenticate") ?? "";
      const authorization = (password: string): string => {
        if (scheme === "basic") return `Authorization: Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
        const nonce = /nonce="([^"]+)"/.exec(asked)?.[1] ?? "";
        const hash = (text: string): string =>
          createHash(scheme === "digest-md5" ? "md5" : "sha256")
            .update(text)
            .digest("hex");
        const middle = scheme === "digest-md5" ? nonce : `${nonce}:00000001:abc:auth`;
        const response = hash(`${hash(`admin:Mingjian simulator:${password}`)}:${middle}:${hash(`DESCRIBE:${url}`)}`);
        const quality = scheme === "digest-md5" ? "" : ', qop=auth, nc=00000001, cnonce="abc"';
        return `Authorization: Digest username="admin", realm="Mingjian simulator", nonce="${nonce}", uri="${url}", response="${response}"${quality}`;
      };
      assert.equal((await client.ask("DESCRIBE", url, [authorization("s:e c")]))?.status, 200);
      assert.equal((await client.ask("DESCRIBE", url, [authorization("wrong")]))?.status, 401);
      await client.close();
    });
  });
}

test("[S4] media comes on the interleaved channel that was asked for", async () => {
  await withCameras({}, async (cameras) => {
    const client = new Client(cameras.urls[0] ?? "");
    await client.play(6);
    await client.until(() => client.packets.length > 3);
    assert.deepEqual(new Set(client.packets.map((packet) => packet.channel)), new Set([6, 7]));
    await client.close();
  });
});

test("[S4] media comes to the UDP port that was asked for", async () => {
  await withCameras({}, async (cameras) => {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const { port } = socket.address();
    const client = new Client(cameras.urls[0] ?? "");
    await client.ask("DESCRIBE");
    const answer = await client.ask("SETUP", `${client.url}/track1`, [`Transport: RTP/AVP;unicast;client_port=${port}-${port + 1}`]);
    assert.match(answer?.headers.get("transport") ?? "", /server_port=\d+-\d+/);
    await client.ask("PLAY");
    const [bytes] = (await once(socket, "message")) as [Buffer];
    assert.equal(bytes.readUInt8(0), 0x80);
    socket.close();
    await client.close();
  });
});

const ANSWERS: readonly [string, Faults, (client: Client) => Promise<void>][] = [
  ["a 401 loop", { unauthorised: true }, async (client) => assert.equal((await client.ask("DESCRIBE"))?.status, 401)],
  ["a DESCRIBE status", { describeStatus: 404 }, async (client) => assert.equal((await client.ask("DESCRIBE"))?.status, 404)],
  ["a redirect", { redirectTo: "rtsp://h/x" }, async (client) => assert.equal((await client.ask("DESCRIBE"))?.headers.get("location"), "rtsp://h/x")],
  ["a refusal", { refuses: true }, async (client) => assert.equal(await client.ask("OPTIONS"), undefined)],
  ["an SDP of 1 MB", { sdpBytes: 1_000_000 }, async (client) => assert.ok(((await client.ask("DESCRIBE"))?.body.length ?? 0) >= 1_000_000)],
  ["dribbling", { dribbleBytes: 100 }, async (client) => assert.match((await client.ask("DESCRIBE"))?.body ?? "", /a=control:track1/)],
  ["late answers", { answerDelayMs: 20 }, async (client) => assert.equal((await client.ask("OPTIONS"))?.status, 200)],
  ["refused keep-alives", { keepAliveStatus: 454 }, async (client) => assert.equal((await client.ask("GET_PARAMETER"))?.status, 454)],
  [
    "late parameter sets",
    { lateParameterSetsMs: 60_000 },
    async (client) => {
      assert.doesNotMatch((await client.ask("DESCRIBE"))?.body ?? "", /sprop/);
      await client.play();
      await client.until(() => media(client).length > 5);
      assert.ok(media(client).every((packet) => ![7, 8].includes((packet.payload[0] ?? 0) & 31)));
    },
  ],
  [
    "markers never set",
    { marker: "never" },
    async (client) => {
      await client.play();
      await client.until(() => media(client).length > 5);
      assert.ok(media(client).every((packet) => !packet.marker));
    },
  ],
  [
    "empty frames",
    { emptyFrameEvery: 2 },
    async (client) => {
      await client.play();
      await client.until(() => media(client).some((packet) => packet.payload.length === 0));
    },
  ],
  [
    "garbage",
    { garbageBytes: 50 },
    async (client) => {
      await client.play();
      await client.until(() => client.strayBytes > 0);
    },
  ],
  [
    "a huge NAL unit",
    { hugeNalBytes: 10_000_000 },
    async (client) => {
      await client.play();
      await client.until(() => media(client).reduce((sum, packet) => sum + packet.payload.length, 0) > 10_000_000);
    },
  ],
  [
    "an abrupt end",
    { disconnectAfterMs: 10 },
    async (client) => {
      await client.play();
      await client.until(() => false);
      assert.ok(client.closed);
    },
  ],
  [
    "a session that times out",
    { sessionTimeoutS: 0.02 },
    async (client) => {
      await client.play();
      await client.until(() => false);
      assert.ok(client.closed);
    },
  ],
];

for (const [name, faults, check] of ANSWERS) {
  test(`[S5] ${name}, to that camera only`, async () => {
    await withFault(faults, async (client, cameras) => {
      await check(client);
      const other = new Client(cameras.urls[1] ?? "");
      assert.equal((await other.ask("DESCRIBE"))?.status, 200);
      await other.close();
    });
  });
}

test("[S5] a camera that never answers takes requests and is silent", async () => {
  await withFault({ neverAnswers: true }, async (client, cameras) => {
    client.send("OPTIONS");
    const other = new Client(cameras.urls[1] ?? "");
    assert.equal((await other.ask("OPTIONS"))?.status, 200);
    await other.close();
    assert.equal(client.closed, false);
  });
});

test("[S7] a closed port refuses, and opens again", async () => {
  await withCameras({}, async (cameras) => {
    await cameras.control.listen(false);
    const [error] = (await once(connect(cameras.port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNREFUSED");
    await cameras.control.listen(true);
    const client = new Client(cameras.urls[0] ?? "");
    assert.equal((await client.ask("OPTIONS"))?.status, 200);
    await client.close();
  });
});

test("[S8] what was sent is counted", async () => {
  await withCameras({}, async (cameras) => {
    const client = new Client(cameras.urls[0] ?? "");
    await client.play();
    await client.until(() => media(client).filter((packet) => packet.marker).length >= 5);
    cameras.control.disconnect(1);
    await client.until(() => false);
    const counts = cameras.control.stats().find((stream) => stream.camera === 1 && stream.role === "main")?.sessions[0];
    assert.equal(counts?.frames, media(client).filter((packet) => packet.marker).length);
    assert.equal(counts?.packets, media(client).length);
  });
});
