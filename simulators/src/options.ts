import type { AudioName, ClipName } from "./clip.ts";
import { FRAME_MS } from "./clip.ts";

/** What goes wrong with a camera, each on demand. An absent field is a camera that behaves. */
export interface Faults {
  /** Every n-th RTP packet of video is never sent; its sequence number is. */
  readonly dropEvery?: number;
  /** `backward`: every 100th frame is stamped a second early. `jump`: an hour forward every 100 frames. `frozen`: one timestamp for all. */
  readonly timestamps?: "backward" | "jump" | "frozen";
  /** Parameter sets are not in the SDP, and in band only this long after PLAY. */
  readonly lateParameterSetsMs?: number;
  /** Everything is written in pieces of so many bytes, one piece in 5 ms. */
  readonly dribbleBytes?: number;
  /** Each answer comes so much later. */
  readonly answerDelayMs?: number;
  /** The picture changes between the main and the sub-stream's size so often, at a key frame. */
  readonly resolutionChangeMs?: number;
  /** Requests are read and never answered. */
  readonly neverAnswers?: boolean;
  /** The connection is reset at the first request. */
  readonly refuses?: boolean;
  /** 401 with a new nonce to every request, whatever the password. */
  readonly unauthorised?: boolean;
  /** DESCRIBE is answered with this status. */
  readonly describeStatus?: number;
  /** DESCRIBE is answered 302 with this location. */
  readonly redirectTo?: string;
  /** So many bytes of noise before every 25th frame (TCP only). */
  readonly garbageBytes?: number;
  readonly marker?: "never" | "always";
  /** Once in a group of pictures, a slice of so many bytes of noise takes the place of a frame. */
  readonly hugeNalBytes?: number;
  /** Every n-th frame is an RTP packet without payload. */
  readonly emptyFrameEvery?: number;
  /** The SDP is padded to so many bytes. */
  readonly sdpBytes?: number;
  /** The connection is reset so long after PLAY, in the middle of a packet. */
  readonly disconnectAfterMs?: number;
  /** The connection stays and no more media comes so long after PLAY. */
  readonly silentAfterMs?: number;
  /** The clock in sender reports is so far off. */
  readonly clockOffsetMs?: number;
  readonly noSenderReports?: boolean;
  /** The answer to GET_PARAMETER, SET_PARAMETER; `silence` answers nothing. */
  readonly keepAliveStatus?: number | "silence";
  /** Written into the Session header and enforced: without a request or RTCP the session ends. */
  readonly sessionTimeoutS?: number;
}

export interface Auth {
  readonly user: string;
  readonly password: string;
  readonly scheme: "digest-md5" | "digest-sha256" | "basic";
}

export interface CameraOptions {
  readonly clip: ClipName;
  readonly sub: ClipName;
  readonly audio: AudioName | "none";
  readonly auth: Auth | undefined;
  /** A session begins with the next key frame, or at once with the last one and all that came since. */
  readonly begin: "next-key" | "last-key";
  readonly faults: Faults;
}

export const CAMERA_DEFAULTS: CameraOptions = {
  clip: "street",
  sub: "sub",
  audio: "none",
  auth: undefined,
  begin: "next-key",
  faults: {},
};

/** Phases of the cameras' clocks differ by this step, modulo one group of pictures, so that key frames are spread out. */
const PHASE_STEP_MS = 785;
const PHASE_SPAN_MS = 2000;

/** How late camera `number` (from 1) is: its frame n of the time since 1970 is taken at n * 40 ms + phase. */
export function phaseMs(number: number): number {
  return (number * PHASE_STEP_MS) % PHASE_SPAN_MS;
}

/** The counter (modulo the loop) of the picture that camera `number` takes at this instant. */
export function counterAtMs(number: number, utcMs: number, loopFrames: number): number {
  return Math.floor((utcMs - phaseMs(number)) / FRAME_MS) % loopFrames;
}

/** The latest instant, not after `utcMs`, at which camera `number` took a picture with this counter. */
export function takenAtMs(number: number, counter: number, utcMs: number, loopFrames: number): number {
  const frame = Math.floor((utcMs - phaseMs(number)) / FRAME_MS);
  return (frame - ((((frame - counter) % loopFrames) + loopFrames) % loopFrames)) * FRAME_MS + phaseMs(number);
}
