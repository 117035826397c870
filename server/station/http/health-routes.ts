import { Health } from "@mingjian/contract";
import { Fault, isFault } from "@mingjian/vocab";
import { Registry as Metrics, Gauge, collectDefaultMetrics } from "prom-client";
import { visibleHealth } from "./guard.ts";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";

export function healthRoutes(app: App, station: Station): void {
  app.get("/api/v1/health", { schema: { summary: "How the station does", tags: ["health"], response: { 200: Health } } }, async (request) =>
    (await visibleHealth(station, person(request)))(await station.health()),
  );

  app.get("/healthz", { config: { public: true }, schema: { hide: true } }, async () => ({ ok: true }));

  app.get("/readyz", { config: { public: true }, schema: { hide: true } }, async (_request, reply) => {
    const ready = station.recorder.up && station.database.state().status === "up" && !station.stopping();
    return reply.code(ready ? 200 : 503).send({ ready, recorder: station.recorder.up, database: station.database.state().status });
  });

  const metrics = createMetrics(station);
  // Numbers only, no names and no pictures: open to this machine, to others after sign-in.
  app.get("/metrics", { config: { public: true }, schema: { hide: true } }, async (request, reply) => {
    const local = request.ip === "127.0.0.1" || request.ip === "::1" || request.ip === "::ffff:127.0.0.1";
    if (!local && (await station.identity.session(request.headers.cookie)) === undefined)
      throw new Fault("not-signed-in", "from other machines, sign in first");
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}

function createMetrics(station: Station): Metrics {
  const registry = new Metrics();
  collectDefaultMetrics({ register: registry });
  const gauges: Record<string, (facts: Awaited<ReturnType<Station["health"]>>) => number> = {
    mingjian_cameras_total: (facts) => facts.cameras.total,
    mingjian_cameras_online: (facts) => facts.cameras.online,
    mingjian_cameras_recording: (facts) => facts.cameras.recording,
    mingjian_alarms: (facts) => facts.alarms.length,
    mingjian_viewers: (facts) => facts.viewers,
    mingjian_disk_free_bytes: (facts) => facts.disk.freeBytes,
    mingjian_footage_bytes: (facts) => facts.disk.footageBytes,
    mingjian_footage_bytes_per_day: (facts) => facts.disk.writtenBytesPerDay,
    mingjian_capacity_days: (facts) => facts.disk.capacityDays ?? Number.NaN,
    mingjian_promised_days: (facts) => facts.disk.promisedDays,
    mingjian_recorder_memory_bytes: (facts) => facts.recorder.memoryBytes,
    mingjian_recorder_restarts: (facts) => facts.recorder.restarts,
    mingjian_database_up: (facts) => (facts.database.state === "up" ? 1 : 0),
    mingjian_index_lag_segments: (facts) => facts.database.indexLagSegments,
  };
  for (const [name, read] of Object.entries(gauges)) {
    const gauge = new Gauge({
      name,
      help: `${name.replaceAll("_", " ")}, as on the health page`,
      registers: [registry],
      collect: async () => {
        try {
          gauge.set(read(await station.health()));
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      },
    });
  }
  return registry;
}
