import type { GapCause } from "../stream.ts";

/** Where a connection stands, in order. */
export type RtspStep = "options" | "describe" | "authorise" | "setup" | "play" | "playing" | "closing" | "over";

export type RtspFailureCode =
  | "camera-unreachable"
  | "camera-refused"
  | "camera-unauthorised"
  | "camera-not-found"
  | "camera-no-data"
  | "camera-bad-stream"
  | "camera-unsupported"
  | "camera-transport";

/** Why a connection ended. `detail` is plain words for a log: no secret, no credentials. */
export interface RtspFailure {
  readonly code: RtspFailureCode;
  readonly cause: GapCause;
  readonly detail: string;
}

/** What the driver is to do, in order. */
export type RtspEvent =
  | { readonly type: "send"; readonly bytes: Uint8Array }
  | { readonly type: "step"; readonly step: RtspStep }
  /** Bind a pair of UDP ports for this track and call `portsBound`. */
  | { readonly type: "bind"; readonly track: number }
  /** The camera sends this track from these ports; `host` when it is not the one we are connected to. */
  | { readonly type: "peer"; readonly track: number; readonly host: string | undefined; readonly rtpPort: number; readonly rtcpPort: number }
  /** Send this to the track's RTCP (or RTP) port. */
  | { readonly type: "datagram"; readonly track: number; readonly rtcp: boolean; readonly bytes: Uint8Array }
  /** A sender report came: the camera's clock said this when it was sent. */
  | { readonly type: "clock"; readonly cameraUtcMs: number }
  /** Close, and connect to this URL (without credentials) instead. */
  | { readonly type: "redirect"; readonly url: string }
  | { readonly type: "failed"; readonly failure: RtspFailure }
  /** TEARDOWN is answered or given up. */
  | { readonly type: "over" };

const CODE_OF: Readonly<Record<RtspFailureCode, GapCause>> = {
  "camera-unreachable": "unreachable",
  "camera-refused": "refused",
  "camera-unauthorised": "unauthorised",
  "camera-not-found": "not-found",
  "camera-no-data": "no-data",
  "camera-bad-stream": "bad-stream",
  "camera-unsupported": "unsupported",
  "camera-transport": "refused",
};

export function rtspFailure(code: RtspFailureCode, detail: string): RtspFailure {
  return { code, cause: CODE_OF[code], detail };
}

/** What a refused request means (RFC 2326 11.3). */
export function failureOfStatus(status: number, method: string): RtspFailure {
  const detail = `${method} was answered with ${status}`;
  if (status === 401 || status === 403 || status === 407) return rtspFailure("camera-unauthorised", detail);
  if (status === 404 || status === 410) return rtspFailure("camera-not-found", detail);
  if (status === 461) return rtspFailure("camera-transport", detail);
  if (status === 415 || status === 406 || status === 551) return rtspFailure("camera-unsupported", detail);
  return rtspFailure("camera-refused", detail);
}
