import type { GapCause, TrackConfig } from "@mingjian/media";
import type { FaultCode, StreamId, UtcMs } from "@mingjian/vocab";
import type { TlsTrust } from "../ports/index.ts";

/** One stream to receive. Holds credentials: never logged whole. */
export interface StreamSource {
  readonly stream: StreamId;
  /** `rtsp:` or `rtsps:`; credentials inside count unless `user` is given. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** `auto`: TCP, and UDP when the camera does not take TCP. */
  readonly transport: "tcp" | "udp" | "auto";
  /** For `rtsps:` only; without it the public authorities decide. */
  readonly tls?: TlsTrust | undefined;
  readonly audio: boolean;
  readonly enabled: boolean;
}

export const INGEST_STATES = ["stopped", "connecting", "describing", "setting-up", "waiting", "playing", "backing-off"] as const;
/** `waiting`: the camera plays, the first key frame has not come. */
export type IngestState = (typeof INGEST_STATES)[number];

/** What one stream does now. Counters run since it was first applied, over all its connections. */
export interface StreamState {
  readonly stream: StreamId;
  readonly state: IngestState;
  readonly sinceUtcMs: UtcMs;
  /** Connections begun since the last healthy one. */
  readonly attempts: number;
  /** Why the last connection failed; undefined while playing. */
  readonly fault: FaultCode | undefined;
  readonly faultDetail: string | undefined;
  readonly cause: GapCause | undefined;
  readonly nextTryAtUtcMs: UtcMs | undefined;
  readonly transport: "tcp" | "udp";
  readonly watched: boolean;
  readonly configs: readonly TrackConfig[];
  readonly packetsTotal: number;
  readonly bytesTotal: number;
  readonly framesTotal: number;
  readonly packetsLost: number;
  readonly framesDamaged: number;
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  /** The camera's clock less ours; undefined until it sent a report. */
  readonly clockOffsetMs: number | undefined;
  /** Change of that offset; undefined until it was seen for some minutes. */
  readonly clockDriftMsPerHour: number | undefined;
}
