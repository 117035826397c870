/** Real parameter sets: H.264 main 1280x720, H.264 high 160x120, and of H.265 main 320x240. */
export const SPS_720 = Uint8Array.from(Buffer.from("Z00AH5WoFAFug0CA", "base64"));
export const PPS_720 = Uint8Array.from(Buffer.from("aO48gA==", "base64"));
export const SPS_120 = Uint8Array.from(Buffer.from("Z2QACazZQoR+XDhAAAADAEAAAAUDxIllgA==", "base64"));
export const PPS_120 = Uint8Array.from(Buffer.from("aO+8sA==", "base64"));

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export interface PacketFields {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker?: boolean;
  readonly payloadType?: number;
  readonly ssrc?: number;
}

export function rtpPacket(fields: PacketFields, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(12 + payload.length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x80;
  packet[1] = (fields.marker === true ? 0x80 : 0) | (fields.payloadType ?? 96);
  view.setUint16(2, fields.sequence & 0xffff);
  view.setUint32(4, fields.timestamp >>> 0);
  view.setUint32(8, fields.ssrc ?? 0x1234);
  packet.set(payload, 12);
  return packet;
}

export function interleaved(channel: number, packet: Uint8Array): Uint8Array {
  return join(Uint8Array.of(0x24, channel, packet.length >> 8, packet.length & 255), packet);
}

/** RFC 3550 6.4.1 without report blocks. */
export function senderReport(ssrc: number, utcMs: number, timestamp: number): Uint8Array {
  const packet = new Uint8Array(28);
  const view = new DataView(packet.buffer);
  packet.set([0x80, 200, 0, 6]);
  view.setUint32(4, ssrc);
  view.setUint32(8, Math.floor(utcMs / 1000) + 2_208_988_800);
  view.setUint32(12, Math.floor(((utcMs % 1000) / 1000) * 2 ** 32));
  view.setUint32(16, timestamp >>> 0);
  return packet;
}

function filled(head: readonly number[], size: number): Uint8Array {
  const nal = new Uint8Array(Math.max(size, head.length));
  for (let i = 0; i < nal.length; i++) nal[i] = ((i * 31 + size) & 255) | 1;
  nal.set(head);
  return nal;
}

/** H.264 slices: the first slice of an IDR picture, of a P picture, of a non-IDR I picture; a later slice of a P picture. */
export const idr = (size = 40): Uint8Array => filled([0x65, 0x88, 0x84], size);
export const delta = (size = 20): Uint8Array => filled([0x41, 0x9a, 0x02], size);
export const intra = (size = 40): Uint8Array => filled([0x41, 0x88, 0x84], size);
export const laterSlice = (size = 20): Uint8Array => filled([0x41, 0x45, 0x02], size);
export const RECOVERY_SEI = Uint8Array.of(0x06, 0x06, 0x01, 0xc4, 0x80);

export function stapA(...nals: readonly Uint8Array[]): Uint8Array {
  return join(Uint8Array.of(24), ...nals.flatMap((nal) => [Uint8Array.of(nal.length >> 8, nal.length & 255), nal]));
}

export function fuA(nal: Uint8Array, pieceBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const first = nal[0] as number;
  for (let from = 1; from < nal.length; from += pieceBytes) {
    const to = Math.min(nal.length, from + pieceBytes);
    const flags = (from === 1 ? 0x80 : 0) | (to === nal.length ? 0x40 : 0);
    pieces.push(join(Uint8Array.of((first & 0xe0) | 28, flags | (first & 31)), nal.subarray(from, to)));
  }
  return pieces;
}

export function fu265(nal: Uint8Array, pieceBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const first = nal[0] as number;
  for (let from = 2; from < nal.length; from += pieceBytes) {
    const to = Math.min(nal.length, from + pieceBytes);
    const flags = (from === 2 ? 0x80 : 0) | (to === nal.length ? 0x40 : 0);
    pieces.push(join(Uint8Array.of((first & 0x81) | (49 << 1), nal[1] as number, flags | ((first >> 1) & 63)), nal.subarray(from, to)));
  }
  return pieces;
}

/** Numbers packets of one stream as a camera does: payloads of one frame share a timestamp, the last has the marker. */
export class Packetiser {
  readonly channel: number;
  sequence: number;
  timestamp: number;
  readonly #fields: Partial<PacketFields>;

  constructor(channel = 0, fields: Partial<PacketFields> = {}) {
    this.channel = channel;
    this.sequence = fields.sequence ?? 65_530;
    this.timestamp = fields.timestamp ?? 4_294_960_000;
    this.#fields = fields;
  }

  /** One frame's interleaved packets. `markers`: on the last packet, on all, or on none. */
  frame(payloads: readonly Uint8Array[], options: { ticks?: number; markers?: "last" | "all" | "none" } = {}): Uint8Array[] {
    const markers = options.markers ?? "last";
    const packets = payloads.map((payload, i) => {
      const marker = markers === "all" || (markers === "last" && i === payloads.length - 1);
      const packet = rtpPacket({ ...this.#fields, sequence: this.sequence, timestamp: this.timestamp, marker }, payload);
      this.sequence = (this.sequence + 1) & 0xffff;
      return interleaved(this.channel, packet);
    });
    this.timestamp = (this.timestamp + (options.ticks ?? 3600)) >>> 0;
    return packets;
  }
}

export const AVC_SDP = [
  "v=0",
  "o=- 1 1 IN IP4 192.0.2.7",
  "s=Media",
  "t=0 0",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1;profile-level-id=4D001F;sprop-parameter-sets=Z00AH5WoFAFug0CA,aO48gA==",
  "a=control:trackID=1",
  "",
].join("\r\n");

/** Parameter sets left to the stream. */
export const AVC_SDP_BARE = AVC_SDP.replace(/;sprop-parameter-sets=\S+/, "");
