import { createHash } from "node:crypto";
import { ChunkPool, Rope, RtspClient, parseRtspUrl, parseSdp, readFragmentHead, readIndex, readInit, readSeal, scanSegment } from "@mingjian/media";
import type { StreamSink, TrackSink } from "@mingjian/media";
import { formatUtc, parseUtc } from "@mingjian/vocab";
import type { Property } from "./engine.ts";

export interface Target {
  readonly property: Property;
  readonly starts: readonly Uint8Array[];
}

const text = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.join("\r\n"));
const latin1 = new TextDecoder("latin1");

function promise(kept: boolean, what: string): void {
  if (!kept) throw new Error(what);
}

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 0.0.0.0",
  "s=x",
  "c=IN IP4 0.0.0.0",
  "t=0 0",
  "a=control:*",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1; profile-level-id=4D401F; sprop-parameter-sets=Z01AH42NQCgC3/gLcBAQFAAAD6AAAw1DoYACYloAAmJau8uNDAATEtAAExLV3lwo,aO44gA==",
  "a=control:track1",
  "m=audio 0 RTP/AVP 8",
  "a=rtpmap:8 PCMA/8000",
  "a=control:track2",
  "",
];

/** RTP on interleaved channel 0: a header for each payload, the marker on the last. */
function packets(payloads: readonly number[][]): number[] {
  return payloads.flatMap((payload, index) => [
    0x24,
    0,
    0,
    12 + payload.length,
    0x80,
    index === payloads.length - 1 ? 0xe0 : 0x60,
    0,
    index,
    0,
    0,
    0,
    90,
    0,
    0,
    0,
    7,
    ...payload,
  ]);
}

/** What a well-behaved camera says, from OPTIONS to the first frames, in one piece. */
function conversation(): Uint8Array {
  const sdp = SDP.join("\r\n");
  const answer = (sequence: number, more: readonly string[], body = ""): string =>
    ["RTSP/1.0 200 OK", `CSeq: ${sequence}`, ...more, ...(body === "" ? [] : [`Content-Length: ${body.length}`]), "", body].join("\r\n");
  const said = [
    answer(1, ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER"]),
    answer(2, ["Content-Base: rtsp://10.0.0.1/s/", "Content-Type: application/sdp"], sdp),
    answer(3, ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1;timeout=60"]),
    answer(4, ["Transport: RTP/AVP/TCP;unicast;interleaved=2-3", "Session: 1;timeout=60"]),
    answer(5, ["Session: 1", "RTP-Info: url=rtsp://10.0.0.1/s/track1;seq=0;rtptime=90"]),
  ].join("");
  const media = packets([
    [0x67, 0x4d, 0x40, 0x1f, 0x8d, 0x8d],
    [0x68, 0xee, 0x38, 0x80],
    [0x7c, 0x85, 1, 2],
    [0x7c, 0x45, 3, 4],
    [0x78, 0, 2, 0x65, 1, 0, 2, 0x41, 2],
  ]);
  return Uint8Array.from([...new TextEncoder().encode(said), ...media]);
}

class CheckingTrack implements TrackSink {
  readonly #rope = new Rope(new ChunkPool());

  rope(): Rope {
    return this.#rope;
  }

  sample(start: number, end: number, rtpTicks: number): void {
    promise(start >= 0 && start <= end && end === this.#rope.length, `sample [${start}, ${end}) of a rope of ${this.#rope.length}`);
    promise(Number.isSafeInteger(rtpTicks), `sample at ${rtpTicks}`);
    this.#rope.clear();
  }

  abandon(start: number): void {
    promise(start >= 0 && start <= this.#rope.length, `abandoned at ${start}`);
    this.#rope.truncate(start);
  }

  config(): void {}

  lost(count: number): void {
    promise(count > 0, `${count} packets lost`);
  }
}

const hashes = {
  md5: (of: string): string => createHash("md5").update(of).digest("hex"),
  sha256: (of: string): string => createHash("sha256").update(of).digest("hex"),
};

/** The whole client on a connection whose other side says `bytes`, in pieces that depend on them. */
function rtspClient(bytes: Uint8Array): void {
  const url = parseRtspUrl("rtsp://10.0.0.1/s");
  if (url === undefined) throw new Error("the target's own URL");
  const open = (configs: readonly unknown[]): StreamSink => ({
    tracks: configs.map(() => new CheckingTrack()),
    arrived: () => undefined,
    senderReport: () => undefined,
    close: () => undefined,
  });
  const client = new RtspClient({
    url,
    credentials: { user: "admin", password: "x" },
    basicAllowed: true,
    transport: "tcp",
    audio: true,
    hashes,
    cnonce: "00",
    ssrc: 1,
    pool: new ChunkPool(),
    open,
  });
  client.start(0);
  const step = 1 + ((bytes[0] ?? 0) % 97);
  for (let at = 0, nowMs = 0; at < bytes.length; at += step, nowMs += 10) {
    client.receive(bytes, at, Math.min(bytes.length, at + step), nowMs);
    client.tick(nowMs);
    client.drain();
  }
  client.closeSink("unknown");
}

/** A segment file of these bytes, read as the recorder reads it after a crash. */
function scan(bytes: Uint8Array): void {
  const steps = scanSegment(bytes.length);
  let next = steps.next();
  for (let reads = 0; next.done !== true; reads++) {
    promise(reads < bytes.length + 16, "the scan does not end");
    const { offset, length } = next.value;
    promise(offset >= 0 && length >= 0, `asks for ${length} bytes at ${offset}`);
    next = steps.next(bytes.subarray(offset, offset + length));
  }
  promise(next.value.wholeBytes <= bytes.length, "more whole bytes than there are");
}

function box(type: string, ...parts: readonly number[][]): number[] {
  const body = parts.flat();
  const size = 8 + body.length;
  return [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255, ...new TextEncoder().encode(type), ...body];
}

const FRAGMENT = box(
  "moof",
  box("mfhd", [0, 0, 0, 0, 0, 0, 0, 1]),
  box(
    "traf",
    box("tfhd", [0, 2, 0, 0, 0, 0, 0, 1]),
    box("tfdt", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    box("trun", [0, 0, 3, 1, 0, 0, 0, 1, 0, 0, 0, 120, 0, 0, 14, 16, 0, 0, 0, 4]),
  ),
);
const FILE = [
  ...box("ftyp", [...new TextEncoder().encode("isom")], [0, 0, 2, 0]),
  ...box("moov", box("mvhd", Array<number>(100).fill(0))),
  ...FRAGMENT,
  ...box("mdat", [1, 2, 3, 4]),
];

/** What `fuzz` can be pointed at. Each takes any bytes from outside and never throws. */
export const TARGETS: Readonly<Record<string, Target>> = {
  rtsp: { property: rtspClient, starts: [conversation()] },
  sdp: { property: (bytes) => void parseSdp(latin1.decode(bytes)), starts: [text(SDP)] },
  "rtsp-url": {
    property: (bytes) => void parseRtspUrl(latin1.decode(bytes)),
    starts: [text(["rtsp://user:pa%20ss@[fe80::1]:8554/a/b?c=1"])],
  },
  "mp4-init": { property: (bytes) => void readInit(bytes), starts: [Uint8Array.from(FILE)] },
  "mp4-fragment": { property: (bytes) => void readFragmentHead(bytes), starts: [Uint8Array.from(FRAGMENT)] },
  "mp4-seal": {
    property: (bytes) => {
      readSeal(bytes, 0);
      readIndex(bytes);
    },
    starts: [Uint8Array.from(FILE)],
  },
  "mp4-scan": { property: scan, starts: [Uint8Array.from(FILE)] },
  utc: {
    property: (bytes) => {
      const at = parseUtc(latin1.decode(bytes));
      if (at !== undefined) promise(parseUtc(formatUtc(at)) === Math.floor(at), "an instant does not survive being written");
    },
    starts: [text(["2026-02-28T23:59:59.999+08:00"])],
  },
};
