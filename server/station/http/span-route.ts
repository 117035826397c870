import { once } from "node:events";
import { Type } from "typebox";
import { Id, Instant } from "@mingjian/contract";
import { FAULT_CODES, Fault, parseUtc, streamId } from "@mingjian/vocab";
import type { CameraId, FaultCode, GrantId } from "@mingjian/vocab";
import type { SpanOut } from "../../viewing/index.ts";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";

/** A client that takes nothing for so long has left. */
const DRAIN_MS_MAX = 120_000;
const SPAN_MS_MAX = 48 * 3_600_000;

/** GET /media/v1/span.mp4: a span as one file, for a grant that allows copying. */
export function spanRoute(app: App, station: Station): void {
  type Query = { camera: string; from: string; to: string; grant: string };
  app.get<{ Querystring: Query }>(
    "/media/v1/span.mp4",
    {
      schema: {
        summary: "A span of footage as one MP4 file",
        tags: ["viewing"],
        querystring: Type.Object({ camera: Id, from: Instant, to: Instant, grant: Id }),
      },
    },
    async (request, reply) => {
      const { camera, from, to, grant } = request.query;
      const span = { from: parseUtc(from) ?? 0, to: parseUtc(to) ?? 0 };
      if (span.to <= span.from) throw new Fault("bad-input", "to is not after from", { pointer: "/to" });
      if (span.to - span.from > SPAN_MS_MAX) throw new Fault("too-large", "a file holds at most 48 hours", { pointer: "/to" });
      const { raw } = reply;
      let failed: Fault | undefined;
      const left = new AbortController();
      raw.on("close", () => left.abort());
      const out: SpanOut = {
        start: () => {
          reply.hijack();
          const name = `${camera}-${from.replaceAll(/[^0-9TZ]/g, "")}.mp4`;
          raw.writeHead(200, { "content-type": "video/mp4", "content-disposition": `attachment; filename="${name}"`, "cache-control": "no-store" });
        },
        write: async (bytes) => {
          if (raw.destroyed) throw new Fault("stopping", "the client left");
          if (!raw.write(bytes)) await once(raw, "drain", { signal: AbortSignal.any([left.signal, AbortSignal.timeout(DRAIN_MS_MAX)]) });
        },
        done: () => raw.end(),
        fail: (code, detail) => {
          if (raw.headersSent) raw.destroy();
          else failed = new Fault(Object.hasOwn(FAULT_CODES, code) ? (code as FaultCode) : "internal", detail || code);
        },
      };
      const viewer = { user: person(request).user.id, grant: grant as GrantId, camera: camera as CameraId, address: request.ip };
      try {
        await station.gateway.span(viewer, { stream: streamId(camera as CameraId, "main"), span }, out);
      } catch (error) {
        if (!raw.headersSent) throw error;
        raw.destroy();
      }
      if (failed !== undefined) throw failed;
      return reply;
    },
  );
}
