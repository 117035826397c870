import type { FastifyReply, FastifyRequest } from "fastify";
import { Fault, isFault } from "@mingjian/vocab";
import type { CameraId, UnitId } from "@mingjian/vocab";
import type { Health } from "@mingjian/contract";
import type { Role, SignedIn } from "../../identity/index.ts";
import type { Camera } from "../../registry/index.ts";
import type { Settings } from "../settings.ts";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Open to people who are not signed in. Every other route is guarded. */
    public?: boolean;
    /** Any one of these roles; absent: every signed-in person. */
    roles?: readonly Role[];
  }
}

/** Every route is guarded unless its config says `public`: forgetting closes a door, it never opens one. */
export function installGuard(app: App, station: Station): void {
  app.decorateRequest("signedIn", undefined);
  app.addHook("onRequest", async (request: FastifyRequest, _reply: FastifyReply) => {
    if (request.method !== "GET" && request.method !== "HEAD") refuseForeignOrigin(request, station.settings);
    const config = request.routeOptions.config;
    if (request.is404 || config.public === true) return;
    const signedIn = await station.identity.session(request.headers.cookie);
    if (signedIn === undefined) throw new Fault("not-signed-in", "sign in first");
    const roles = config.roles;
    if (roles !== undefined && !signedIn.user.roles.some((role) => roles.includes(role))) {
      throw new Fault("not-allowed", "none of your roles allows this", { needs: roles.join(", ") });
    }
    request.signedIn = signedIn;
  });
}

/** Names under which pages of this site are reached besides the one in the request: the public address. */
export function ownHosts(settings: Settings): string[] {
  const host = URL.parse(settings.publicUrl)?.host;
  return host === undefined ? [] : [host];
}

/**
 * Browsers send Origin with every write and WebSocket; another site's page may not use this one's cookie. A page
 * without an origin of its own (`null`) is another site's.
 */
export function isOwnOrigin(origin: string | undefined, hosts: readonly (string | undefined)[]): boolean {
  if (origin === undefined) return true;
  const host = URL.parse(origin)?.host;
  return host !== undefined && host !== "" && hosts.includes(host);
}

function refuseForeignOrigin(request: FastifyRequest, settings: Settings): void {
  const { origin } = request.headers;
  if (isOwnOrigin(origin, [request.host, ...ownHosts(settings)])) return;
  throw new Fault("not-allowed", "this request comes from another site", { origin: (origin ?? "").slice(0, 200) });
}

/** Whether this person may know of a camera at all: their own unit's, or every one for administrators and auditors. */
export async function visibleUnits(station: Station, signedIn: SignedIn): Promise<readonly string[] | "all"> {
  const { roles, unit } = signedIn.user;
  if (roles.includes("administrator") || roles.includes("auditor")) return "all";
  if (unit === null) return [];
  return station.registry.reader.unitsWithin(unit);
}

/** The health page as this person may see it: other units' cameras are counted, not named. */
export async function visibleHealth(station: Station, signedIn: SignedIn): Promise<(health: Health) => Health> {
  const own = await visibleIds(station, signedIn).catch((error: unknown) => {
    if (isFault(error) && error.code === "database-away") return new Set<string>();
    throw error;
  });
  if (own === "all") return (health) => health;
  return (health) => ({
    ...health,
    alarms: health.alarms.filter(({ camera }) => camera === null || own.has(camera)),
    perCamera: health.perCamera.filter(({ camera }) => own.has(camera)),
  });
}

/** People of one's own units, or `all` for administrators and auditors. */
export async function visibleUsers(station: Station, signedIn: SignedIn): Promise<ReadonlySet<string> | "all"> {
  const units = await visibleUnits(station, signedIn);
  if (units === "all") return "all";
  return new Set((await station.identity.users()).filter(({ unit }) => unit !== null && units.includes(unit)).map(({ id }) => id));
}

/** Cameras of one's own units, or `all` for administrators and auditors. */
export async function visibleIds(station: Station, signedIn: SignedIn): Promise<ReadonlySet<string> | "all"> {
  const units = await visibleUnits(station, signedIn);
  if (units === "all") return "all";
  return new Set((await station.registry.reader.cameras(units as readonly UnitId[])).map((camera) => camera.id));
}

/** The camera, or `not-found` also when it belongs to another unit. */
export async function visibleCamera(station: Station, request: FastifyRequest, id: string): Promise<Camera> {
  const camera = await station.registry.reader.camera(id as CameraId);
  const units = await visibleUnits(station, person(request));
  if (camera === undefined || (units !== "all" && !units.includes(camera.unit))) throw new Fault("not-found", `no camera ${id}`);
  return camera;
}
