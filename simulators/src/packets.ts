import type { AudioClip, Clip, ClipCodec } from "./clip.ts";
import { GOP_FRAMES, FPS } from "./clip.ts";

/** Bytes of RTP payload in one packet at most: fits Ethernet with IP, UDP and RTP headers. */
export const PAYLOAD_BYTES_MAX = 1400;
/** `$`, channel, length (RFC 2326 10.12). */
export const FRAMING_BYTES = 4;
export const RTP_HEADER_BYTES = 12;

/** One frame or audio unit, cut into RTP packets ahead of time with their interleaved framing. */
export interface PreparedUnit {
  bytes: Buffer;
  /** Where each packet's framing begins in `bytes`. */
  readonly starts: readonly number[];
  /** Packets of the loop before this unit. */
  readonly firstPacket: number;
  readonly key: boolean;
  /** When it is shown, in units from the beginning of the loop. */
  readonly shownAt: number;
  /** The loop whose sequence numbers and timestamps stand in `bytes`. */
  loop: number;
  /** A socket may still hold `bytes`: copy before the next change. */
  held: boolean;
}

export interface PreparedTrack {
  readonly kind: "video" | "audio";
  readonly units: readonly PreparedUnit[];
  readonly packetsPerLoop: number;
  readonly clockRate: number;
  readonly unitTicks: number;
  readonly unitMs: number;
  readonly payloadType: number;
  readonly channel: number;
  readonly ssrc: number;
}

/** Payloads of one NAL unit: itself, or FU-A (RFC 6184 5.8) and FU (RFC 7798 4.4.3) fragments. */
export function nalPayloads(codec: ClipCodec, nal: Buffer): Buffer[] {
  if (nal.length <= PAYLOAD_BYTES_MAX) return [nal];
  const headerBytes = codec === "h264" ? 1 : 2;
  const first = nal.readUInt8(0);
  const fragmentHeader =
    codec === "h264" ? Buffer.from([(first & 0xe0) | 28, first & 31]) : Buffer.from([(first & 0x81) | (49 << 1), nal.readUInt8(1), (first >> 1) & 63]);
  const room = PAYLOAD_BYTES_MAX - fragmentHeader.length;
  const payloads: Buffer[] = [];
  for (let at = headerBytes; at < nal.length; at += room) {
    const header = Buffer.from(fragmentHeader);
    const last = header.length - 1;
    if (at === headerBytes) header.writeUInt8(header.readUInt8(last) | 0x80, last);
    if (at + room >= nal.length) header.writeUInt8(header.readUInt8(last) | 0x40, last);
    payloads.push(Buffer.concat([header, nal.subarray(at, at + room)]));
  }
  return payloads;
}

/** RTP packets with framing; sequence numbers, timestamp and marker of the last are filled in by `stamp`. */
export function framePackets(payloads: readonly Buffer[], channel: number, payloadType: number, ssrc: number): { bytes: Buffer; starts: number[] } {
  const starts: number[] = [];
  const parts: Buffer[] = [];
  let at = 0;
  payloads.forEach((payload, index) => {
    const head = Buffer.alloc(FRAMING_BYTES + RTP_HEADER_BYTES);
    head.writeUInt8(0x24, 0);
    head.writeUInt8(channel, 1);
    head.writeUInt16BE(RTP_HEADER_BYTES + payload.length, 2);
    head.writeUInt8(0x80, 4);
    head.writeUInt8(payloadType | (index === payloads.length - 1 ? 0x80 : 0), 5);
    head.writeUInt32BE(ssrc, 12);
    starts.push(at);
    parts.push(head, payload);
    at += head.length + payload.length;
  });
  return { bytes: Buffer.concat(parts), starts };
}

/** Sequence numbers and timestamps go on without a break from loop to loop, counted from 1970. */
export function stamp(track: PreparedTrack, unit: PreparedUnit, loop: number): Buffer {
  if (unit.loop === loop) return unit.bytes;
  if (unit.held) {
    unit.bytes = Buffer.from(unit.bytes);
    unit.held = false;
  }
  const { bytes, starts } = unit;
  const sequence = loop * track.packetsPerLoop + unit.firstPacket;
  const timestamp = ((loop * track.units.length + unit.shownAt) * track.unitTicks) % 2 ** 32;
  for (let i = 0; i < starts.length; i++) {
    const at = starts[i] as number;
    bytes.writeUInt16BE((sequence + i) % 65_536, at + 6);
    bytes.writeUInt32BE(timestamp, at + 8);
  }
  unit.loop = loop;
  return bytes;
}

function prepare(
  payloadsOf: readonly { payloads: Buffer[]; key: boolean; shownAt: number }[],
  base: Omit<PreparedTrack, "units" | "packetsPerLoop">,
): PreparedTrack {
  const units: PreparedUnit[] = [];
  let packets = 0;
  for (const { payloads, key, shownAt } of payloadsOf) {
    const { bytes, starts } = framePackets(payloads, base.channel, base.payloadType, base.ssrc);
    units.push({ bytes, starts, firstPacket: packets, key, shownAt, loop: -1, held: false });
    packets += starts.length;
  }
  return { ...base, units, packetsPerLoop: packets };
}

const VIDEO = {
  kind: "video",
  clockRate: 90_000,
  unitTicks: 90_000 / FPS,
  unitMs: 1000 / FPS,
  payloadType: 96,
  channel: 0,
} as const;
const videoTracks = new Map<Clip, PreparedTrack>();
const audioTracks = new Map<AudioClip, PreparedTrack>();

export function prepareVideo(clip: Clip): PreparedTrack {
  let track = videoTracks.get(clip);
  if (track === undefined) {
    const payloads = clip.frames.map((frame) => ({
      payloads: frame.nals.flatMap((nal) => nalPayloads(clip.codec, nal)),
      key: frame.key,
      // Shown no earlier than decoded: B-frames delay every picture by the same few frames.
      shownAt: frame.shownAt + clip.reorderFrames,
    }));
    track = prepare(payloads, { ...VIDEO, ssrc: 0x4d4a0000 + clip.width });
    videoTracks.set(clip, track);
  }
  return track;
}

export const AUDIO_PAYLOAD_TYPES = { aac: 97, pcma: 8, pcmu: 0 } as const;

export function prepareAudio(clip: AudioClip): PreparedTrack {
  let track = audioTracks.get(clip);
  if (track === undefined) {
    const payloads = clip.units.map((unit, index) => {
      // RFC 3640 3.2.1: AU-headers-length 16 bits, then AU-size 13 bits and AU-Index 3 bits.
      const header = clip.codec === "aac" ? Buffer.from([0, 16, unit.length >> 5, (unit.length << 3) & 0xf8]) : Buffer.alloc(0);
      return { payloads: [Buffer.concat([header, unit])], key: true, shownAt: index };
    });
    track = prepare(payloads, {
      kind: "audio",
      clockRate: clip.clockRate,
      unitTicks: clip.unitTicks,
      unitMs: (clip.unitTicks * 1000) / clip.clockRate,
      payloadType: AUDIO_PAYLOAD_TYPES[clip.codec],
      channel: 2,
      ssrc: 0x4d4a8000 + clip.clockRate,
    });
    audioTracks.set(clip, track);
  }
  return track;
}

/** The first frame at or after `unit` that begins a group of pictures, counted from 1970 in frames. */
export function nextKey(unit: number): number {
  return Math.ceil(unit / GOP_FRAMES) * GOP_FRAMES;
}
