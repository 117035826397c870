import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import fastifySwagger from "@fastify/swagger";
import fastifySwaggerUi from "@fastify/swagger-ui";
import { fastify } from "fastify";
import { Problem } from "@mingjian/contract";
import { eventsRoute } from "./events-route.ts";
import { installGuard } from "./guard.ts";
import { healthRoutes } from "./health-routes.ts";
import { identityRoutes } from "./identity-routes.ts";
import { lawRoutes } from "./law-routes.ts";
import { mediaSockets } from "./media-sockets.ts";
import { installProblems } from "./problems.ts";
import { registryRoutes } from "./registry-routes.ts";
import { spanRoute } from "./span-route.ts";
import type { App, Station } from "./station.ts";
import { viewingRoutes } from "./viewing-routes.ts";

const BODY_BYTES_MAX = 1_048_576;
const REQUEST_MS_MAX = 30_000;

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40"><circle cx="20" cy="20" r="10" fill="none" stroke="#5fb3c9" stroke-width="4"/><circle cx="20" cy="20" r="3" fill="#e8c37a"/><text x="42" y="28" font-family="sans-serif" font-size="22" fill="#fff">Mingjian</text></svg>';

/** What a page may load: this server alone. Styles of the component library stand inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob: data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
].join("; ");

/** The HTTP side: API, media sockets, console. */
export async function createApp(station: Station, consoleFolder: string): Promise<App> {
  const { settings } = station;
  const tls = settings.tlsCertificateFile === "" ? {} : { https: { cert: readFileSync(settings.tlsCertificateFile), key: readFileSync(settings.tlsKeyFile) } };
  const app: App = fastify({
    ...tls,
    bodyLimit: BODY_BYTES_MAX,
    connectionTimeout: 0,
    requestTimeout: REQUEST_MS_MAX,
    // One proxy: its own word for the client counts, not what the client wrote before it.
    trustProxy: settings.behindProxy ? (_address: string, hop: number) => hop < 1 : false,
    logger: false,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: "array", allErrors: false } },
    genReqId: () => crypto.randomUUID().slice(0, 13),
  }) as unknown as App;
  app.addHook("onSend", async (_request, reply) => {
    reply.headers({
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
    });
    if (settings.tlsCertificateFile !== "") void reply.header("strict-transport-security", "max-age=31536000");
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
  });
  app.addHook("onResponse", async (request, reply) => {
    station.log.debug(
      { request: request.id, method: request.method, path: request.url.split("?")[0], status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      "request",
    );
  });
  installProblems(app, station.log);
  installGuard(app, station);
  await describeApi(app, station);
  await app.register(async (api) => {
    identityRoutes(api as unknown as App, station);
    registryRoutes(api as unknown as App, station);
    viewingRoutes(api as unknown as App, station);
    spanRoute(api as unknown as App, station);
    healthRoutes(api as unknown as App, station);
    eventsRoute(api as unknown as App, station);
    lawRoutes(api as unknown as App);
  });
  await serveConsole(app, consoleFolder);
  mediaSockets(app, station);
  return app;
}

async function describeApi(app: App, station: Station): Promise<void> {
  app.addSchema(Problem);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Mingjian API",
        version: station.version,
        description:
          "Every recording is provably whole, and every look at it is lawful. Errors are RFC 9457 problems whose `code` stands in docs/reference/faults.md.",
      },
      tags: [{ name: "sign-in" }, { name: "users" }, { name: "registry" }, { name: "viewing" }, { name: "health" }, { name: "law" }],
      components: { securitySchemes: { session: { type: "apiKey", in: "cookie", name: "session" } } },
      security: [{ session: [] }],
    },
  });
  app.addHook("onRoute", (route) => {
    const schema = route.schema as { response?: Record<string, unknown>; hide?: boolean } | undefined;
    if (schema === undefined || !route.url.startsWith("/api/v1/")) return;
    schema.response = { ...schema.response, "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } };
  });
  app.get("/api/v1/openapi.json", { config: { public: true }, schema: { hide: true } }, async () => app.swagger());
  await app.register(fastifySwaggerUi, {
    routePrefix: "/api/docs",
    staticCSP: false,
    uiConfig: { docExpansion: "list", tryItOutEnabled: false },
    logo: { type: "image/svg+xml", content: Buffer.from(LOGO), href: "/" },
    theme: { title: "Mingjian API" },
  });
}

/** The pages hold no data: what they show they ask for, and the API decides. So they and their files are public. */
async function serveConsole(app: App, folder: string): Promise<void> {
  if (!existsSync(path.join(folder, "index.html"))) return;
  await app.register(async (pages) => {
    pages.addHook("onRoute", (route) => {
      route.config = { ...route.config, public: true };
    });
    await pages.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      serve: true,
      prefix: "/",
      setHeaders: (reply, file) => {
        void reply.header(
          "cache-control",
          /-[A-Z0-9a-z]{8,}\.(?:js|css|woff2|svg|png)$/.test(path.basename(file)) ? "public, max-age=31536000, immutable" : "no-cache",
        );
      },
    });
    const page = async (_request: unknown, reply: { sendFile(name: string): unknown }): Promise<unknown> => reply.sendFile("index.html");
    for (const url of [
      "/",
      "/setup",
      "/sign-in",
      "/wall",
      "/playback",
      "/cameras",
      "/cameras/*",
      "/users",
      "/account",
      "/register",
      "/grants",
      "/health",
      "/law",
    ]) {
      pages.get(url, { schema: { hide: true } }, page as never);
    }
  });
}
