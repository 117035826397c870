import type { ChildProcess } from "node:child_process";
import { createSocket } from "node:dgram";
import type { Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { sleep, start, stop } from "./children.ts";

const TRACKS = 2;
const SDP_WAIT_MS = 10_000;

async function udp(): Promise<UdpSocket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

/** One interleaved frame (RFC 2326 section 10.12). */
function framed(channel: number, bytes: Buffer): Buffer {
  const head = Buffer.from([0x24, channel, 0, 0]);
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

/**
 * ffmpeg makes RTP and the SDP but does not serve RTSP: this answers for it and passes its packets on, interleaved,
 * one client at a time. A track's packets are sent on channels 2n and 2n + 1.
 */
export class FfmpegSource {
  readonly url: string;
  readonly #server: Server;
  readonly #ffmpeg: ChildProcess;
  readonly #sockets: UdpSocket[];

  private constructor(url: string, server: Server, ffmpeg: ChildProcess, sockets: UdpSocket[]) {
    this.url = url;
    this.#server = server;
    this.#ffmpeg = ffmpeg;
    this.#sockets = sockets;
  }

  static async start(file: string, sdpFile: string): Promise<FfmpegSource> {
    const sockets: UdpSocket[] = [];
    for (let at = 0; at < TRACKS * 2; at++) sockets.push(await udp());
    const outputs = ["v", "a"].flatMap((kind, track) => {
      const [rtp, rtcp] = [sockets[track * 2], sockets[track * 2 + 1]].map((socket) => socket?.address().port);
      return ["-map", `0:${kind}`, "-c", "copy", "-f", "rtp", `rtp://127.0.0.1:${rtp}?rtcpport=${rtcp}&pkt_size=1200`];
    });
    const ffmpeg = start("ffmpeg", ["-v", "error", "-nostdin", "-re", "-i", file, ...outputs, "-sdp_file", sdpFile], {
      stdio: "ignore",
    });
    for (let waited = 0; !existsSync(sdpFile) || !readFileSync(sdpFile, "utf8").includes("m=audio"); waited += 100) {
      if (waited > SDP_WAIT_MS) throw new Error("ffmpeg gave no SDP");
      await sleep(100);
    }
    let track = 0;
    const sdp = readFileSync(sdpFile, "utf8")
      .trim()
      .split(/\r?\n/)
      .filter((line) => line !== "SDP:")
      .flatMap((line) => (line.startsWith("m=") ? [line.replace(/^m=(\w+) \d+/, "m=$1 0"), `a=control:track${track++}`] : [line]));
    let playing: Socket | undefined;
    for (const [channel, socket] of sockets.entries()) socket.on("message", (bytes) => playing?.write(framed(channel, bytes)));
    const server = createServer((client) => {
      client.on("error", () => client.destroy());
      client.on("close", () => {
        if (playing === client) playing = undefined;
      });
      serve(client, `${sdp.join("\r\n")}\r\n`, () => {
        playing = client;
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FfmpegSource(`rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/ffmpeg`, server, ffmpeg, sockets);
  }

  async stop(): Promise<void> {
    this.#server.close();
    await stop(this.#ffmpeg, "SIGKILL");
    for (const socket of this.#sockets.splice(0)) socket.close();
  }
}

function serve(client: Socket, sdp: string, play: () => void): void {
  let text = "";
  client.on("data", (bytes) => {
    text += bytes.toString("latin1");
    for (;;) {
      // Receiver reports come interleaved among the requests.
      while (text.startsWith("$") && text.length >= 4 && text.length >= 4 + lengthOf(text)) text = text.slice(4 + lengthOf(text));
      const end = text.startsWith("$") ? -1 : text.indexOf("\r\n\r\n");
      if (end < 0) return;
      const request = text.slice(0, end);
      text = text.slice(end + 4);
      const method = request.slice(0, request.indexOf(" "));
      const cseq = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? "0";
      const transport = /^Transport: *(.+)$/im.exec(request)?.[1]?.trim() ?? "";
      const answer = (status: string, heads: readonly string[] = [], body = ""): void => {
        const length = body === "" ? [] : [`Content-Length: ${body.length}`];
        client.write(`RTSP/1.0 ${status}\r\nCSeq: ${cseq}\r\n${[...heads, ...length].map((head) => `${head}\r\n`).join("")}\r\n${body}`);
      };
      if (method === "DESCRIBE") answer("200 OK", ["Content-Type: application/sdp"], sdp);
      else if (method === "SETUP" && !transport.includes("TCP")) answer("461 Unsupported Transport");
      else if (method === "SETUP") {
        const track = Number(/track(\d)/.exec(request)?.[1] ?? "0");
        answer("200 OK", [`Transport: RTP/AVP/TCP;unicast;interleaved=${track * 2}-${track * 2 + 1}`, "Session: 1"]);
      } else if (method === "PLAY") {
        answer("200 OK", ["Session: 1"]);
        play();
      } else if (method === "TEARDOWN") {
        answer("200 OK");
        client.end();
      } else answer("200 OK", ["Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER", "Session: 1"]);
    }
  });
}

function lengthOf(text: string): number {
  return text.charCodeAt(2) * 256 + text.charCodeAt(3);
}
