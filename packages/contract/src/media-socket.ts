/**
 * The media sockets.
 *
 * Live: WebSocket `/media/v1/live?camera=ID&stream=main|sub&grant=GRANT`.
 * Playback: WebSocket `/media/v1/playback?camera=ID&at=INSTANT&grant=GRANT&mode=all|keys&direction=forward`.
 *
 * Text messages are JSON (`ServerMessage`, `ClientMessage`). A binary message from the server is a header of
 * 24 bytes, most significant byte first, and a payload:
 *   0     u8   kind: 1 initialisation segment, 2 fragment
 *   1     u8   flags: bit 0 begins with a key frame
 *   2-3   u16  init generation: fragments belong to the initialisation segment of the same generation
 *   4-7   u32  sequence number of the message in this session
 *   8-15  f64  UTC milliseconds of the first frame (0 for an initialisation segment)
 *   16-23 f64  duration in ms (0 where unknown)
 *
 * The media time of fragments counts from the `origin` of the last `start` message: UTC = origin + media time,
 * also across segment borders and gaps, so a player seeks by wall-clock time without an offset of its own.
 * Live flow needs no messages from the client. Playback sends until `windowMs` of media ahead of the last
 * `position` the client reported; the client reports its position at least every second.
 */
export const MEDIA_HEADER_BYTES = 24;
export const MEDIA_KIND_INIT = 1;
export const MEDIA_KIND_FRAGMENT = 2;
export const MEDIA_FLAG_KEY = 1;
export const PLAYBACK_WINDOW_MS = 10_000;

export type ServerMessage =
  | {
      readonly type: "start";
      readonly session: string;
      readonly camera: string;
      readonly stream: "main" | "sub";
      /** For MediaSource.isTypeSupported. */
      readonly mime: string;
      readonly width: number;
      readonly height: number;
      /** UTC milliseconds at media time 0. */
      readonly origin: number;
      readonly generation: number;
    }
  /** Playback: no footage in [from, to); the next fragment begins at `to`. */
  | { readonly type: "gap"; readonly from: number; readonly to: number; readonly cause: string }
  /** Playback: nothing recorded after `at` (yet, or within the grant's span). */
  | { readonly type: "end-of-footage"; readonly at: number }
  /** Live: the camera is not sending; pictures resume by themselves. */
  | { readonly type: "waiting"; readonly state: string; readonly fault: string | null }
  /** The last message of a session; the socket closes after it. `code` is a fault code or `grant-revoked`, `grant-expired`, `signed-out`. */
  | { readonly type: "end"; readonly code: string; readonly detail: string };

export type ClientMessage = { readonly type: "position"; readonly utcMs: number } | { readonly type: "pause" } | { readonly type: "resume" };

export interface MediaHeader {
  readonly kind: number;
  readonly key: boolean;
  readonly generation: number;
  readonly sequence: number;
  readonly utcMs: number;
  readonly durationMs: number;
}

/** Writes the header into the first 24 bytes of `target`. */
export function writeMediaHeader(target: Uint8Array, header: MediaHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, MEDIA_HEADER_BYTES);
  view.setUint8(0, header.kind);
  view.setUint8(1, header.key ? MEDIA_FLAG_KEY : 0);
  view.setUint16(2, header.generation & 0xffff);
  view.setUint32(4, header.sequence >>> 0);
  view.setFloat64(8, header.utcMs);
  view.setFloat64(16, header.durationMs);
}

/** The header of a binary message, or undefined when it is too short or of an unknown kind. */
export function readMediaHeader(message: Uint8Array): MediaHeader | undefined {
  if (message.length < MEDIA_HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, MEDIA_HEADER_BYTES);
  const kind = view.getUint8(0);
  if (kind !== MEDIA_KIND_INIT && kind !== MEDIA_KIND_FRAGMENT) return undefined;
  return {
    kind,
    key: (view.getUint8(1) & MEDIA_FLAG_KEY) !== 0,
    generation: view.getUint16(2),
    sequence: view.getUint32(4),
    utcMs: view.getFloat64(8),
    durationMs: view.getFloat64(16),
  };
}
