// node packages/media/test/make-testdata.ts
// Writes the authored transcripts of testdata: makers' habits as their users and other clients describe them,
// with pictures of a few bytes. Outcomes are written by hand below, never taken from a run.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { TESTDATA } from "./harness.ts";
import {
  AVC_SDP,
  AVC_SDP_BARE,
  delta,
  idr,
  interleaved,
  Packetiser,
  PPS_120,
  PPS_720,
  rtpPacket,
  senderReport,
  SPS_120,
  SPS_720,
  stapA,
} from "./rtp-builder.ts";

const URL = "rtsp://192.0.2.7/live";
const LOGIN = "rtsp://admin:secret@192.0.2.7";

class Author {
  readonly #lines: string[];
  #cseq = 0;

  constructor(note: string, setup: Readonly<Record<string, unknown>>) {
    this.#lines = [`# Authored, not captured. ${note}`, JSON.stringify(setup)];
  }

  ask(request: string): this {
    this.#cseq += 1;
    this.#lines.push(`> ${request}`);
    return this;
  }

  raw(text: string): this {
    for (const line of text.split(/(?<=\n)/)) this.#lines.push(`< ${line.replaceAll("\r", "\\r").replaceAll("\n", "\\n")}`);
    return this;
  }

  answer(status: string, headers: readonly string[] = [], body = ""): this {
    const length = body === "" ? [] : ["Content-Type: application/sdp", `Content-Length: ${body.length}`];
    return this.raw([`RTSP/1.0 ${status}`, `CSeq: ${this.#cseq}`, ...headers, ...length, "", body].join("\r\n"));
  }

  bytes(...packets: readonly Uint8Array[]): this {
    for (const packet of packets) this.#lines.push(`$ ${Buffer.from(packet).toString("base64")}`);
    return this;
  }

  wait(ms: number): this {
    this.#lines.push(`+ ${ms}`);
    return this;
  }

  /** OPTIONS to PLAY the plain way, at URL with one track. */
  plain(sdp = AVC_SDP, options: { methods?: string; session?: string; transport?: string; play?: boolean } = {}): this {
    this.ask(`OPTIONS ${URL}`).answer("200 OK", [`Public: ${options.methods ?? "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"}`]);
    this.ask(`DESCRIBE ${URL}`).answer("200 OK", [], sdp);
    this.ask(`SETUP ${URL}/trackID=1`).answer("200 OK", [
      `Transport: ${options.transport ?? "RTP/AVP/TCP;unicast;interleaved=0-1"}`,
      `Session: ${options.session ?? "12345678;timeout=60"}`,
    ]);
    return options.play === false ? this : this.ask(`PLAY ${URL}`).answer("200 OK", ["RTP-Info: url=trackID=1;seq=65530"]);
  }

  write(name: string, outcome: Readonly<Record<string, unknown>>): void {
    this.#lines.push(`= ${JSON.stringify(outcome)}`, "");
    writeFileSync(path.join(TESTDATA, `${name}.rtsp`), this.#lines.join("\n"));
  }
}

/** A key frame with its parameter sets and `deltas` frames after it. */
function gop(packets: Packetiser, deltas = 4): Uint8Array[] {
  const frames = [packets.frame([stapA(SPS_720, PPS_720), idr()])];
  for (let i = 0; i < deltas; i++) frames.push(packets.frame([delta(20 + i)]));
  return frames.flat();
}

const FIVE = { step: "playing", failure: null, codecs: ["avc1.4d001f"], size: "1280x720", frames: 5, keys: 1, lost: 0 };

function hikvision(): void {
  const base = "rtsp://192.0.2.7/Streaming/Channels/101";
  const sdp = [
    "v=0",
    "o=- 1109162014219182 1109162014219182 IN IP4 0.0.0.0",
    "s=Media Presentation",
    "e=NONE",
    "b=AS:5100",
    "t=0 0",
    `a=control:${base}/`,
    "m=video 0 RTP/AVP 96",
    "c=IN IP4 0.0.0.0",
    "b=AS:5000",
    "a=recvonly",
    "a=x-dimensions:1280,720",
    `a=control:${base}/trackID=1`,
    "a=rtpmap:96 H264/90000",
    "a=fmtp:96 profile-level-id=420029; packetization-mode=1; sprop-parameter-sets=Z00AH5WoFAFug0CA,aO48gA==",
    "m=application 0 RTP/AVP 107",
    `a=control:${base}/trackID=3`,
    "a=rtpmap:107 vnd.onvif.metadata/90000",
    "a=Media_header:MEDIAINFO=494D4B48010100000400010000000000;",
    "a=appversion:1.0",
    "",
  ].join("\r\n");
  const author = new Author("Hikvision: Digest and Basic offered at once, absolute control URLs, ONVIF metadata beside the video.", {
    url: `${LOGIN}/Streaming/Channels/101`,
  });
  author.ask(`OPTIONS ${base}`).answer("200 OK", ["Public: OPTIONS, DESCRIBE, PLAY, PAUSE, SETUP, TEARDOWN, SET_PARAMETER, GET_PARAMETER"]);
  author
    .ask(`DESCRIBE ${base}`)
    .answer("401 Unauthorized", [
      'WWW-Authenticate: Digest realm="IP Camera(C1234)", nonce="9f1c2b7a6e5d4c3b2a190817f6e5d4c3", stale="FALSE"',
      'WWW-Authenticate: Basic realm="IP Camera(C1234)"',
    ]);
  author.ask(`DESCRIBE ${base}`).answer("200 OK", [`Content-Base: ${base}/`], sdp);
  author
    .ask(`SETUP ${base}/trackID=1`)
    .answer("200 OK", ["Session:       1273222592;timeout=60", 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=4e2d8c4e;mode="play"']);
  author.ask(`PLAY ${base}/`).answer("200 OK", ["Session:       1273222592", `RTP-Info: url=${base}/trackID=1;seq=65530;rtptime=0`]);
  author.bytes(...gop(new Packetiser())).write("hikvision-digest", FIVE);
}

function dahua(): void {
  const base = "rtsp://192.0.2.7/cam/realmonitor?channel=1&subtype=0";
  const sdp =
    AVC_SDP.replace("a=control:trackID=1", "a=framerate:25.000000\r\na=control:trackID=0") +
    "m=audio 0 RTP/AVP 8\r\na=control:trackID=1\r\na=rtpmap:8 PCMA/8000\r\na=recvonly\r\n";
  const author = new Author("Dahua: the query is part of the base URL, to which tracks are appended; keep-alive in 20 s; audio on its own channels.", {
    url: `${LOGIN}/cam/realmonitor?channel=1&subtype=0`,
  });
  author.ask(`OPTIONS ${base}`).answer("401 Unauthorized", ['WWW-Authenticate: Digest realm="Login to 6f2a", nonce="f0e1d2c3b4a5"']);
  author.ask(`OPTIONS ${base}`).answer("200 OK", ["Public: OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, TEARDOWN, SET_PARAMETER, GET_PARAMETER"]);
  author.ask(`DESCRIBE ${base}`).answer("200 OK", [`Content-Base: ${base}/`], sdp);
  author.ask(`SETUP ${base}/trackID=0`).answer("200 OK", ["Session: 354546456546;timeout=20", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234"]);
  author.ask(`SETUP ${base}/trackID=1`).answer("200 OK", ["Session: 354546456546;timeout=20", "Transport: RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=4321"]);
  author.ask(`PLAY ${base}/`).answer("200 OK", ["Session: 354546456546"]);
  const audio = new Packetiser(2, { payloadType: 8, ssrc: 0x4321, sequence: 9, timestamp: 0 });
  const video = new Packetiser();
  author.bytes(...gop(video, 3), ...audio.frame([new Uint8Array(320)], { ticks: 320 }), ...audio.frame([new Uint8Array(320)]));
  author
    .wait(9_000)
    .bytes(...video.frame([delta()]))
    .wait(1_100)
    .ask(`GET_PARAMETER ${base}/`)
    .answer("200 OK")
    .wait(11_000);
  author.write("dahua-query-url", { ...FIVE, failure: "camera-no-data", step: "over", codecs: ["avc1.4d001f", "alaw"], audio: 2 });
}

function uniview(): void {
  const author = new Author("Uniview and others: no timeout in Session, GET_PARAMETER refused with 405 then OPTIONS taken.", { url: URL });
  author.plain(AVC_SDP, { session: "77" });
  author.bytes(...gop(new Packetiser()));
  author.wait(9_000).bytes(...new Packetiser(0, { sequence: 0, timestamp: 20_704 }).frame([delta()]));
  author.wait(9_000).bytes(...new Packetiser(0, { sequence: 1, timestamp: 24_304 }).frame([delta()]));
  author.wait(9_000).bytes(...new Packetiser(0, { sequence: 2, timestamp: 27_904 }).frame([delta()]));
  author.wait(3_100).ask(`GET_PARAMETER ${URL}`).answer("405 Method Not Allowed");
  author.ask(`OPTIONS ${URL}`).answer("200 OK");
  author.write("uniview-keep-alive", { ...FIVE, frames: 8, lastRequest: "OPTIONS" });
}

function axis(): void {
  const base = "rtsp://192.0.2.7/axis-media/media.amp";
  const sdp = AVC_SDP.replace("t=0 0", "t=0 0\r\na=control:rtsp://10.0.0.9/axis-media/media.amp").replace(
    "trackID=1",
    "rtsp://10.0.0.9/axis-media/media.amp/stream=0",
  );
  const author = new Author(
    "Axis: Digest with qop and SHA-256 beside MD5, a nonce gone stale; behind address translation the description names the inner host.",
    { url: `${LOGIN}/axis-media/media.amp` },
  );
  const challenges = (nonce: string, stale: string): string[] => [
    `WWW-Authenticate: Digest realm="AXIS_00408C000000", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`,
    `WWW-Authenticate: Digest realm="AXIS_00408C000000", nonce="${nonce}", algorithm=SHA-256, qop="auth,auth-int", stale=${stale}`,
  ];
  author.ask(`OPTIONS ${base}`).answer("200 OK", ["Public: OPTIONS, DESCRIBE, GET_PARAMETER, PAUSE, PLAY, SETUP, SET_PARAMETER, TEARDOWN"]);
  author.ask(`DESCRIBE ${base}`).answer("401 Unauthorized", challenges("0a1b", "FALSE"));
  author.ask(`DESCRIBE ${base}`).answer("401 Unauthorized", challenges("0a1c", "TRUE"));
  author.ask(`DESCRIBE ${base}`).answer("200 OK", ["Content-Base: rtsp://10.0.0.9/axis-media/media.amp/"], sdp);
  author
    .ask(`SETUP ${base}/stream=0`)
    .answer("200 OK", ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234;mode="PLAY"', "Session: AbC.d-9_+;timeout=60"]);
  author.ask(`PLAY ${base}`).answer("200 OK");
  author.bytes(interleaved(1, senderReport(0x1234, 1_790_000_000_000, 4_294_960_000)), ...gop(new Packetiser()));
  author.bytes(interleaved(1, senderReport(0x1234, 1_790_000_000_200, 4_294_960_000 + 18_000))).write("axis-sha256-stale", { ...FIVE, reports: 1 });
}

function tpLink(): void {
  const author = new Author(
    "TP-Link: line feeds alone, no CSeq in answers, no sprop-parameter-sets, sets as single packets with the marker on each, OPTIONS unknown.",
    { url: URL },
  );
  const lf = (text: string): string => text.replaceAll("\r\n", "\n");
  const sdp = lf(AVC_SDP_BARE);
  author.ask(`OPTIONS ${URL}`).raw("RTSP/1.0 501 Not Implemented\n\n");
  author.ask(`DESCRIBE ${URL}`).raw(`RTSP/1.0 200 OK\nContent-type: application/sdp\nContent-length: ${sdp.length}\n\n${sdp}`);
  author.ask(`SETUP ${URL}/trackID=1`).raw("RTSP/1.0 200 OK\nsession: 4\ntransport: RTP/AVP/TCP;unicast;interleaved=0-1\n\n");
  author.ask(`PLAY ${URL}`).raw("RTSP/1.0 200 OK\n\n");
  const packets = new Packetiser();
  author.bytes(...packets.frame([SPS_720, PPS_720, idr()], { markers: "all" }));
  for (let i = 0; i < 4; i++) author.bytes(...packets.frame([delta(30 + i)]));
  author.write("tp-link-line-feeds", FIVE);
}

function reolink(): void {
  const author = new Author("Reolink: packets before the answer to PLAY, packets of a dead session on a foreign channel, broken sprop-parameter-sets.", {
    url: URL,
  });
  author.plain(AVC_SDP.replace(/sprop-parameter-sets=\S+/, "sprop-parameter-sets=Z00A$$,"), { play: false });
  const packets = new Packetiser();
  const stale = interleaved(6, rtpPacket({ sequence: 3, timestamp: 5, payloadType: 33, ssrc: 9 }, new Uint8Array(50)));
  const frames = gop(packets);
  author
    .ask(`PLAY ${URL}`)
    .bytes(stale, ...frames.slice(0, 2))
    .answer("200 OK")
    .bytes(stale, ...frames.slice(2));
  author.write("reolink-early-packets", FIVE);
}

function between(): void {
  const author = new Author("Recorders that write packets between the parts of an answer: between two headers and before the body.", { url: URL });
  const packets = new Packetiser();
  author.plain().bytes(...packets.frame([stapA(SPS_720, PPS_720), idr()]), ...packets.frame([delta()]));
  author
    .wait(9_000)
    .bytes(...packets.frame([delta()]))
    .wait(9_000)
    .bytes(...packets.frame([delta()]))
    .wait(9_000)
    .bytes(...packets.frame([delta()]));
  author
    .wait(3_100)
    .ask(`GET_PARAMETER ${URL}`)
    .raw("RTSP/1.0 200 OK\r\n")
    .bytes(...packets.frame([delta()]));
  author
    .raw("CSeq: 5\r\nContent-Length: 4\r\n\r\n")
    .bytes(...packets.frame([delta()]))
    .raw("ok\r\n")
    .bytes(...packets.frame([delta()]));
  author.write("packets-between-parts", { ...FIVE, frames: 8 });
}

function channels(): void {
  const author = new Author("A camera that answers with other channels than were asked for, and sends RTP and RTCP on the first of them.", { url: URL });
  author.plain(AVC_SDP, { transport: "RTP/AVP/TCP;unicast;interleaved=4-5" });
  author
    .bytes(...gop(new Packetiser(4)), interleaved(4, senderReport(0x1234, 1_790_000_000_000, 4_294_960_000)))
    .write("wrong-channels", { ...FIVE, reports: 1 });
}

function redirects(): void {
  const moved = new Author("A recorder that answers DESCRIBE with 302.", { url: URL });
  moved.ask(`OPTIONS ${URL}`).answer("200 OK").ask(`DESCRIBE ${URL}`).answer("302 Moved Temporarily", ["Location: rtsp://user:pw@192.0.2.8:8554/live2"]);
  moved.write("redirect-302", { step: "over", failure: null, redirect: "rtsp://192.0.2.8:8554/live2", frames: 0 });
  const asked = new Author("REDIRECT in mid-stream (RFC 2326 10.10).", { url: URL });
  asked
    .plain()
    .bytes(...gop(new Packetiser()))
    .raw("REDIRECT rtsp://192.0.2.7/live RTSP/1.0\r\nCSeq: 732\r\nLocation: rtsp://192.0.2.9/live\r\n\r\n");
  asked.write("redirect-request", { ...FIVE, step: "over", redirect: "rtsp://192.0.2.9/live" });
}

function mediamtx(): void {
  const author = new Author("MediaMTX: Basic and Digest offered; H.264 beside Opus, which is left out; RTP-Info with several tracks.", {
    url: `${LOGIN}/live`,
  });
  const sdp = `${AVC_SDP.replace("a=control:trackID=1", "a=control:rtsp://192.0.2.7/live/trackID=1")}m=audio 0 RTP/AVP 97\r\na=control:rtsp://192.0.2.7/live/trackID=2\r\na=rtpmap:97 opus/48000/2\r\na=fmtp:97 sprop-stereo=1\r\n`;
  author.ask(`OPTIONS ${URL}`).answer("200 OK", ["Public: DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, GET_PARAMETER, TEARDOWN", "Server: gortsplib"]);
  author
    .ask(`DESCRIBE ${URL}`)
    .answer("401 Unauthorized", ['WWW-Authenticate: Basic realm="IPCAM"', 'WWW-Authenticate: Digest realm="IPCAM", nonce="aa11", algorithm="SHA-256"']);
  author.ask(`DESCRIBE ${URL}`).answer("200 OK", ["Content-Base: rtsp://192.0.2.7/live/"], sdp);
  author.ask(`SETUP ${URL}/trackID=1`).answer("200 OK", ["Session: 8c2f;timeout=60", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=00001234"]);
  author
    .ask(`PLAY ${URL}/`)
    .answer("200 OK")
    .bytes(...gop(new Packetiser()))
    .write("mediamtx-opus-left-out", FIVE);
}

function changes(): void {
  const author = new Author("A camera whose resolution is changed while it plays: new parameter sets in the stream.", { url: URL });
  const packets = new Packetiser();
  author.plain().bytes(...gop(packets, 2), ...packets.frame([SPS_120, PPS_120, idr()]), ...packets.frame([delta()]));
  author.write("resolution-change", { ...FIVE, keys: 2, configChanges: 1 });
}

for (const make of [hikvision, dahua, uniview, axis, tpLink, reolink, between, channels, redirects, mediamtx, changes]) make();
