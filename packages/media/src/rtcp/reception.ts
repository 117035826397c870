import type { RtpReceiver } from "../rtp/receiver.ts";
import { type ReportBlock, type SenderReport, writeReceiverReport } from "./rtcp.ts";

/** Reception statistics of one source for its receiver reports (RFC 3550 A.3, A.8). */
export class ReceptionStatistics {
  readonly #clockRate: number;
  #transit: number | undefined;
  #jitter = 0;
  #packetsBefore = 0;
  #lostBefore = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** A packet with this 32-bit timestamp arrived. */
  arrived(timestamp: number, nowMs: number): void {
    const transit = ((nowMs * this.#clockRate) / 1000 - (timestamp >>> 0)) | 0;
    if (this.#transit !== undefined) {
      const change = Math.abs((transit - this.#transit) | 0);
      if (change < this.#clockRate * 10) this.#jitter += (change - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  report(ownSsrc: number, receiver: RtpReceiver, last: SenderReport | undefined, lastAtMs: number, nowMs: number): Uint8Array {
    const lost = receiver.lost - this.#lostBefore;
    const expected = receiver.packets - this.#packetsBefore + lost;
    this.#lostBefore = receiver.lost;
    this.#packetsBefore = receiver.packets;
    const block: ReportBlock = {
      ssrc: receiver.ssrc,
      fractionLost: expected > 0 ? Math.floor((lost * 256) / expected) : 0,
      lost: receiver.lost,
      highestSequence: receiver.highestSequence,
      jitter: Math.floor(this.#jitter),
      lastReport: last?.ntpMiddle ?? 0,
      delay: last === undefined ? 0 : Math.min(0xffffffff, Math.floor(((nowMs - lastAtMs) * 65_536) / 1000)),
    };
    return writeReceiverReport(ownSsrc, block);
  }
}
