import { parseArgs } from "node:util";
import { ChunkPool, parseRtspUrl, Rope, RtspClient } from "@mingjian/media";
import type { StreamSink, TrackSink } from "@mingjian/media";

const SDP = [
  "v=0",
  "o=- 0 0 IN IP4 127.0.0.1",
  "s=bench",
  "t=0 0",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z00AH5WoFAFug0CA,aO48gA==",
  "a=control:track1",
  "",
].join("\r\n");
const PACKET_BYTES = 1400;
const GOP_FRAMES = 50;

/** One GOP of interleaved RTP in fragmentation units: a key frame of 60 kB, then deltas of 15.5 kB: 4 Mbit/s at 25 frames a second. */
function gop(): { readonly bytes: Uint8Array; readonly sequences: readonly number[]; readonly timestamps: readonly (readonly [at: number, frame: number])[] } {
  const parts: Uint8Array[] = [];
  const sequences: number[] = [];
  const timestamps: [number, number][] = [];
  let at = 0;
  for (let frame = 0; frame < GOP_FRAMES; frame++) {
    const size = frame === 0 ? 60_000 : 15_500;
    for (let from = 0; from < size; from += PACKET_BYTES) {
      const payload = Math.min(PACKET_BYTES, size - from);
      const packet = new Uint8Array(4 + 12 + 2 + payload).fill(0x55);
      const last = from + payload === size;
      packet.set([0x24, 0, (14 + payload) >> 8, (14 + payload) & 255, 0x80, last ? 0xe0 : 0x60, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
      packet.set([0x7c, (from === 0 ? 0x80 : 0) | (last ? 0x40 : 0) | (frame === 0 ? 5 : 1)], 16);
      if (from === 0) packet[18] = 0x88;
      sequences.push(at + 6);
      timestamps.push([at + 8, frame]);
      parts.push(packet);
      at += packet.length;
    }
  }
  const bytes = new Uint8Array(at);
  let to = 0;
  for (const part of parts) {
    bytes.set(part, to);
    to += part.length;
  }
  return { bytes, sequences, timestamps };
}

function countingSink(pool: ChunkPool): { readonly sink: StreamSink; readonly counts: { frames: number; bytes: number; lost: number } } {
  const counts = { frames: 0, bytes: 0, lost: 0 };
  const rope = new Rope(pool);
  const track: TrackSink = {
    rope: () => rope,
    sample: (start, end, _ticks, key) => {
      counts.frames += 1;
      counts.bytes += end - start;
      if (key) rope.truncate(0);
    },
    abandon: (start) => rope.truncate(start),
    config: () => undefined,
    lost: (packets) => {
      counts.lost += packets;
    },
  };
  return { sink: { tracks: [track], arrived: () => undefined, senderReport: () => undefined, close: () => undefined }, counts };
}

function playing(pool: ChunkPool, sink: StreamSink): RtspClient {
  const url = parseRtspUrl("rtsp://127.0.0.1/bench");
  if (url === undefined) throw new Error("no URL");
  const hashes = { md5: () => "", sha256: () => "" };
  const client = new RtspClient({
    url,
    credentials: undefined,
    basicAllowed: true,
    transport: "tcp",
    audio: false,
    hashes,
    cnonce: "",
    ssrc: 1,
    pool,
    open: () => sink,
  });
  const answers = [
    "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n",
    `RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`,
    "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n",
    "RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n",
  ];
  client.start(0);
  for (const answer of answers) {
    const bytes = new TextEncoder().encode(answer);
    client.receive(bytes, 0, bytes.length, 0);
  }
  client.drain();
  if (client.step !== "playing") throw new Error(`the client is at ${client.step}`);
  return client;
}

/** `--megabytes N` in all, `--read BYTES` at a time: CPU seconds per GB of framing and depacketising, one stream. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { megabytes: { type: "string", default: "2000" }, read: { type: "string", default: "50000" } } });
  const pool = new ChunkPool();
  const { sink, counts } = countingSink(pool);
  const client = playing(pool, sink);
  const { bytes, sequences, timestamps } = gop();
  const view = new DataView(bytes.buffer);
  const rounds = Math.ceil((Number(values.megabytes) * 1e6) / bytes.length);
  const readBytes = Number(values.read);
  let sequence = 0;
  let spentUs = 0;
  let warmBytes = 0;
  for (let round = 0; round < rounds; round++) {
    for (const at of sequences) view.setUint16(at, sequence++ & 0xffff);
    for (const [at, frame] of timestamps) view.setUint32(at, (round * GOP_FRAMES + frame) * 3600);
    const before = process.cpuUsage();
    for (let from = 0; from < bytes.length; from += readBytes) client.receive(bytes, from, Math.min(from + readBytes, bytes.length), round);
    const spent = process.cpuUsage(before);
    if (round < 50) continue;
    spentUs += spent.user + spent.system;
    warmBytes += bytes.length;
  }
  const cpuSecondsPerGB = Math.round(spentUs / (warmBytes / 1e6)) / 1000;
  if (counts.lost > 0) throw new Error(`${counts.lost} packets lost`);
  console.log(
    JSON.stringify({ bench: "depacketise", readBytes, megabytes: Math.round(warmBytes / 1e6), frames: counts.frames, lost: counts.lost, cpuSecondsPerGB }),
  );
}
