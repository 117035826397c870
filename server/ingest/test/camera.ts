import type { Connection, ConnectionEvents, ConnectOptions, DatagramEvents, Net, UdpPair } from "../../ports/index.ts";

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 192.0.2.7",
  "s=Media",
  "t=0 0",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z00AH5WoFAFug0CA,aO48gA==",
  "a=control:trackID=1",
  "",
].join("\r\n");

export interface Habits {
  /** Status answered to a method instead of 200. */
  readonly status?: Readonly<Record<string, number>>;
  readonly location?: string;
  readonly challenge?: string;
  readonly sdp?: string;
  /** Methods never answered. */
  readonly deaf?: readonly string[];
}

/** The answer of a scripted camera to a whole request. */
export function answerTo(request: string, habits: Habits): string | undefined {
  const method = request.split(" ")[0] ?? "";
  const cseq = /CSeq: (\d+)/.exec(request)?.[1] ?? "0";
  if (habits.deaf?.includes(method) === true) return undefined;
  let status = habits.status?.[method] ?? 200;
  const headers = [`CSeq: ${cseq}`];
  if (habits.challenge !== undefined && !request.includes("Authorization:")) {
    status = 401;
    headers.push(`WWW-Authenticate: ${habits.challenge}`);
  }
  if (status >= 300 && status < 400) headers.push(`Location: ${habits.location ?? ""}`);
  const body = method === "DESCRIBE" && status === 200 ? (habits.sdp ?? SDP) : "";
  const transport = /Transport: (.*)/.exec(request)?.[1];
  if (method === "SETUP" && status === 200)
    headers.push("Session: 1;timeout=60", `Transport: ${transport}${transport?.includes("TCP") === true ? "" : ";server_port=7000-7001"}`);
  if (body !== "") headers.push(`Content-Length: ${body.length}`);
  return `RTSP/1.0 ${status} X\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
}

/** RTP of one picture that fits a packet, framed for channel 0. */
export class Pictures {
  #sequence = 0;
  #timestamp = 0;

  packet(key: boolean, size = 40): Uint8Array {
    const packet = new Uint8Array(12 + size).fill(0x55);
    const view = new DataView(packet.buffer);
    packet.set([0x80, 0xe0]);
    view.setUint16(2, this.#sequence++ & 0xffff);
    view.setUint32(4, this.#timestamp);
    this.#timestamp += 3600;
    packet.set(key ? [0x65, 0x88, 0x84] : [0x41, 0x9a, 0x02], 12);
    return packet;
  }

  framed(key: boolean, size = 40): Uint8Array {
    const packet = this.packet(key, size);
    return Buffer.concat([Uint8Array.of(0x24, 0, packet.length >> 8, packet.length & 255), packet]);
  }

  report(utcMs: number): Uint8Array {
    const packet = new Uint8Array(32);
    const view = new DataView(packet.buffer);
    packet.set([0x24, 1, 0, 28, 0x80, 200, 0, 6]);
    view.setUint32(12, Math.floor(utcMs / 1000) + 2_208_988_800);
    view.setUint32(16, Math.floor(((utcMs % 1000) / 1000) * 2 ** 32));
    view.setUint32(20, this.#timestamp);
    return packet;
  }
}

/** One connection to a scripted camera, as the room sees it. */
export class FakeConnection implements Connection {
  readonly options: ConnectOptions;
  readonly #events: ConnectionEvents;
  readonly #habits: Habits;
  readonly requests: string[] = [];
  readonly pictures = new Pictures();
  readonly unsentBytes = 0;
  readonly remoteAddress = "192.0.2.7";
  reading = true;
  resumed = 0;
  closed = false;
  #queued: Uint8Array[] = [];

  constructor(options: ConnectOptions, events: ConnectionEvents, habits: Habits) {
    this.options = options;
    this.#events = events;
    this.#habits = habits;
  }

  open(): void {
    this.#events.connected(undefined);
  }

  fail(kind: "unreachable" | "refused" | "name" | "tls" | "timeout" | "reset"): void {
    this.closed = true;
    this.#events.closed({ kind, detail: "E" });
  }

  hangUp(): void {
    this.closed = true;
    this.#events.closed(undefined);
  }

  write(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("latin1");
    if (text.startsWith("$")) return;
    this.requests.push(text);
    const answer = answerTo(text, this.#habits);
    if (answer !== undefined) queueMicrotask(() => this.send(Buffer.from(answer)));
  }

  /** The camera sends; what is not read now is read in one piece after `resume`. */
  send(bytes: Uint8Array): void {
    if (this.closed) return;
    if (!this.reading) {
      this.#queued.push(bytes);
      return;
    }
    const shared = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(2)]);
    this.reading = this.#events.bytes(shared, 3, 3 + bytes.length);
    shared.fill(0xee);
  }

  resume(): void {
    this.resumed += 1;
    this.reading = true;
    const queued = this.#queued;
    this.#queued = [];
    if (queued.length > 0) this.send(Buffer.concat(queued));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#events.closed(undefined);
  }
}

/** A network of scripted cameras, by host. */
export class FakeNet implements Net {
  readonly connections: FakeConnection[] = [];
  readonly datagrams: DatagramEvents[] = [];
  readonly habits = new Map<string, Habits>();
  /** Hosts that do not answer at all. */
  readonly down = new Map<string, "unreachable" | "refused" | "timeout" | "tls">();
  readonly hashes = { md5: (text: string) => `md5-${text.length}`, sha256: (text: string) => `sha-${text.length}` };

  connect(options: ConnectOptions, events: ConnectionEvents): Connection {
    const connection = new FakeConnection(options, events, this.habits.get(options.host) ?? {});
    this.connections.push(connection);
    const failure = this.down.get(options.host);
    queueMicrotask(() => (failure === undefined ? connection.open() : connection.fail(failure)));
    return connection;
  }

  async resolve(host: string): Promise<readonly string[]> {
    return host.endsWith(".invalid") ? [] : ["192.0.2.7"];
  }

  async udpPair(_host: string, events: DatagramEvents): Promise<UdpPair> {
    this.datagrams.push(events);
    return { firstPort: 6000, send: () => undefined, close: () => undefined };
  }

  get last(): FakeConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error("nobody connected");
    return last;
  }
}

/** Lets queued answers arrive. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}
