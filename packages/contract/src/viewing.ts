import { Type } from "typebox";
import type { Static } from "typebox";
import { Id, Instant } from "./common.ts";

/**
 * POST /api/v1/grants: asks for the key to pictures that the signed-in user's roles allow, or 403 `not-allowed`.
 * `live` true and no span: live view. A span and `live` false: playback of that span. Later the law decides; the shape stays.
 */
export const GrantRequest = Type.Object({
  cameras: Type.Array(Id, { minItems: 1, maxItems: 64 }),
  live: Type.Boolean(),
  from: Type.Optional(Instant),
  to: Type.Optional(Instant),
  actions: Type.Array(Type.Union([Type.Literal("view"), Type.Literal("copy")]), { minItems: 1, maxItems: 2 }),
  purpose: Type.String({ minLength: 1, maxLength: 500 }),
});
export type GrantRequest = Static<typeof GrantRequest>;

/** GET /api/v1/grants; DELETE /api/v1/grants/{id} revokes: running sessions end within a second. */
export const Grant = Type.Object({
  id: Id,
  user: Id,
  userName: Type.String(),
  cameras: Type.Array(Id),
  live: Type.Boolean(),
  from: Type.Union([Instant, Type.Null()]),
  to: Type.Union([Instant, Type.Null()]),
  actions: Type.Array(Type.Union([Type.Literal("view"), Type.Literal("copy")])),
  purpose: Type.String(),
  basis: Type.String(),
  issuedAt: Instant,
  expiresAt: Instant,
  revokedAt: Type.Union([Instant, Type.Null()]),
});
export type Grant = Static<typeof Grant>;

/** GET /api/v1/register?from=&to=&camera=&user=&limit=&before= : every use of footage, newest first. */
export const RegisterEntry = Type.Object({
  id: Id,
  grant: Id,
  user: Id,
  userName: Type.String(),
  camera: Id,
  cameraName: Type.String(),
  action: Type.Union([Type.Literal("live"), Type.Literal("playback"), Type.Literal("copy")]),
  purpose: Type.String(),
  basis: Type.String(),
  address: Type.String(),
  startedAt: Instant,
  endedAt: Type.Union([Instant, Type.Null()]),
  endCause: Type.Union([Type.String(), Type.Null()]),
  /** Span of footage that was served. */
  servedFrom: Type.Union([Instant, Type.Null()]),
  servedTo: Type.Union([Instant, Type.Null()]),
  bytes: Type.Number(),
});
export type RegisterEntry = Static<typeof RegisterEntry>;
export const RegisterPage = Type.Object({ entries: Type.Array(RegisterEntry), next: Type.Union([Type.String(), Type.Null()]) });
export type RegisterPage = Static<typeof RegisterPage>;

/** GET /api/v1/timeline?camera=a&camera=b&from=&to=&resolutionMs= : bands for the timeline; needs the right to see the camera, not a grant. */
export const Band = Type.Object({
  kind: Type.Union([Type.Literal("recorded"), Type.Literal("gap"), Type.Literal("alarm")]),
  from: Instant,
  to: Instant,
  /** Gap cause or alarm code. */
  cause: Type.Union([Type.String(), Type.Null()]),
});
export type Band = Static<typeof Band>;
export const Timeline = Type.Object({
  cameras: Type.Array(
    Type.Object({ camera: Id, first: Type.Union([Instant, Type.Null()]), last: Type.Union([Instant, Type.Null()]), bands: Type.Array(Band) }),
  ),
});
export type Timeline = Static<typeof Timeline>;

/** GET /api/v1/cameras/{id}/days?month=2026-11&zone=Asia/Shanghai : days of the month that have footage. */
export const RecordedDays = Type.Object({ days: Type.Array(Type.Object({ day: Type.String(), recordedSeconds: Type.Number(), gapSeconds: Type.Number() })) });
export type RecordedDays = Static<typeof RecordedDays>;
