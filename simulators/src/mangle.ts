import type { ClipCodec } from "./clip.ts";
import { isParameterSet, nalType } from "./clip.ts";
import type { Faults } from "./options.ts";
import type { PreparedTrack } from "./packets.ts";
import { FRAMING_BYTES, RTP_HEADER_BYTES, framePackets, nalPayloads } from "./packets.ts";

const HEAD_BYTES = FRAMING_BYTES + RTP_HEADER_BYTES;
const BACKWARD_EVERY_FRAMES = 100;
const HUGE_EVERY_FRAMES = 50;
const HUGE_AT_FRAME = 10;
const GARBAGE_EVERY_FRAMES = 25;
const TICKS_PER_SECOND = 90_000;

/** Reproducible noise (xorshift32); bytes are never 0, so that no start code appears in it. */
export function noise(bytes: number, seed: number): Buffer {
  const out = Buffer.allocUnsafe(bytes);
  let state = seed | 1;
  for (let i = 0; i < bytes; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = state & 255 || 1;
  }
  return out;
}

export interface Mangled {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
}

/** Whether any fault touches the media itself, so that the shared packets cannot be sent as they are. */
export function touchesMedia(faults: Faults): boolean {
  return (
    faults.dropEvery !== undefined ||
    faults.timestamps !== undefined ||
    faults.lateParameterSetsMs !== undefined ||
    faults.resolutionChangeMs !== undefined ||
    faults.garbageBytes !== undefined ||
    faults.marker !== undefined ||
    faults.hugeNalBytes !== undefined ||
    faults.emptyFrameEvery !== undefined
  );
}

/** Copies one session's packets with the faults asked for, under sequence numbers of its own. */
export class Mangler {
  readonly #faults: Faults;
  readonly #codec: ClipCodec;
  #sequence = 0;
  #packets = 0;
  #frames = 0;

  constructor(faults: Faults, codec: ClipCodec) {
    this.#faults = faults;
    this.#codec = codec;
  }

  /** @param sinceMs since PLAY */
  frame(track: PreparedTrack, bytes: Buffer, starts: readonly number[], sinceMs: number): Mangled {
    this.#frames += 1;
    const { packets, timestamp } = this.#payload(track, bytes, starts, sinceMs);
    const kept: Buffer[] = [];
    const keptStarts: number[] = [];
    let at = 0;
    const put = (part: Buffer): void => {
      kept.push(part);
      at += part.length;
    };
    if (this.#faults.garbageBytes !== undefined && this.#frames % GARBAGE_EVERY_FRAMES === 0) put(noise(this.#faults.garbageBytes, this.#frames));
    packets.forEach((packet, index) => {
      this.#packets += 1;
      this.#sequence = (this.#sequence + 1) % 65_536;
      if (this.#faults.dropEvery !== undefined && this.#packets % this.#faults.dropEvery === 0) return;
      packet.writeUInt16BE(this.#sequence, 6);
      packet.writeUInt32BE(timestamp, 8);
      packet.writeUInt8(track.payloadType | (this.#marker(index === packets.length - 1) ? 0x80 : 0), 5);
      keptStarts.push(at);
      put(packet);
    });
    return { bytes: Buffer.concat(kept), starts: keptStarts };
  }

  #marker(last: boolean): boolean {
    if (this.#faults.marker === "always") return true;
    return this.#faults.marker === "never" ? false : last;
  }

  #payload(track: PreparedTrack, bytes: Buffer, starts: readonly number[], sinceMs: number): { packets: Buffer[]; timestamp: number } {
    const timestamp = this.#timestamp(bytes.readUInt32BE(8));
    const { emptyFrameEvery, hugeNalBytes } = this.#faults;
    const made = (payloads: readonly Buffer[]): Buffer[] => cut(framePackets(payloads, track.channel, track.payloadType, track.ssrc));
    if (emptyFrameEvery !== undefined && this.#frames % emptyFrameEvery === 0) return { packets: made([Buffer.alloc(0)]), timestamp };
    if (hugeNalBytes !== undefined && this.#frames % HUGE_EVERY_FRAMES === HUGE_AT_FRAME) {
      const header = this.#codec === "h264" ? Buffer.from([0x41]) : Buffer.from([2, 1]);
      return { packets: made(nalPayloads(this.#codec, Buffer.concat([header, noise(hugeNalBytes, 7)]))), timestamp };
    }
    let packets = cut({ bytes: Buffer.from(bytes), starts });
    const late = this.#faults.lateParameterSetsMs;
    if (late !== undefined) {
      if (sinceMs < late) packets = packets.filter((packet) => !this.#isParameterSet(packet));
    }
    return { packets, timestamp };
  }

  #isParameterSet(packet: Buffer): boolean {
    const payload = packet.subarray(HEAD_BYTES);
    return isParameterSet(this.#codec, payload) && nalType(this.#codec, payload) !== 49;
  }

  #timestamp(timestamp: number): number {
    const past = Math.floor(this.#frames / BACKWARD_EVERY_FRAMES);
    switch (this.#faults.timestamps) {
      case "backward":
        return (this.#frames % BACKWARD_EVERY_FRAMES === 0 ? timestamp - TICKS_PER_SECOND : timestamp) >>> 0;
      case "jump":
        return (timestamp + past * 3600 * TICKS_PER_SECOND) % 2 ** 32;
      case "frozen":
        return 12_345;
      default:
        return timestamp;
    }
  }
}

function cut({ bytes, starts }: Mangled): Buffer[] {
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1] ?? bytes.length));
}
