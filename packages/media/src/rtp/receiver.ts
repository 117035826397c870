import type { Depacketiser } from "./depacketiser.ts";

/** A forward step of the sequence number up to this many packets is loss; a larger one is a sender that began anew. */
export const SEQUENCE_GAP_MAX = 3000;

/** Receives one RTP source (RFC 3550 5.1) in order of arrival: reads headers, counts loss, unwraps timestamps. */
export class RtpReceiver {
  packets = 0;
  bytes = 0;
  lost = 0;
  malformed = 0;
  duplicates = 0;
  /** Times the source or its numbering began anew. */
  restarts = 0;
  ssrc = -1;
  /** Highest sequence number with wraps, for receiver reports (RFC 3550 A.1). */
  highestSequence = 0;
  ticks = 0;
  readonly #depacketiser: Depacketiser;
  #sequence = -1;
  #timestamp = 0;

  constructor(depacketiser: Depacketiser) {
    this.#depacketiser = depacketiser;
  }

  /** One packet b[start, end). False when it is not an RTP packet of version 2. */
  packet(b: Uint8Array, start: number, end: number): boolean {
    const first = b[start] as number;
    if (end - start < 12 || first >> 6 !== 2) {
      this.malformed += 1;
      return false;
    }
    let payload = start + 12 + 4 * (first & 15);
    if ((first & 0x10) !== 0) {
      if (payload + 4 > end) payload = end + 1;
      else payload += 4 + 4 * (((b[payload + 2] as number) << 8) | (b[payload + 3] as number));
    }
    let last = end;
    if ((first & 0x20) !== 0) last -= b[end - 1] as number;
    if (payload > last) {
      this.malformed += 1;
      return false;
    }
    const second = b[start + 1] as number;
    const sequence = ((b[start + 2] as number) << 8) | (b[start + 3] as number);
    const timestamp = ((b[start + 4] as number) << 24) | ((b[start + 5] as number) << 16) | ((b[start + 6] as number) << 8) | (b[start + 7] as number);
    const ssrc = ((b[start + 8] as number) << 24) | ((b[start + 9] as number) << 16) | ((b[start + 10] as number) << 8) | (b[start + 11] as number);
    const lost = this.#follow(sequence, timestamp, ssrc >>> 0);
    if (lost < 0) return true;
    this.packets += 1;
    this.bytes += last - payload;
    this.ticks += (timestamp - this.#timestamp) | 0;
    this.#timestamp = timestamp;
    this.#depacketiser.packet(b, payload, last, this.ticks, (second & 0x80) !== 0, lost);
    return true;
  }

  /** RTP ticks of a timestamp near the present one, unwrapped; undefined before the first packet. */
  unwrap(timestamp: number): number | undefined {
    return this.#sequence < 0 ? undefined : this.ticks + ((timestamp - this.#timestamp) | 0);
  }

  /** Packets missing before this one, or -1 when it is a repetition. */
  #follow(sequence: number, timestamp: number, ssrc: number): number {
    const expected = this.#sequence;
    const step = (sequence - expected) & 0xffff;
    if (expected < 0) {
      this.#timestamp = timestamp;
      this.ticks = timestamp >>> 0;
      this.highestSequence = sequence;
    } else if (ssrc !== this.ssrc) {
      this.restarts += 1;
      this.highestSequence = sequence;
    } else if (step === 0xffff && timestamp === this.#timestamp) {
      this.duplicates += 1;
      return -1;
    }
    const same = expected >= 0 && ssrc === this.ssrc;
    this.ssrc = ssrc;
    this.#sequence = (sequence + 1) & 0xffff;
    if (!same) return expected < 0 ? 0 : 1;
    if (step <= SEQUENCE_GAP_MAX) {
      this.highestSequence += step + 1;
      this.lost += step;
      return step;
    }
    this.restarts += 1;
    this.highestSequence = sequence;
    return 1;
  }
}
