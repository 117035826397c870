import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { authorised, challenge, newNonce } from "./auth.ts";
import type { Camera, Channel, Station } from "./camera.ts";
import type { Pipe } from "./lanes.ts";
import { dribblingPipe, plainPipe, tcpLane, udpLane } from "./lanes.ts";
import type { Request } from "./request.ts";
import { RequestReader } from "./request.ts";
import { describe } from "./sdp.ts";
import type { Lane } from "./sender.ts";
import { Sender } from "./sender.ts";

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  302: "Moved Temporarily",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  454: "Session Not Found",
  455: "Method Not Valid in This State",
  461: "Unsupported Transport",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
const DEFAULT_SESSION_TIMEOUT_S = 60;

/** One client's connection to the simulator's RTSP server. */
export class Session {
  readonly #station: Station;
  readonly #socket: Socket;
  readonly #reader = new RequestReader();
  readonly #id = randomBytes(4).toString("hex");
  #pipe: Pipe;
  #camera: Camera | undefined;
  #channel: Channel | undefined;
  #nonce = newNonce();
  #lanes: { video: Lane | undefined; audio: Lane | undefined } = { video: undefined, audio: undefined };
  #sender: Sender | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(station: Station, socket: Socket) {
    this.#station = station;
    this.#socket = socket;
    this.#pipe = plainPipe(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#end());
    socket.on("data", (bytes: Buffer) => {
      const result = this.#reader.push(bytes, {
        request: (request) => this.#heard(request),
        rtcp: () => this.#keepAlive?.refresh(),
      });
      if (result === "overflow") socket.destroy();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #end(): void {
    if (this.#sender !== undefined) this.#channel?.leave(this.#sender);
    this.#sender = undefined;
    this.#pipe.close();
    clearTimeout(this.#deadline);
    clearTimeout(this.#keepAlive);
    this.#camera?.sessions.delete(this);
    this.#station.sessions.delete(this);
  }

  #heard(request: Request): void {
    this.#keepAlive?.refresh();
    const found = this.#station.find(request.url);
    if (found !== undefined && this.#camera === undefined) {
      this.#camera = found.camera;
      this.#channel = found.channel;
      found.camera.sessions.add(this);
      const pieceBytes = found.camera.faults.dribbleBytes;
      if (pieceBytes !== undefined) this.#pipe = dribblingPipe(this.#socket, pieceBytes);
    }
    const faults = this.#camera?.faults;
    if (faults?.refuses === true) this.#socket.resetAndDestroy();
    else if (faults?.neverAnswers === true) return;
    else if (faults?.answerDelayMs === undefined) this.#answer(request);
    else setTimeout(() => this.#answer(request), faults.answerDelayMs);
  }

  #answer(request: Request): void {
    const camera = this.#camera;
    const channel = this.#channel;
    if (request.method === "OPTIONS") {
      this.#reply(request, 200, ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"]);
      return;
    }
    if (camera === undefined || channel === undefined) {
      this.#reply(request, 404);
      return;
    }
    if (!this.#admit(camera, request)) return;
    switch (request.method) {
      case "DESCRIBE":
        this.#describe(camera, channel, request);
        break;
      case "SETUP":
        this.#setup(channel, request);
        break;
      case "PLAY":
        this.#play(camera, channel, request);
        break;
      case "GET_PARAMETER":
      case "SET_PARAMETER":
        if (camera.faults.keepAliveStatus !== "silence") this.#reply(request, camera.faults.keepAliveStatus ?? 200, [`Session: ${this.#id}`]);
        break;
      case "PAUSE":
      case "TEARDOWN":
        if (this.#sender !== undefined) channel.leave(this.#sender);
        this.#sender = undefined;
        this.#reply(request, 200, [`Session: ${this.#id}`]);
        break;
      default:
        this.#reply(request, 405);
    }
  }

  #admit(camera: Camera, request: Request): boolean {
    const auth = camera.options.auth;
    const refusesAll = camera.faults.unauthorised === true;
    if (auth === undefined && !refusesAll) return true;
    const scheme = auth ?? { user: "", password: "", scheme: "digest-md5" as const };
    if (!refusesAll && authorised(scheme, this.#nonce, request.method, request.headers.get("authorization"))) return true;
    this.#nonce = newNonce();
    this.#reply(request, 401, [`WWW-Authenticate: ${challenge(scheme, this.#nonce)}`]);
    return false;
  }

  #describe(camera: Camera, channel: Channel, request: Request): void {
    const { describeStatus, redirectTo } = camera.faults;
    if (redirectTo !== undefined) this.#reply(request, 302, [`Location: ${redirectTo}`]);
    else if (describeStatus !== undefined) this.#reply(request, describeStatus);
    else {
      const base = request.url.endsWith("/") ? request.url : `${request.url}/`;
      this.#reply(request, 200, [`Content-Base: ${base}`, "Content-Type: application/sdp"], describe(channel.clip, channel.audio, camera.faults));
    }
  }

  #setup(channel: Channel, request: Request): void {
    const kind = /track(\d)/.exec(request.url)?.[1] === "2" ? "audio" : "video";
    const track = kind === "video" ? channel.videoTrack : channel.audioTrack;
    const asked = request.headers.get("transport") ?? "";
    const timeout = `Session: ${this.#id};timeout=${this.#camera?.faults.sessionTimeoutS ?? DEFAULT_SESSION_TIMEOUT_S}`;
    if (track === undefined) {
      this.#reply(request, 404);
      return;
    }
    const ports = /client_port=(\d+)-(\d+)/.exec(asked);
    if (/RTP\/AVP\/TCP/i.test(asked)) {
      const channelId = Number(/interleaved=(\d+)/.exec(asked)?.[1] ?? track.channel);
      this.#lanes = { ...this.#lanes, [kind]: tcpLane(this.#pipe, track.channel, channelId) };
      this.#reply(request, 200, [`Transport: RTP/AVP/TCP;unicast;interleaved=${channelId}-${channelId + 1};ssrc=${track.ssrc.toString(16)}`, timeout]);
    } else if (ports !== null && !/multicast/i.test(asked)) {
      const udp = this.#station.udp;
      const client = { rtp: Number(ports[1]), rtcp: Number(ports[2]) };
      this.#lanes = {
        ...this.#lanes,
        [kind]: udpLane(udp.rtp, udp.rtcp, this.#socket.remoteAddress ?? "127.0.0.1", client),
      };
      const server = `server_port=${udp.rtp.address().port}-${udp.rtcp.address().port}`;
      this.#reply(request, 200, [`Transport: RTP/AVP;unicast;client_port=${client.rtp}-${client.rtcp};${server};ssrc=${track.ssrc.toString(16)}`, timeout]);
    } else this.#reply(request, 461);
  }

  #play(camera: Camera, channel: Channel, request: Request): void {
    if (this.#lanes.video === undefined && this.#lanes.audio === undefined) {
      this.#reply(request, 455);
      return;
    }
    this.#sender ??= new Sender(
      {
        phaseMs: camera.phaseMs,
        video: channel.videoTrack,
        otherVideo: channel.otherVideoTrack,
        audio: channel.audioTrack,
        faults: camera.faults,
        begin: camera.options.begin,
        codec: channel.clip.codec,
      },
      this.#lanes,
      this.#station.nowMs(),
    );
    const base = request.url.replace(/\/$/, "");
    const info = (["video", "audio"] as const).flatMap((kind, index) => {
      const first = this.#sender?.first(kind);
      return this.#lanes[kind] === undefined || first === undefined ? [] : [`url=${base}/track${index + 1};seq=${first.sequence};rtptime=${first.timestamp}`];
    });
    this.#reply(request, 200, [`Session: ${this.#id}`, "Range: npt=now-", `RTP-Info: ${info.join(",")}`]);
    channel.join(this.#sender);
    const { disconnectAfterMs, sessionTimeoutS } = camera.faults;
    if (disconnectAfterMs !== undefined) this.#deadline = setTimeout(() => this.#breakOff(), disconnectAfterMs);
    if (sessionTimeoutS !== undefined) this.#keepAlive = setTimeout(() => this.#socket.end(), sessionTimeoutS * 1000);
  }

  /** Half a packet, then a reset. */
  #breakOff(): void {
    this.#socket.write(Buffer.from([0x24, 0, 4, 0, 0x80, 96, 0, 0]), () => this.#socket.resetAndDestroy());
  }

  #reply(request: Request, status: number, headers: readonly string[] = [], body = ""): void {
    const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const lines = [
      `RTSP/1.0 ${status} ${REASONS[status] ?? "Status"}`,
      `CSeq: ${request.headers.get("cseq") ?? "0"}`,
      "Server: Mingjian simulator",
      ...headers,
      ...length,
    ];
    if (!this.#socket.destroyed) this.#pipe.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`));
  }
}
