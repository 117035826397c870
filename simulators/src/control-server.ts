import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { once } from "node:events";
import type { Cameras } from "./index.ts";
import type { Faults } from "./options.ts";

const BODY_BYTES_MAX = 65_536;

async function body(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request as AsyncIterable<Buffer>) {
    text += part.toString("utf8");
    if (text.length > BODY_BYTES_MAX) throw new RangeError("body too long");
  }
  return text;
}

async function handle(cameras: Cameras, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const camera = Number(/^\/cameras\/(\d+)\//.exec(url.pathname)?.[1] ?? 0);
  if (request.method === "GET" && url.pathname === "/cameras") return { urls: cameras.urls, subUrls: cameras.subUrls };
  if (request.method === "GET" && url.pathname === "/stats") return { nowMs: Date.now(), cpu: process.cpuUsage(), streams: cameras.control.stats() };
  if (request.method !== "POST") return undefined;
  if (url.pathname.endsWith("/faults")) cameras.control.setFaults(camera, JSON.parse(await body(request)) as Faults);
  else if (url.pathname.endsWith("/disconnect")) cameras.control.disconnect(camera === 0 ? undefined : camera);
  else if (url.pathname === "/halt") cameras.control.halt();
  else if (url.pathname === "/listen") await cameras.control.listen((await body(request)) === "on");
  else return undefined;
  return { done: true };
}

/**
 * HTTP on loopback: GET /cameras, GET /stats, POST /cameras/N/faults (a Faults object), POST /cameras/N/disconnect,
 * POST /disconnect, POST /halt, POST /listen ("on" or "off").
 */
export async function startControlServer(cameras: Cameras, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    handle(cameras, request).then(
      (answer) => {
        response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer ?? { error: "no such call" }));
      },
      (error: unknown) => {
        response.writeHead(400, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: String(error) }));
      },
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
