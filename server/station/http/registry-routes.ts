import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Camera, CameraChange, Done, Id, NewCamera, NewUnit, ProbeRequest, ProbeResult, Unit } from "@mingjian/contract";
import type { CameraChange as CameraChangeBody, NewCamera as NewCameraBody, StreamSourceInput, Unit as UnitAnswer } from "@mingjian/contract";
import { Fault } from "@mingjian/vocab";
import type { CameraId, UnitId } from "@mingjian/vocab";
import type { Unit as StoredUnit } from "../../registry/index.ts";
import { visibleCamera, visibleUnits } from "./guard.ts";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";

type WithId = { Params: { id: string } };
const Params = Type.Object({ id: Id });
const MANAGERS = { roles: ["administrator", "security-chief"] } as const;

function unitAnswer(unit: StoredUnit): UnitAnswer {
  return { id: unit.id, name: unit.name, kind: unit.kind, parent: unit.parent, version: unit.version };
}

export function registryRoutes(app: App, station: Station): void {
  unitRoutes(app, station);
  cameraRoutes(app, station);
}

function unitRoutes(app: App, station: Station): void {
  const { registry } = station;
  app.get("/api/v1/units", { schema: { summary: "Units I may see", tags: ["registry"], response: { 200: Type.Array(Unit) } } }, async (request) => {
    const units = await visibleUnits(station, person(request));
    return (await registry.reader.units()).filter((unit) => units === "all" || units.includes(unit.id)).map(unitAnswer);
  });

  app.post<{ Body: { name: string; kind: "operator" | "authority"; parent: string | null } }>(
    "/api/v1/units",
    { config: { roles: ["administrator"] }, schema: { summary: "Add a unit", tags: ["registry"], body: NewUnit, response: { 200: Unit } } },
    async (request) => unitAnswer(await registry.writer.addUnit(request.body, person(request).user.id)),
  );
}

function cameraRoutes(app: App, station: Station): void {
  const { registry } = station;
  app.get(
    "/api/v1/cameras",
    { schema: { summary: "Cameras I may see, with what they do now", tags: ["registry"], response: { 200: Type.Array(Camera) } } },
    async (request) => {
      const units = await visibleUnits(station, person(request));
      const cameras = units === "all" ? await registry.reader.cameras() : await registry.reader.cameras(units as readonly UnitId[]);
      return cameras.map((camera) => station.describe(camera));
    },
  );

  app.get<WithId>(
    "/api/v1/cameras/:id",
    { schema: { summary: "One camera", tags: ["registry"], params: Params, response: { 200: Camera } } },
    async (request) => station.describe(await visibleCamera(station, request, request.params.id)),
  );

  app.post<{ Body: NewCameraBody }>(
    "/api/v1/cameras",
    { config: MANAGERS, schema: { summary: "Add a camera", tags: ["registry"], body: NewCamera, response: { 200: Camera } } },
    async (request) => {
      await ownUnit(station, request, request.body.unit);
      return station.describe(await registry.writer.addCamera(request.body, person(request).user.id));
    },
  );

  app.patch<WithId & { Body: CameraChangeBody }>(
    "/api/v1/cameras/:id",
    { config: MANAGERS, schema: { summary: "Change a camera", tags: ["registry"], params: Params, body: CameraChange, response: { 200: Camera } } },
    async (request) => {
      await visibleCamera(station, request, request.params.id);
      return station.describe(await registry.writer.changeCamera(request.params.id as CameraId, request.body, person(request).user.id));
    },
  );

  app.delete<WithId & { Querystring: { version: number } }>(
    "/api/v1/cameras/:id",
    {
      config: MANAGERS,
      schema: {
        summary: "Remove a camera; its footage stays for its period",
        tags: ["registry"],
        params: Params,
        querystring: Type.Object({ version: Type.Integer({ minimum: 0 }) }),
        response: { 200: Done },
      },
    },
    async (request) => {
      await visibleCamera(station, request, request.params.id);
      await registry.writer.removeCamera(request.params.id as CameraId, request.query.version, person(request).user.id);
      return { done: true };
    },
  );

  app.post<{ Body: { source: StreamSourceInput } }>(
    "/api/v1/cameras/probe",
    {
      config: MANAGERS,
      schema: { summary: "Try a source step by step; nothing is stored", tags: ["registry"], body: ProbeRequest, response: { 200: ProbeResult } },
    },
    async (request) => {
      const { url, user, password, transport, certificateSha256 } = request.body.source;
      return station.recorder.probe({ url, user, password, transport: transport ?? "auto", certificateSha256 });
    },
  );
}

async function ownUnit(station: Station, request: FastifyRequest, unit: string): Promise<void> {
  const units = await visibleUnits(station, person(request));
  if (units !== "all" && !units.includes(unit)) throw new Fault("not-allowed", `unit ${unit} is not yours`, { pointer: "/unit" });
}
