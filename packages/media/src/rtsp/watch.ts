import type { StreamReceiver } from "../rtp/stream-receiver.ts";
import { type RtspFailure, rtspFailure } from "./events.ts";

/** Without a packet, or without a frame, for this long a stream has failed. */
export const NO_DATA_MS_MAX = 10_000;
/** Parameter sets must have come this long after the first packet. */
export const CONFIG_WAIT_MS_MAX = 10_000;
/** A key frame must have come this long after the first packet: some cameras send one in half a minute. */
export const KEY_WAIT_MS_MAX = 60_000;
/** How often the counters are looked at: this, not a timer per packet. */
export const WATCH_MS = 1_000;

/** Judges by the counters whether a playing stream still brings pictures. */
export class StreamWatch {
  readonly #receiver: StreamReceiver;
  #packets = 0;
  #frames = 0;
  #packetAtMs: number;
  #frameAtMs: number;
  #firstPacketMs: number | undefined;
  deadlineMs: number;

  constructor(receiver: StreamReceiver, nowMs: number) {
    this.#receiver = receiver;
    this.#packetAtMs = nowMs;
    this.#frameAtMs = nowMs;
    this.deadlineMs = nowMs + WATCH_MS;
  }

  /** We do not read for now: what is missing is not the camera's fault. */
  rest(nowMs: number): void {
    this.#packetAtMs = nowMs;
    this.#frameAtMs = nowMs;
    this.deadlineMs = nowMs + WATCH_MS;
  }

  judge(nowMs: number): RtspFailure | undefined {
    if (nowMs < this.deadlineMs) return undefined;
    this.deadlineMs = nowMs + WATCH_MS;
    const { packets } = this.#receiver;
    const frames = this.#receiver.tracks[0]?.depacketiser.samples ?? 0;
    if (packets !== this.#packets) {
      this.#packetAtMs = nowMs;
      this.#firstPacketMs ??= nowMs;
    }
    if (frames !== this.#frames) this.#frameAtMs = nowMs;
    this.#packets = packets;
    this.#frames = frames;
    if (nowMs - this.#packetAtMs >= NO_DATA_MS_MAX) return rtspFailure("camera-no-data", "no packet came for 10 s");
    if (nowMs - this.#frameAtMs >= NO_DATA_MS_MAX) return rtspFailure("camera-bad-stream", "packets come, but no whole frame for 10 s");
    const sinceFirstMs = this.#firstPacketMs === undefined ? 0 : nowMs - this.#firstPacketMs;
    if (!this.#receiver.opened && !this.#receiver.configured && sinceFirstMs >= CONFIG_WAIT_MS_MAX) {
      return rtspFailure("camera-bad-stream", "no parameter sets came for 10 s");
    }
    if (!this.#receiver.opened && sinceFirstMs >= KEY_WAIT_MS_MAX) return rtspFailure("camera-bad-stream", "no key frame came for 60 s");
    return undefined;
  }
}
