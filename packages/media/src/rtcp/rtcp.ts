/** What a sender report says (RFC 3550 6.4.1). */
export interface SenderReport {
  readonly ssrc: number;
  /** The camera's clock, UTC milliseconds. */
  readonly utcMs: number;
  /** RTP timestamp of the same instant, 32 bits, not unwrapped. */
  readonly timestamp: number;
  /** The middle 32 bits of the NTP time, returned in receiver reports. */
  readonly ntpMiddle: number;
}

/** Seconds from 1900 (NTP) to 1970 (UTC milliseconds). */
const NTP_EPOCH_SECONDS = 2_208_988_800;
/** Packets read of one compound; more are left unread. */
export const RTCP_PACKETS_MAX = 16;

function u32(b: Uint8Array, at: number): number {
  return (((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number)) >>> 0;
}

/** The sender report in the compound packet b[start, end), undefined when it holds none; `goodbye` when the source left. */
export function readRtcp(b: Uint8Array, start: number, end: number): { report: SenderReport | undefined; goodbye: boolean } {
  let at = start;
  let report: SenderReport | undefined;
  let goodbye = false;
  for (let i = 0; i < RTCP_PACKETS_MAX && at + 8 <= end; i++) {
    const next = at + 4 + 4 * (((b[at + 2] as number) << 8) | (b[at + 3] as number));
    if ((b[at] as number) >> 6 !== 2 || next > end) break;
    if (b[at + 1] === 203) goodbye = true;
    if (b[at + 1] === 200 && next - at >= 28) {
      const seconds = u32(b, at + 8);
      const utcMs = (seconds - NTP_EPOCH_SECONDS) * 1000 + (u32(b, at + 12) * 1000) / 2 ** 32;
      const ntpMiddle = u32(b, at + 10);
      report = { ssrc: u32(b, at + 4), utcMs, timestamp: u32(b, at + 16), ntpMiddle };
    }
    at = next;
  }
  return { report, goodbye };
}

/** Numbers of one receiver report block (RFC 3550 6.4.2). */
export interface ReportBlock {
  readonly ssrc: number;
  /** Loss since the last report, in 1/256. */
  readonly fractionLost: number;
  readonly lost: number;
  readonly highestSequence: number;
  /** Interarrival jitter in RTP ticks. */
  readonly jitter: number;
  readonly lastReport: number;
  /** Since that report, in 1/65536 s. */
  readonly delay: number;
}

/** A receiver report with one block and an empty source description, as RFC 3550 6.1 wants compounds to be. */
export function writeReceiverReport(ownSsrc: number, block: ReportBlock): Uint8Array {
  const lost = Math.min(block.lost, 0x7fffff);
  const words = [
    0x81c90007,
    ownSsrc,
    block.ssrc,
    ((Math.min(block.fractionLost, 255) << 24) | lost) >>> 0,
    block.highestSequence % 2 ** 32,
    block.jitter,
    block.lastReport,
    block.delay,
    0x81ca0003,
    ownSsrc,
    0x01020000 | (0x6d << 8) | 0x6a,
    0,
  ];
  const bytes = new Uint8Array(words.length * 4);
  words.forEach((word, i) => {
    for (let j = 0; j < 4; j++) bytes[4 * i + j] = (word >>> (24 - 8 * j)) & 255;
  });
  return bytes;
}
