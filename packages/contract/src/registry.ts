import { Type } from "typebox";
import type { Static } from "typebox";
import { Id, Instant, StreamRoleSchema } from "./common.ts";

/** GET /api/v1/units */
export const Unit = Type.Object({
  id: Id,
  name: Type.String(),
  kind: Type.Union([Type.Literal("operator"), Type.Literal("authority")]),
  parent: Type.Union([Id, Type.Null()]),
  version: Type.Integer(),
});
export type Unit = Static<typeof Unit>;

/** POST /api/v1/units */
export const NewUnit = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 128 }),
  kind: Type.Union([Type.Literal("operator"), Type.Literal("authority")]),
  parent: Type.Union([Id, Type.Null()]),
});

export const Transport = Type.Union([Type.Literal("auto"), Type.Literal("tcp"), Type.Literal("udp")]);

/** Where a stream comes from. The password goes in and never comes out. */
export const StreamSourceInput = Type.Object({
  url: Type.String({ minLength: 8, maxLength: 2048, pattern: "^rtsps?://" }),
  user: Type.Optional(Type.String({ maxLength: 128 })),
  password: Type.Optional(Type.String({ maxLength: 128 })),
  transport: Type.Optional(Transport),
  /** SHA-256 of the camera's certificate in hex, for rtsps with a certificate no authority signed. */
  certificateSha256: Type.Optional(Type.String({ pattern: "^[0-9a-fA-F]{64}$" })),
});
export type StreamSourceInput = Static<typeof StreamSourceInput>;

export const CAMERA_STATES = ["stopped", "connecting", "describing", "setting-up", "waiting", "playing", "backing-off"] as const;

/** What one stream does now. */
export const StreamStatus = Type.Object({
  role: StreamRoleSchema,
  state: Type.Enum(CAMERA_STATES),
  since: Instant,
  recording: Type.Boolean(),
  /** Fault code of the last failure while not playing. */
  fault: Type.Union([Type.String(), Type.Null()]),
  faultDetail: Type.Union([Type.String(), Type.Null()]),
  attempts: Type.Integer(),
  nextTryAt: Type.Union([Instant, Type.Null()]),
  codec: Type.Union([Type.String(), Type.Null()]),
  width: Type.Union([Type.Integer(), Type.Null()]),
  height: Type.Union([Type.Integer(), Type.Null()]),
  audio: Type.Union([Type.String(), Type.Null()]),
  framesPerSecond: Type.Number(),
  bitsPerSecond: Type.Number(),
  packetsLost: Type.Integer(),
  framesTotal: Type.Integer(),
  bytesTotal: Type.Number(),
  /** Camera's clock less ours, ms; null until the camera sent one. */
  clockOffsetMs: Type.Union([Type.Number(), Type.Null()]),
  /** Change of that offset, ms an hour. */
  clockDriftMsPerHour: Type.Union([Type.Number(), Type.Null()]),
});
export type StreamStatus = Static<typeof StreamStatus>;

/** GET /api/v1/cameras, /api/v1/cameras/{id} */
export const Camera = Type.Object({
  id: Id,
  unit: Id,
  name: Type.String(),
  position: Type.String(),
  enabled: Type.Boolean(),
  record: Type.Boolean(),
  demo: Type.Boolean(),
  retentionClass: Type.Union([Type.Literal("ordinary"), Type.Literal("important")]),
  streams: Type.Array(
    Type.Object({
      role: StreamRoleSchema,
      /** Without user and password. */
      url: Type.String(),
      user: Type.Union([Type.String(), Type.Null()]),
      hasPassword: Type.Boolean(),
      transport: Transport,
    }),
  ),
  status: Type.Array(StreamStatus),
  version: Type.Integer(),
});
export type Camera = Static<typeof Camera>;

/** POST /api/v1/cameras */
export const NewCamera = Type.Object({
  id: Type.Optional(Id),
  unit: Id,
  name: Type.String({ minLength: 1, maxLength: 128 }),
  position: Type.Optional(Type.String({ maxLength: 256 })),
  record: Type.Optional(Type.Boolean()),
  retentionClass: Type.Optional(Type.Union([Type.Literal("ordinary"), Type.Literal("important")])),
  main: StreamSourceInput,
  sub: Type.Optional(StreamSourceInput),
  /** Two cameras on one URL are refused unless this says that it is meant. */
  allowSharedUrl: Type.Optional(Type.Boolean()),
});
export type NewCamera = Static<typeof NewCamera>;

/** PATCH /api/v1/cameras/{id}: `version` is the one that was read. */
export const CameraChange = Type.Object({
  version: Type.Integer(),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  position: Type.Optional(Type.String({ maxLength: 256 })),
  enabled: Type.Optional(Type.Boolean()),
  record: Type.Optional(Type.Boolean()),
  retentionClass: Type.Optional(Type.Union([Type.Literal("ordinary"), Type.Literal("important")])),
  main: Type.Optional(StreamSourceInput),
  sub: Type.Optional(Type.Union([StreamSourceInput, Type.Null()])),
  allowSharedUrl: Type.Optional(Type.Boolean()),
});
export type CameraChange = Static<typeof CameraChange>;

/** POST /api/v1/cameras/probe: tries a source step by step, stores nothing. */
export const ProbeRequest = Type.Object({ source: StreamSourceInput });
export const PROBE_STEPS = ["resolve", "connect", "tls", "describe", "authorise", "setup", "first-packet", "first-key-frame"] as const;
export const ProbeResult = Type.Object({
  ok: Type.Boolean(),
  steps: Type.Array(
    Type.Object({
      step: Type.Enum(PROBE_STEPS),
      outcome: Type.Union([Type.Literal("ok"), Type.Literal("failed"), Type.Literal("skipped")]),
      ms: Type.Number(),
      code: Type.Union([Type.String(), Type.Null()]),
      detail: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  tracks: Type.Array(Type.Object({ kind: Type.String(), codec: Type.String(), width: Type.Integer(), height: Type.Integer(), codecString: Type.String() })),
  /** The first key frame as a fragmented MP4 (base64) that a <video> shows; null when none came. */
  picture: Type.Union([Type.Object({ mime: Type.String(), mp4Base64: Type.String() }), Type.Null()]),
  /** Of the camera's certificate over TLS: what to give as `certificateSha256` when no authority signed it. */
  certificateSha256: Type.Union([Type.String(), Type.Null()]),
});
export type ProbeResult = Static<typeof ProbeResult>;
