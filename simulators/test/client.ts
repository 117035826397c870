import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

export interface RtpPacket {
  readonly channel: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A plain RTSP client that keeps all it hears. */
export class Client {
  readonly socket: Socket;
  readonly url: string;
  readonly packets: RtpPacket[] = [];
  /** Bytes that were neither an answer nor a packet. */
  strayBytes = 0;
  readonly #answers: Answer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #sequence = 0;
  closed = false;

  constructor(url: string) {
    this.url = url;
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on("error", () => undefined);
    this.socket.on("data", (bytes: Buffer) => this.#take(bytes));
    this.socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Resolves to undefined when the connection ends first. */
  async ask(method: string, url = this.url, headers: readonly string[] = []): Promise<Answer | undefined> {
    this.send(method, url, headers);
    await this.until(() => this.#answers.length > 0);
    return this.#answers.shift();
  }

  send(method: string, url = this.url, headers: readonly string[] = []): void {
    this.#sequence += 1;
    this.socket.write([`${method} ${url} RTSP/1.0`, `CSeq: ${this.#sequence}`, ...headers, "", ""].join("\r\n"));
  }

  async play(channel = 0): Promise<Answer | undefined> {
    await this.ask("DESCRIBE");
    await this.ask("SETUP", `${this.url}/track1`, [`Transport: RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`]);
    return this.ask("PLAY");
  }

  /** Waits until `ready` or the end of the connection. */
  async until(ready: () => boolean): Promise<void> {
    while (!ready() && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.socket.destroy();
    if (!this.closed) await once(this.socket, "close");
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length > 0 && this.#step());
    this.#wake();
  }

  #step(): boolean {
    const rest = this.#rest;
    if (rest[0] === 0x24 && (rest[1] ?? 255) < 16) {
      if (rest.length < 4) return false;
      const end = 4 + rest.readUInt16BE(2);
      if (rest.length < end) return false;
      this.packets.push({
        channel: rest.readUInt8(1),
        sequence: rest.readUInt16BE(6),
        timestamp: rest.readUInt32BE(8),
        marker: rest.readUInt8(5) >= 128,
        payload: Buffer.from(rest.subarray(16, end)),
      });
      this.#rest = rest.subarray(end);
      return true;
    }
    if (rest.toString("latin1", 0, 5) === "RTSP/") return this.#answer();
    if (rest.length < 5 && "RTSP/".startsWith(rest.toString("latin1"))) return false;
    this.strayBytes += 1;
    this.#rest = rest.subarray(1);
    return true;
  }

  #answer(): boolean {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [first = "", ...lines] = this.#rest.toString("latin1", 0, end).split("\r\n");
    const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
    const after = end + 4 + Number(headers.get("content-length") ?? 0);
    if (this.#rest.length < after) return false;
    this.#answers.push({
      status: Number(first.split(" ")[1]),
      headers,
      body: this.#rest.toString("latin1", end + 4, after),
    });
    this.#rest = this.#rest.subarray(after);
    return true;
  }
}

/** Media packets of the even channels (RTCP is on the odd ones). */
export function media(client: Client): RtpPacket[] {
  return client.packets.filter((packet) => packet.channel % 2 === 0);
}
