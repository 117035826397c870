import type { Rope } from "./rope.ts";

export type VideoCodec = "h264" | "h265";
export type AudioCodec = "aac" | "pcma" | "pcmu";

/** What a decoder must know of a video track. Parameter sets are whole NAL units without start code or length. */
export interface VideoConfig {
  readonly kind: "video";
  readonly codec: VideoCodec;
  /** RTP ticks a second; 90000 for video. */
  readonly clockRate: number;
  readonly width: number;
  readonly height: number;
  /** H.265 only, else empty. */
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** RFC 6381, e.g. `avc1.640028`, `hvc1.1.6.L120.90`. */
  readonly codecString: string;
}

export interface AudioConfig {
  readonly kind: "audio";
  readonly codec: AudioCodec;
  readonly clockRate: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** AAC only: AudioSpecificConfig, ISO/IEC 14496-3. */
  readonly audioSpecificConfig?: Uint8Array;
  readonly codecString: string;
}

export type TrackConfig = VideoConfig | AudioConfig;

/**
 * Takes one track's samples (an access unit, or a run of audio). The depacketiser appends payload straight to
 * `rope()`, then names the range: numbers only, so that nothing is allocated per frame. Video samples are NAL
 * units with 4-byte lengths, in decode order.
 */
export interface TrackSink {
  /** The rope for the sample now being built: the same one from its first byte until `sample` or `abandon` returns. */
  rope(): Rope;
  /**
   * rope[start, end) is one whole sample and ends the rope.
   * @param rtpTicks presentation time, RTP ticks unwrapped beyond 32 bits, never reset within a stream
   * @param key the sample can be decoded without any before it
   */
  sample(start: number, end: number, rtpTicks: number, key: boolean): void;
  /** rope[start, length) is an unfinished sample that will not be finished: cut it off. */
  abandon(start: number): void;
  /** Holds for every sample after this call. Told before the first sample, and again when it changes. */
  config(config: TrackConfig): void;
  /** RTP packets known to be missing before the next sample. */
  lost(packets: number): void;
}

/** Why footage that should be there is not. */
export const GAP_CAUSES = [
  "unreachable",
  "refused",
  "unauthorised",
  "not-found",
  "no-data",
  "bad-stream",
  "unsupported",
  "our-restart",
  "disk",
  "clock",
  "switched-off",
  "unknown",
] as const;
export type GapCause = (typeof GAP_CAUSES)[number];

/** Takes one connection's worth of one stream. */
export interface StreamSink {
  /** One for each accepted track, in the order they were offered to `open`. */
  readonly tracks: readonly TrackSink[];
  /** Told once per read, before its samples: when the bytes came, by the monotonic clock. */
  arrived(monotonicMs: number): void;
  /** RTCP sender report (RFC 3550 6.4.1): the camera said that rtpTicks of track is that UTC instant. */
  senderReport(track: number, cameraUtcMs: number, rtpTicks: number): void;
  /** The connection is over; what is buffered is finished, and a gap with this cause begins. */
  close(cause: GapCause): void;
}
