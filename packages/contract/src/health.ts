import { Type } from "typebox";
import type { Static } from "typebox";
import { Id, Instant } from "./common.ts";

export const Level = Type.Union([Type.Literal("ok"), Type.Literal("warning"), Type.Literal("alarm")]);

/** GET /api/v1/health */
export const Health = Type.Object({
  level: Level,
  at: Instant,
  version: Type.String(),
  startedAt: Instant,
  demo: Type.Boolean(),
  zone: Type.String(),
  database: Type.Object({
    state: Type.Union([Type.Literal("up"), Type.Literal("away")]),
    since: Instant,
    kind: Type.Union([Type.Literal("embedded"), Type.Literal("server")]),
    indexLagSegments: Type.Integer(),
  }),
  recorder: Type.Object({
    state: Type.Union([Type.Literal("up"), Type.Literal("restarting")]),
    since: Instant,
    restarts: Type.Integer(),
    memoryBytes: Type.Number(),
    cpuPercent: Type.Number(),
  }),
  disk: Type.Object({
    level: Level,
    state: Type.Union([Type.Literal("ok"), Type.Literal("full"), Type.Literal("read-only"), Type.Literal("failing")]),
    totalBytes: Type.Number(),
    freeBytes: Type.Number(),
    footageBytes: Type.Number(),
    writtenBytesPerDay: Type.Number(),
    /** How long footage can be kept at today's rate on this disk. */
    capacityDays: Type.Union([Type.Number(), Type.Null()]),
    /** The longest minimum period any camera needs. */
    promisedDays: Type.Number(),
    fullAt: Type.Union([Instant, Type.Null()]),
  }),
  cameras: Type.Object({ total: Type.Integer(), online: Type.Integer(), recording: Type.Integer(), faulty: Type.Integer() }),
  viewers: Type.Integer(),
  alarms: Type.Array(Type.Object({ code: Type.String(), level: Level, since: Instant, camera: Type.Union([Id, Type.Null()]), detail: Type.String() })),
  perCamera: Type.Array(
    Type.Object({
      camera: Id,
      bytesPerDay: Type.Number(),
      promisedDays: Type.Number(),
      capacityDays: Type.Union([Type.Number(), Type.Null()]),
      completenessToday: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
});
export type Health = Static<typeof Health>;

/** GET /api/v1/events (server-sent events): `event: <kind>`, `data: <json>`. */
export const EVENT_KINDS = ["stream", "alarm", "grant", "health"] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
/** data of `stream`: {camera, status: StreamStatus}; of `alarm`: one Health alarm; of `grant`: {id, state: "revoked"|"expired"}; of `health`: {level}. */
