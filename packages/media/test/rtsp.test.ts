import assert from "node:assert/strict";
import { test } from "node:test";
import { authorise, chooseChallenge } from "../src/rtsp/authentication.ts";
import { AUTH_TRIES_MAX, RESPONSE_WAIT_MS, TEARDOWN_WAIT_MS } from "../src/rtsp/client.ts";
import { BODY_BYTES_MAX, GARBAGE_BYTES_MAX } from "../src/rtsp/framing.ts";
import { HEAD_BYTES_MAX } from "../src/rtsp/message.ts";
import { formatRtspUrl, parseRtspUrl, resolveControl, URL_CHARACTERS_MAX } from "../src/rtsp/url.ts";
import { CONFIG_WAIT_MS_MAX, KEY_WAIT_MS_MAX, NO_DATA_MS_MAX } from "../src/rtsp/watch.ts";
import { parseSdp, SDP_MEDIA_MAX } from "../src/sdp/sdp.ts";
import { Bed, type ClientSetup, HASHES, textOf } from "./harness.ts";
import { AVC_SDP, AVC_SDP_BARE, delta, idr, interleaved, Packetiser, PPS_720, rtpPacket, senderReport, SPS_720, stapA } from "./rtp-builder.ts";

const DIGEST = 'WWW-Authenticate: Digest realm="r", nonce="n1"\r\n';

function ok(cseq: number, headers = "", body = ""): string {
  const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
  return `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n${headers}${length}\r\n${body}`;
}

function playing(setup: ClientSetup = {}, sdp = AVC_SDP): Bed {
  const bed = new Bed(setup);
  bed.say(ok(1));
  bed.say(ok(2, "", sdp));
  bed.say(ok(3, "Session: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n"));
  bed.say(ok(4));
  assert.equal(bed.client.step, "playing");
  return bed;
}

test("[M4] a wrong password is refused after one answer, and never tried with the same challenge again", () => {
  const bed = new Bed();
  bed.say(`RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${DIGEST}\r\n`);
  assert.match(bed.requests[1] ?? "", /Authorization: Digest username="admin", realm="r", nonce="n1"/);
  bed.say(`RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n${DIGEST}\r\n`);
  assert.equal(bed.failure, "camera-unauthorised");
  assert.equal(bed.requests.length, 2);
  assert.ok(!bed.detail.includes("secret"));
});

test("[M4] a nonce that is always stale is given up", () => {
  const bed = new Bed();
  for (let i = 1; i <= AUTH_TRIES_MAX; i++) {
    assert.equal(bed.failure, undefined, `answer ${i}`);
    bed.say(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${i}\r\nWWW-Authenticate: Digest realm="r", nonce="n${i}", stale=true\r\n\r\n`);
  }
  assert.equal(bed.failure, "camera-unauthorised");
});

test("[M4] a camera that wants a password of a source without one says so", () => {
  const bed = new Bed({ url: "rtsp://camera.test/stream" });
  bed.say(`RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${DIGEST}\r\n`);
  assert.equal(bed.failure, "camera-unauthorised");
});

test("[M5] credentials leave only in the Authorization header", () => {
  const bed = new Bed({ url: "rtsp://ad%40min:p%3Aw@[2001:db8::1]:8554/live?x=1" });
  bed.say('RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="r"\r\n\r\n');
  assert.ok(bed.requests.every((request) => request.startsWith("OPTIONS rtsp://[2001:db8::1]:8554/live?x=1 RTSP/1.0")));
  assert.match(bed.requests[1] ?? "", new RegExp(`Authorization: Basic ${Buffer.from("ad@min:p:w").toString("base64")}`));
  bed.say("RTSP/1.0 302 Moved\r\nCSeq: 2\r\nLocation: rtsp://u:p@other.test/\r\n\r\n");
  assert.deepEqual(bed.events.at(-1), { type: "redirect", url: "rtsp://other.test/" });
});

test("[M5] Basic is not given to the host a camera sent us to, Digest is", () => {
  const basic = new Bed({ basicAllowed: false });
  basic.say('RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="r"\r\n\r\n');
  assert.equal(basic.failure, "camera-unauthorised");
  assert.equal(basic.requests.length, 1);
  const digest = new Bed({ basicAllowed: false });
  digest.say(`RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${DIGEST}\r\n`);
  assert.equal(digest.failure, undefined);
});

test("[M6] the examples of RFC 7616 3.9.1", () => {
  const nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const offered = (algorithm: string): string =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
  const who = { user: "Mufasa", password: "Circle of Life" };
  const answer = (values: readonly string[]): string => {
    const challenge = chooseChallenge(values);
    assert.ok(challenge !== undefined);
    return authorise(challenge, who, "GET", "/dir/index.html", 1, cnonce, HASHES);
  };
  assert.match(answer([offered("MD5")]), /response="8ca523f5e9506fed4657c9700eebdbec"/);
  assert.match(answer([offered("MD5"), offered("SHA-256")]), /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/);
  assert.match(answer([`Basic realm="x", ${offered("MD5")}`]), /^Digest .*nc=00000001/);
  assert.match(answer(['Digest realm="a", nonce="b", algorithm=SHA-512', 'Basic realm="x"']), /^Basic /);
  assert.equal(chooseChallenge(['Digest realm="a", nonce="b", qop="auth-int"', "Negotiate", 'Digest realm="no nonce"']), undefined);
});

test("[M7] a server that never answers", () => {
  const bed = new Bed();
  bed.wait(RESPONSE_WAIT_MS - 1);
  assert.equal(bed.failure, undefined);
  bed.wait(1);
  assert.equal(bed.failure, "camera-unreachable");
  assert.match(bed.detail, /OPTIONS/);
});

test("[M8] a camera that refuses every keep-alive is left alone", () => {
  const bed = playing();
  const packets = new Packetiser();
  const asked: string[] = [];
  for (let second = 0; second < 180; second++) {
    bed.wait(1000);
    for (const packet of packets.frame([stapA(SPS_720, PPS_720), idr()])) bed.feed(packet);
    for (const request of bed.requests.slice(4 + asked.length)) {
      asked.push(request.split(" ")[0] ?? "");
      bed.say(`RTSP/1.0 451 Parameter Not Understood\r\nCSeq: ${4 + asked.length}\r\n\r\n`);
    }
  }
  assert.deepEqual(asked, ["GET_PARAMETER", "OPTIONS", "SET_PARAMETER"]);
  assert.equal(bed.client.step, "playing");
});

test("[M8] a camera that answers no keep-alive keeps playing", () => {
  const bed = playing();
  const packets = new Packetiser();
  for (let second = 0; second < 120; second++) {
    bed.wait(1000);
    for (const packet of packets.frame([delta()])) bed.feed(packet);
    if (second === 30) for (const packet of packets.frame([idr()])) bed.feed(packet);
  }
  assert.equal(bed.failure, undefined);
  assert.ok(bed.requests.filter((request) => request.startsWith("GET_PARAMETER")).length >= 3);
});

test("[M9] what a refusal means", () => {
  const meanings: readonly (readonly [number, string])[] = [
    [403, "camera-unauthorised"],
    [404, "camera-not-found"],
    [415, "camera-unsupported"],
    [453, "camera-refused"],
    [500, "camera-refused"],
    [503, "camera-refused"],
  ];
  for (const [status, code] of meanings) {
    const bed = new Bed();
    bed.say(ok(1));
    bed.say(`RTSP/1.0 ${status} No\r\nCSeq: 2\r\n\r\n`);
    assert.equal(bed.failure, code, String(status));
  }
  const udpOnly = new Bed();
  udpOnly.say(ok(1));
  udpOnly.say(ok(2, "", AVC_SDP));
  udpOnly.say("RTSP/1.0 461 Unsupported Transport\r\nCSeq: 3\r\n\r\n");
  assert.equal(udpOnly.failure, "camera-transport");
});

test("[M10] a session description at the limit is read, one byte past it refused", () => {
  const padded = (bytes: number): string => `${AVC_SDP}i=${"x".repeat(bytes - AVC_SDP.length - 4)}\r\n`;
  for (const [bytes, failure] of [
    [BODY_BYTES_MAX, undefined],
    [BODY_BYTES_MAX + 1, "camera-bad-stream"],
    [1024 * 1024, "camera-bad-stream"],
  ] as const) {
    const bed = new Bed();
    bed.say(ok(1));
    bed.say(ok(2, "", padded(bytes)));
    assert.equal(bed.failure, failure, String(bytes));
  }
});

test("[M10] headers at the limit are read, beyond it refused", () => {
  for (const [bytes, failure] of [
    [HEAD_BYTES_MAX, undefined],
    [HEAD_BYTES_MAX + 1, "camera-bad-stream"],
  ] as const) {
    const bed = new Bed();
    const plain = "RTSP/1.0 200 OK\r\nCSeq: 1\r\nX: \r\n\r\n";
    bed.say(`RTSP/1.0 200 OK\r\nCSeq: 1\r\nX: ${"y".repeat(bytes - plain.length)}\r\n\r\n`);
    assert.equal(bed.failure, failure, String(bytes));
  }
});

test("[M10] media sections and URLs have their limits", () => {
  const sections = (count: number): string => Array.from({ length: count }, (_, i) => `m=video 0 RTP/AVP ${i}\r\n`).join("");
  assert.equal(parseSdp(sections(SDP_MEDIA_MAX))?.media.length, SDP_MEDIA_MAX);
  assert.equal(parseSdp(sections(SDP_MEDIA_MAX + 1))?.media.length, SDP_MEDIA_MAX);
  const url = (length: number): string => "rtsp://a/".padEnd(length, "x");
  assert.ok(parseRtspUrl(url(URL_CHARACTERS_MAX)) !== undefined);
  assert.equal(parseRtspUrl(url(URL_CHARACTERS_MAX + 1)), undefined);
  for (const wrong of ["http://a/", "rtsp://", "rtsp://a:0/", "rtsp://a:70000/", "rtsp://a/b c", "rtsp://a/\r\nX: y", "rtsp://[::1/"]) {
    assert.equal(parseRtspUrl(wrong), undefined, wrong);
  }
});

test("[M11] packets are found again after garbage", () => {
  const bed = playing();
  const packets = new Packetiser();
  for (const packet of packets.frame([idr()])) bed.feed(packet);
  bed.feed(Uint8Array.of(0, 1, 2, 0x24, 0x77, 0x24, 0, 9, 9, 0x11, 0x52, 0x53, 200, 0x24));
  for (const packet of [...packets.frame([delta()]), ...packets.frame([delta()])]) bed.feed(packet);
  bed.client.closeSink("no-data");
  assert.equal(bed.video.samples.length, 3);
  assert.ok(bed.client.garbageBytes > 0);
});

test("[M11] endless garbage is given up", () => {
  const bed = playing();
  const chunk = new Uint8Array(4096).fill(0x80);
  for (let sent = 0; sent < GARBAGE_BYTES_MAX; sent += chunk.length) bed.feed(chunk);
  assert.equal(bed.failure, undefined);
  bed.feed(chunk);
  assert.equal(bed.failure, "camera-bad-stream");
});

test("[M12] no packet, no frame, no parameter sets, no key frame", () => {
  const silent = playing();
  silent.wait(NO_DATA_MS_MAX + 1_000);
  assert.equal(silent.failure, "camera-no-data");
  const run = (sdp: string, limitMs: number, payload: (i: number) => Uint8Array): Bed => {
    const bed = playing({}, sdp);
    const packets = new Packetiser();
    for (let ms = 0, i = 0; ms < limitMs + 3_000 && bed.failure === undefined; ms += 500, i++) {
      bed.wait(500);
      for (const packet of packets.frame([payload(i)])) bed.feed(packet);
    }
    return bed;
  };
  const frameless = run(AVC_SDP, NO_DATA_MS_MAX, () => Uint8Array.of(0x7c, 0x05, 1));
  assert.equal(frameless.failure, "camera-bad-stream");
  assert.match(frameless.detail, /no whole frame/);
  const bare = run(AVC_SDP_BARE, CONFIG_WAIT_MS_MAX, () => delta());
  assert.equal(bare.failure, "camera-bad-stream");
  assert.match(bare.detail, /no parameter sets/);
  const keyless = run(AVC_SDP, KEY_WAIT_MS_MAX, () => delta());
  assert.equal(keyless.failure, "camera-bad-stream");
  assert.match(keyless.detail, /no key frame/);
});

test("[M13] JPEG and MPEG-4 cameras", () => {
  const bed = new Bed();
  bed.say(ok(1));
  bed.say(ok(2, "", "v=0\r\nm=video 0 RTP/AVP 26\r\nm=video 0 RTP/AVP 97\r\na=rtpmap:97 MP4V-ES/90000\r\nm=audio 0 RTP/AVP 0\r\n"));
  assert.equal(bed.failure, "camera-unsupported");
  assert.match(bed.detail, /video JPEG, video MP4V-ES/);
  const empty = new Bed();
  empty.say(ok(1));
  empty.say(ok(2, "", "v=0\r\n"));
  assert.equal(empty.failure, "camera-bad-stream");
});

test("[M14] TEARDOWN, answered and not", () => {
  for (const answers of [true, false]) {
    const bed = playing();
    bed.client.stop(bed.nowMs);
    bed.drain();
    assert.match(bed.requests.at(-1) ?? "", /^TEARDOWN rtsp:\/\/camera\.test\/stream RTSP\/1\.0\r\n[^]*Session: 1\r\n/);
    if (answers) bed.say(ok(5));
    else bed.wait(TEARDOWN_WAIT_MS);
    assert.equal(bed.events.at(-1)?.type, "over");
  }
  const early = new Bed();
  early.client.stop(early.nowMs);
  early.drain();
  assert.equal(early.events.at(-1)?.type, "over");
});

test("[M16] the camera's clock reaches the sink, and reports go back", () => {
  const bed = playing();
  const packets = new Packetiser();
  for (const packet of packets.frame([idr()])) bed.feed(packet);
  packets.sequence += 3;
  for (const packet of packets.frame([delta()])) bed.feed(packet);
  bed.feed(interleaved(1, senderReport(0x1234, 1_790_000_000_500, 4_294_960_000 + 45_000)));
  const report = bed.sink?.reports[0];
  assert.equal(report?.rtpTicks, 4_294_960_000 + 45_000);
  assert.ok(Math.abs((report?.cameraUtcMs ?? 0) - 1_790_000_000_500) < 1);
  assert.equal(bed.events.filter((event) => event.type === "clock").length, 1);
  bed.wait(5_100);
  const sent = bed.events
    .filter((event) => event.type === "send")
    .map((event) => event.bytes)
    .find((bytes) => bytes[0] === 0x24);
  assert.ok(sent !== undefined);
  const view = new DataView(sent.buffer, sent.byteOffset + 4);
  assert.equal(sent[1], 1);
  assert.equal(view.getUint32(8), 0x1234);
  assert.equal(view.getUint8(12), Math.floor((3 * 256) / 5));
  assert.equal(view.getUint32(12) & 0xffffff, 3);
  assert.equal(view.getUint32(16), 65_534);
});

test("[M17] a recorder that does not take the stream", () => {
  const bed = playing({ refused: "disk" });
  for (const packet of new Packetiser().frame([idr()])) bed.feed(packet);
  for (const packet of new Packetiser(0, { sequence: 65_531, timestamp: 4_294_963_600 }).frame([delta()])) bed.feed(packet);
  const failed = bed.events.find((event) => event.type === "failed");
  assert.equal(failed?.type === "failed" ? failed.failure.cause : undefined, "disk");
});

test("[M18] control URLs", () => {
  const cases: readonly (readonly [string, string | undefined, string])[] = [
    ["rtsp://h/a", "trackID=1", "rtsp://h/a/trackID=1"],
    ["rtsp://h/a/", "trackID=1", "rtsp://h/a/trackID=1"],
    ["rtsp://h/a?b=c", "trackID=1", "rtsp://h/a?b=c/trackID=1"],
    ["rtsp://h:8554/a", "rtsp://10.0.0.1/a/t", "rtsp://h:8554/a/t"],
    ["rtsp://h/a", "/b/t", "rtsp://h/b/t"],
    ["rtsp://h/a", "*", "rtsp://h/a"],
    ["rtsp://h/a", undefined, "rtsp://h/a"],
  ];
  for (const [base, control, wanted] of cases) assert.equal(resolveControl(base, control), wanted);
  const url = parseRtspUrl("rtsps://u:p@[fe80::1]/x");
  assert.equal(url === undefined ? "" : formatRtspUrl(url), "rtsps://[fe80::1]/x");
  assert.equal(url?.port, 322);
});

test("[M16] RTCP that comes on the RTP channel is known by its type", () => {
  const bed = playing();
  for (const packet of new Packetiser().frame([idr()])) bed.feed(packet);
  for (const packet of new Packetiser(0, { sequence: 65_531, timestamp: 4_294_963_600 }).frame([delta()])) bed.feed(packet);
  bed.feed(interleaved(0, senderReport(0x1234, 1_790_000_000_000, 4_294_960_000)));
  assert.equal(bed.sink?.reports.length, 1);
  assert.equal(bed.client.receiver?.tracks[0]?.receiver.malformed, 0);
});

test("[M3] a camera that speaks HTTP, or nothing sensible", () => {
  for (const text of ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 ftp ready\r\n", "SSH-2.0-OpenSSH\r\n", "RTSP/1.0 abc\r\n\r\n", "$$$$$$$$", "\0\0\0\0"]) {
    const bed = new Bed();
    bed.say(text);
    bed.wait(RESPONSE_WAIT_MS);
    assert.equal(bed.failure, "camera-unreachable", text);
  }
  const bed = playing();
  bed.feed(rtpPacket({ sequence: 1, timestamp: 1 }, new Uint8Array(3)));
  assert.equal(bed.failure, undefined);
  assert.equal(textOf(Uint8Array.of(65)), "A");
});
