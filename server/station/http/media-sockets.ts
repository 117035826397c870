import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { ClientMessage } from "@mingjian/contract";
import { isFault, isId, parseUtc, streamId } from "@mingjian/vocab";
import type { CameraId, GrantId, StreamRole } from "@mingjian/vocab";
import type { MediaOut, Viewer } from "../../viewing/index.ts";
import type { SignedIn } from "../../identity/index.ts";
import { isOwnOrigin, ownHosts } from "./guard.ts";
import type { App, Station } from "./station.ts";

/** A client's message is a few dozen bytes; a longer one is not ours. */
const CLIENT_MESSAGE_BYTES_MAX = 1_024;
const PING_MS = 15_000;
/** A client that does not close its socket in this time when the station stops is cut off. */
const FAREWELL_MS = 1_000;

/** Installs `/media/v1/live` and `/media/v1/playback` on the HTTP server. Answers a refused upgrade with a plain HTTP status. */
export function mediaSockets(app: App, station: Station): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: CLIENT_MESSAGE_BYTES_MAX, perMessageDeflate: false });
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    admit(station, request).then(
      (asked) => {
        if (typeof asked === "number") return refuse(socket, asked);
        sockets.handleUpgrade(request, socket, head, (ws) => serve(station, asked, ws));
        return undefined;
      },
      (error: unknown) => {
        station.log.error({ error: String(error) }, "upgrade failed");
        refuse(socket, isFault(error) && error.code === "database-away" ? 503 : 500);
      },
    );
  });
  const beat = setInterval(() => {
    for (const ws of sockets.clients) ping(ws);
  }, PING_MS);
  beat.unref();
  // Before the server closes: it waits for sockets that were upgraded, and each viewer is told why the picture ends.
  app.addHook("preClose", async () => {
    clearInterval(beat);
    station.gateway.endAll("stopping");
    const left = [...sockets.clients].map((ws) => once(ws, "close", { signal: AbortSignal.timeout(FAREWELL_MS) }));
    await Promise.allSettled(left);
    for (const ws of sockets.clients) ws.terminate();
  });
}

interface Asked {
  readonly kind: "live" | "playback";
  readonly query: URLSearchParams;
  readonly signedIn: SignedIn;
  readonly address: string;
}

/** Who may open a socket at all: a signed-in person on a page of this site. The grant is checked after that, in the media path. */
async function admit(station: Station, request: IncomingMessage): Promise<Asked | number> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const kind = url.pathname === "/media/v1/live" ? "live" : url.pathname === "/media/v1/playback" ? "playback" : undefined;
  if (kind === undefined) return 404;
  if (station.stopping()) return 503;
  if (!isOwnOrigin(request.headers.origin, [request.headers.host, ...ownHosts(station.settings)])) return 403;
  const signedIn = await station.identity.session(request.headers.cookie);
  if (signedIn === undefined) return 401;
  return { kind, query: url.searchParams, signedIn, address: clientAddress(request, station.settings.behindProxy) };
}

/** The client's address: behind a proxy the last one in its X-Forwarded-For, which is the one the proxy itself wrote. */
export function clientAddress(request: Pick<IncomingMessage, "headers" | "socket">, behindProxy: boolean): string {
  const forwarded = behindProxy
    ? String(request.headers["x-forwarded-for"] ?? "")
        .split(",")
        .at(-1)
        ?.trim()
    : "";
  return forwarded === undefined || forwarded === "" ? (request.socket.remoteAddress ?? "") : forwarded;
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const answering = new WeakSet<WebSocket>();

function ping(ws: WebSocket): void {
  if (answering.has(ws)) {
    answering.delete(ws);
    ws.ping();
  } else ws.terminate();
}

function mediaOut(ws: WebSocket): MediaOut {
  return {
    text: (message) => {
      if (ws.readyState === WebSocket.OPEN) ws.send(message);
    },
    bytes: (head, payload) => {
      if (ws.readyState !== WebSocket.OPEN) return;
      ws.send(head, { fin: false, binary: true });
      ws.send(payload, { fin: true, binary: true });
    },
    waitingBytes: () => ws.bufferedAmount,
    close: () => ws.close(1000),
  };
}

function serve(station: Station, asked: Asked, ws: WebSocket): void {
  answering.add(ws);
  ws.on("pong", () => answering.add(ws));
  ws.on("error", () => ws.terminate());
  const out = mediaOut(ws);
  const { query } = asked;
  const camera = query.get("camera") ?? "";
  const grant = query.get("grant") ?? "";
  if (!isId(camera) || !isId(grant)) return endWith(out, isId(grant) ? "bad-input" : "grant-needed");
  const viewer: Viewer = { user: asked.signedIn.user.id, grant: grant as GrantId, camera: camera as CameraId, address: asked.address };
  const role: StreamRole = query.get("stream") === "sub" ? "sub" : "main";
  const begun = asked.kind === "live" ? live(station, viewer, role, out, ws) : playback(station, viewer, query, out, ws);
  begun.catch((error: unknown) => {
    station.log.error({ error: String(error) }, "media session failed");
    endWith(out, isFault(error) ? error.code : "internal");
  });
  return undefined;
}

function endWith(out: MediaOut, code: string): void {
  out.text(JSON.stringify({ type: "end", code, detail: "" }));
  out.close();
}

async function live(station: Station, viewer: Viewer, role: StreamRole, out: MediaOut, ws: WebSocket): Promise<void> {
  const session = await station.gateway.live(viewer, streamId(viewer.camera, role), role, out);
  if (session === undefined) return;
  if (ws.readyState !== WebSocket.OPEN) session.end("client-left");
  ws.on("close", () => session.end("client-left"));
}

async function playback(station: Station, viewer: Viewer, query: URLSearchParams, out: MediaOut, ws: WebSocket): Promise<void> {
  const at = parseUtc(query.get("at") ?? "");
  if (at === undefined) return endWith(out, "bad-input");
  const early: ClientMessage[] = [];
  let take = (message: ClientMessage): void => {
    if (early.length < 16) early.push(message);
  };
  ws.on("message", (data, binary) => {
    const message = binary || !Buffer.isBuffer(data) ? undefined : readClientMessage(data.toString("utf8"));
    if (message !== undefined) take(message);
  });
  const mode = query.get("mode") === "keys" ? "keys" : "all";
  const running = await station.gateway.playback(viewer, { stream: streamId(viewer.camera, "main"), role: "main", at, mode }, out);
  if (running === undefined) return undefined;
  take = (message) => running.take(message);
  for (const message of early) running.take(message);
  if (ws.readyState !== WebSocket.OPEN) running.session.end("client-left");
  ws.on("close", () => running.session.end("client-left"));
  return undefined;
}

/** What a client said, or undefined when it is none of the contract's messages. */
export function readClientMessage(text: string): ClientMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  if (value.type === "pause" || value.type === "resume") return { type: value.type };
  if (value.type !== "position" || !("utcMs" in value)) return undefined;
  return typeof value.utcMs === "number" && Number.isFinite(value.utcMs) ? { type: "position", utcMs: value.utcMs } : undefined;
}
