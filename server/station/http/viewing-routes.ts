import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Done, Grant, GrantRequest, Id, Instant, RecordedDays, RegisterPage, Timeline } from "@mingjian/contract";
import type { Grant as GrantAnswer, GrantRequest as GrantBody } from "@mingjian/contract";
import { Fault, MS_PER_DAY, formatUtc, parseUtc, streamId } from "@mingjian/vocab";
import type { CameraId, GrantId, Span, UserId, UtcMs } from "@mingjian/vocab";
import type { Grant as StoredGrant, Scope } from "../../access/index.ts";
import type { AlarmLine } from "../../operations/index.ts";
import { daysOfMonth } from "../zone.ts";
import { visibleCamera, visibleIds, visibleUsers } from "./guard.ts";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";

const GRANTS_MAX = 500;
const TIMELINE_CAMERAS_MAX = 64;
/** Less than this between two pieces is the seam of two segments. */
const SEAM_MS_MAX = 1_000;
const TIMELINE_SPAN_MS_MAX = 400 * MS_PER_DAY;

function instant(text: string, pointer: string): UtcMs {
  const at = parseUtc(text);
  if (at === undefined) throw new Fault("bad-input", `${pointer} is not an RFC 3339 instant`, { pointer });
  return at;
}

function readSpan(from: string, to: string): Span {
  const span = { from: instant(from, "/from"), to: instant(to, "/to") };
  if (span.to <= span.from) throw new Fault("bad-input", "to is not after from", { pointer: "/to" });
  return span;
}

async function userNames(station: Station): Promise<Map<string, string>> {
  return new Map((await station.identity.users()).map((user) => [user.id, user.displayName]));
}

function grantAnswer(grant: StoredGrant, names: ReadonlyMap<string, string>): GrantAnswer {
  const span = grant.scope.kind === "span" ? grant.scope.span : undefined;
  return {
    id: grant.id,
    user: grant.user,
    userName: names.get(grant.user) ?? grant.user,
    cameras: [...grant.cameras],
    live: grant.scope.kind === "live",
    from: span === undefined ? null : formatUtc(span.from),
    to: span === undefined ? null : formatUtc(span.to),
    actions: [...grant.actions],
    purpose: grant.purpose,
    basis: grant.basis,
    issuedAt: formatUtc(grant.issuedAt),
    expiresAt: formatUtc(grant.expiresAt),
    revokedAt: grant.revokedAt === null ? null : formatUtc(grant.revokedAt),
  };
}

export function viewingRoutes(app: App, station: Station): void {
  grantRoutes(app, station);
  registerRoute(app, station);
  timelineRoutes(app, station);
  dayRoutes(app, station);
}

function grantRoutes(app: App, station: Station): void {
  const { access } = station;
  app.post<{ Body: GrantBody }>(
    "/api/v1/grants",
    { schema: { summary: "Ask for the key to pictures", tags: ["viewing"], body: GrantRequest, response: { 200: Grant } } },
    async (request) => {
      const { cameras, live, from, to, actions, purpose } = request.body;
      const { user } = person(request);
      if (!live && (from === undefined || to === undefined)) throw new Fault("bad-input", "a grant that is not live needs from and to", { pointer: "/from" });
      const scope: Scope = live ? { kind: "live" } : { kind: "span", span: readSpan(from ?? "", to ?? "") };
      const grant = await access.issueFromRole(
        { id: user.id, unit: user.unit, roles: user.roles },
        { cameras: cameras as CameraId[], scope, actions, purpose },
      );
      return grantAnswer(grant, new Map([[user.id, user.displayName]]));
    },
  );

  app.get<{ Querystring: { active?: boolean } }>(
    "/api/v1/grants",
    {
      schema: {
        summary: "Grants: my own, or all for those who may revoke",
        tags: ["viewing"],
        querystring: Type.Object({ active: Type.Optional(Type.Boolean()) }),
        response: { 200: Type.Array(Grant) },
      },
    },
    async (request) => {
      const { user } = person(request);
      const all = user.roles.some((role) => role !== "duty");
      const issued = await access.grants({ ...(all ? {} : { user: user.id }), activeOnly: request.query.active ?? false, limit: GRANTS_MAX });
      const holders = await visibleUsers(station, person(request));
      const grants = issued.filter((grant) => grant.user === user.id || holders === "all" || holders.has(grant.user));
      const names = await userNames(station);
      return grants.map((grant) => grantAnswer(grant, names));
    },
  );

  app.delete<{ Params: { id: string } }>(
    "/api/v1/grants/:id",
    { schema: { summary: "Revoke a grant: its pictures stop within a second", tags: ["viewing"], params: Type.Object({ id: Id }), response: { 200: Done } } },
    async (request) => {
      const { user } = person(request);
      const grant = await access.grant(request.params.id as GrantId);
      const holders = await visibleUsers(station, person(request));
      const oversees =
        (user.roles.includes("administrator") || user.roles.includes("security-chief")) &&
        (holders === "all" || (grant !== undefined && holders.has(grant.user)));
      const may = grant !== undefined && (grant.user === user.id || oversees);
      if (!may) throw new Fault("not-found", `no grant ${request.params.id}`);
      await access.revoke(grant.id, user.id);
      return { done: true };
    },
  );
}

function registerRoute(app: App, station: Station): void {
  type Query = { from?: string; to?: string; camera?: string; user?: string; limit?: number; before?: string };
  app.get<{ Querystring: Query }>(
    "/api/v1/register",
    {
      config: { roles: ["auditor", "security-chief", "administrator"] },
      schema: {
        summary: "Every use of footage, newest first",
        tags: ["viewing"],
        response: { 200: RegisterPage },
        querystring: Type.Object({
          from: Type.Optional(Instant),
          to: Type.Optional(Instant),
          camera: Type.Optional(Id),
          user: Type.Optional(Id),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
          before: Type.Optional(Type.String({ maxLength: 200 })),
        }),
      },
    },
    async (request) => {
      const { from, to, camera, user, limit, before } = request.query;
      const page = await station.access.register({
        from: from === undefined ? undefined : instant(from, "/from"),
        to: to === undefined ? undefined : instant(to, "/to"),
        camera: camera as CameraId | undefined,
        user: user as UserId | undefined,
        limit,
        before,
      });
      // Administrators and auditors read the whole register, a security chief that of the own unit's cameras.
      const own = await visibleIds(station, person(request));
      const lines = own === "all" ? page.lines : page.lines.filter((line) => own.has(line.camera));
      const names = await userNames(station);
      const cameraNames = new Map<string, string>();
      for (const id of new Set(lines.map((line) => line.camera))) cameraNames.set(id, (await station.registry.reader.cameraName(id)) ?? id);
      return {
        entries: lines.map((line) => ({
          id: line.id,
          grant: line.grant,
          user: line.user,
          userName: names.get(line.user) ?? line.user,
          camera: line.camera,
          cameraName: cameraNames.get(line.camera) ?? line.camera,
          action: line.action,
          purpose: line.purpose,
          basis: line.basis,
          address: line.address,
          startedAt: formatUtc(line.startedAt),
          endedAt: line.endedAt === null ? null : formatUtc(line.endedAt),
          endCause: line.endCause,
          servedFrom: line.servedFrom === null ? null : formatUtc(line.servedFrom),
          servedTo: line.servedTo === null ? null : formatUtc(line.servedTo),
          bytes: line.bytes,
        })),
        next: page.next,
      };
    },
  );
}

function timelineRoutes(app: App, station: Station): void {
  type Query = { camera: string | string[]; from: string; to: string; resolutionMs?: number };
  app.get<{ Querystring: Query }>(
    "/api/v1/timeline",
    {
      schema: {
        summary: "Bands for the timeline",
        tags: ["viewing"],
        response: { 200: Timeline },
        querystring: Type.Object({
          camera: Type.Union([Id, Type.Array(Id, { maxItems: TIMELINE_CAMERAS_MAX })]),
          from: Instant,
          to: Instant,
          resolutionMs: Type.Optional(Type.Integer({ minimum: 0, maximum: MS_PER_DAY })),
        }),
      },
    },
    async (request) => {
      const { camera, from, to, resolutionMs } = request.query;
      const ids = Array.isArray(camera) ? camera : [camera];
      const span = readSpan(from, to);
      if (span.to - span.from > TIMELINE_SPAN_MS_MAX) throw new Fault("too-large", "the span is longer than 400 days", { pointer: "/to" });
      const cameras = await visibleCameras(station, request, ids);
      const streams = cameras.map((id) => streamId(id, "main"));
      const bands = await station.timeline.bands(streams, span, resolutionMs ?? 0);
      const alarms = await station.alarms.list(span, cameras);
      return {
        cameras: bands
          .map((one, at) =>
            withOpenPieces(
              station,
              {
                camera: cameras[at] as string,
                first: one.first === null ? null : formatUtc(one.first),
                last: one.last === null ? null : formatUtc(one.last),
                bands: one.bands.map((band) => ({ kind: band.kind, from: formatUtc(band.from), to: formatUtc(band.to), cause: band.cause })),
              },
              one.stream,
              span,
            ),
          )
          .map((one) => withAlarms(one, alarms)),
      };
    },
  );
}

function dayRoutes(app: App, station: Station): void {
  app.get<{ Params: { id: string }; Querystring: { month: string } }>(
    "/api/v1/cameras/:id/days",
    {
      schema: {
        summary: "Days of a month that have footage, in the station's zone",
        tags: ["viewing"],
        response: { 200: RecordedDays },
        params: Type.Object({ id: Id }),
        querystring: Type.Object({ month: Type.String({ pattern: "^[0-9]{4}-(0[1-9]|1[0-2])$" }), zone: Type.Optional(Type.String({ maxLength: 64 })) }),
      },
    },
    async (request) => {
      const camera = await visibleCamera(station, request, request.params.id);
      const days = daysOfMonth(request.query.month, station.settings.zone);
      const found = await station.timeline.completeness(
        [streamId(camera.id, "main")],
        days.map((day) => day.span),
      );
      return {
        days: days.map((day, at) => ({ day: day.day, recordedSeconds: (found[at]?.recordedMs ?? 0) / 1000, gapSeconds: (found[at]?.gapMs ?? 0) / 1000 })),
      };
    },
  );
}

async function visibleCameras(station: Station, request: FastifyRequest, ids: readonly string[]): Promise<CameraId[]> {
  const cameras: CameraId[] = [];
  for (const id of ids) cameras.push((await visibleCamera(station, request, id)).id);
  return cameras;
}

type CameraBands = Timeline["cameras"][number];

/** The camera's own alarms and those of the whole station, behind its footage. */
function withAlarms(camera: CameraBands, alarms: readonly AlarmLine[]): CameraBands {
  const own = alarms.filter((alarm) => alarm.level === "alarm" && (alarm.camera === null || alarm.camera === camera.camera));
  const bands = own.map((alarm) => ({
    kind: "alarm" as const,
    from: formatUtc(alarm.fromMs),
    to: formatUtc(alarm.toMs ?? Math.max(Date.now(), alarm.fromMs)),
    cause: alarm.code,
  }));
  return { ...camera, bands: [...camera.bands, ...bands] };
}

/** The minute being written, and one just finished, are not in the index yet and can be played. */
function withOpenPieces(station: Station, camera: CameraBands, stream: string, span: Span): CameraBands {
  const pieces = station.recorder.state?.open.filter((piece) => piece.stream === stream) ?? [];
  return pieces.reduce((bands, piece) => withPiece(bands, piece, span), camera);
}

/** Exported for its test. */
export function withPiece(camera: CameraBands, open: { readonly fromMs: UtcMs; readonly toMs: UtcMs }, span: Span): CameraBands {
  const last = camera.last !== null && instant(camera.last, "") > open.toMs ? camera.last : formatUtc(open.toMs);
  const first = camera.first ?? formatUtc(open.fromMs);
  if (open.fromMs >= span.to || open.toMs <= span.from) return { ...camera, first, last };
  const before = camera.bands.at(-1);
  if (before !== undefined && instant(before.to, "") >= open.toMs) return { ...camera, first, last };
  const touches = before !== undefined && before.kind === "recorded" && instant(before.to, "") >= open.fromMs - SEAM_MS_MAX;
  const band = { kind: "recorded" as const, from: touches ? before.from : formatUtc(open.fromMs), to: formatUtc(open.toMs), cause: null };
  return { ...camera, first, last, bands: [...(touches ? camera.bands.slice(0, -1) : camera.bands), band] };
}
