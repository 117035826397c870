import { Fault } from "@mingjian/vocab";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";
import { visibleHealth, visibleUnits } from "./guard.ts";

const BEAT_MS = 2_000;
const KEEP_ALIVE_MS = 20_000;
const LISTENERS_MAX = 500;

/** GET /api/v1/events: server-sent events, what changed since the last beat. */
export function eventsRoute(app: App, station: Station): void {
  let listeners = 0;
  app.get("/api/v1/events", { schema: { summary: "State changes as server-sent events", tags: ["health"], hide: false } }, async (request, reply) => {
    if (listeners >= LISTENERS_MAX) throw new Fault("too-many", `${LISTENERS_MAX} listeners are there already`, { retryAfterSeconds: 10 });
    const signedIn = person(request);
    const units = await visibleUnits(station, signedIn);
    const seen = await visibleHealth(station, signedIn);
    listeners += 1;
    const raw = reply.hijack().raw;
    raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    const send = (kind: string, data: unknown): void => {
      raw.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const told = new Map<string, string>();
    const tell = async (): Promise<void> => {
      const cameras = await station.registry.reader.cameras();
      for (const camera of cameras) {
        if (units !== "all" && !units.includes(camera.unit)) continue;
        for (const status of station.describe(camera).status) {
          const key = `${camera.id}.${status.role}`;
          const mark = `${status.state} ${status.fault ?? ""} ${status.recording}`;
          if (told.get(key) === mark) continue;
          told.set(key, mark);
          send("stream", { camera: camera.id, status });
        }
      }
      const { level, alarms } = seen(await station.health());
      const mark = JSON.stringify([level, alarms]);
      if (told.get("health") !== mark) {
        told.set("health", mark);
        send("health", { level });
        for (const alarm of alarms) send("alarm", alarm);
      }
    };
    const beat = setInterval(() => {
      tell().catch((error: unknown) => station.log.warn({ error: String(error) }, "events beat failed"));
    }, BEAT_MS);
    const alive = setInterval(() => raw.write(": alive\n\n"), KEEP_ALIVE_MS);
    const stopGrants = station.access.onEnded((ended) => send("grant", { id: ended.grant, state: ended.code === "grant-expired" ? "expired" : "revoked" }));
    const stopSessions = station.identity.onSessionsEnded((ended) => {
      if (ended.user === signedIn.user.id && (ended.session === undefined || ended.session === signedIn.id)) raw.end();
    });
    raw.on("close", () => {
      listeners -= 1;
      clearInterval(beat);
      clearInterval(alive);
      stopGrants();
      stopSessions();
    });
    await tell().catch((error: unknown) => station.log.warn({ error: String(error) }, "events beat failed"));
    return reply;
  });
}
