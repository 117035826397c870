/** Packets waiting for one that is missing. */
export const REORDER_PACKETS_MAX = 128;
/** How long a missing packet is waited for. */
export const REORDER_WAIT_MS = 100;

/** Puts the datagrams of one RTP source back in order; a packet that does not come in time is given up. */
export class ReorderBuffer {
  readonly #give: (packet: Uint8Array) => void;
  readonly #waiting = new Map<number, { readonly packet: Uint8Array; readonly arrivedMs: number }>();
  #expected = -1;
  #ssrc = -1;
  late = 0;

  constructor(give: (packet: Uint8Array) => void) {
    this.#give = give;
  }

  /** When the oldest waiting packet must go on; Infinity when none waits. */
  get deadlineMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const one of this.#waiting.values()) oldest = Math.min(oldest, one.arrivedMs);
    return oldest + REORDER_WAIT_MS;
  }

  /** A whole datagram; kept without copy, so the caller must not reuse it. */
  packet(packet: Uint8Array, nowMs: number): void {
    if (packet.length < 12) {
      this.#give(packet);
      return;
    }
    const sequence = ((packet[2] as number) << 8) | (packet[3] as number);
    const ssrc = ((packet[8] as number) << 24) | ((packet[9] as number) << 16) | ((packet[10] as number) << 8) | (packet[11] as number);
    if (ssrc !== this.#ssrc) this.#begin(ssrc, sequence);
    const ahead = (sequence - this.#expected) & 0xffff;
    if (ahead >= 0x8000) {
      if (ahead < 0x10000 - 1024) this.#begin(ssrc, sequence);
      else {
        this.late += 1;
        return;
      }
    }
    if (sequence === this.#expected) this.#release(packet);
    else this.#waiting.set(sequence, { packet, arrivedMs: nowMs });
    if (this.#waiting.size > REORDER_PACKETS_MAX) this.#giveUp();
    this.tick(nowMs);
  }

  /** Gives up what has been waited for long enough. */
  tick(nowMs: number): void {
    while (this.#waiting.size > 0 && this.deadlineMs <= nowMs) this.#giveUp();
  }

  #begin(ssrc: number, sequence: number): void {
    while (this.#waiting.size > 0) this.#giveUp();
    this.#ssrc = ssrc;
    this.#expected = sequence;
  }

  /** Goes on with the nearest packet that is here. */
  #giveUp(): void {
    let nearest = 0x10000;
    for (const sequence of this.#waiting.keys()) nearest = Math.min(nearest, (sequence - this.#expected) & 0xffff);
    const sequence = (this.#expected + nearest) & 0xffff;
    const next = this.#waiting.get(sequence);
    this.#waiting.delete(sequence);
    this.#expected = sequence;
    if (next !== undefined) this.#release(next.packet);
  }

  #release(packet: Uint8Array): void {
    let next: Uint8Array | undefined = packet;
    while (next !== undefined) {
      this.#expected = (this.#expected + 1) & 0xffff;
      this.#give(next);
      next = this.#waiting.get(this.#expected)?.packet;
      this.#waiting.delete(this.#expected);
    }
  }
}
