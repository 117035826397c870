import { createHash } from "node:crypto";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

/** One large buffer into which every plain TCP connection reads: its bytes are used up before the next read. */
export const READ_BUFFER_BYTES = 512 * 1024;
/** Tries to find two neighbouring free UDP ports. */
export const UDP_PAIR_TRIES_MAX = 20;
/** Bytes the kernel is asked to keep of a UDP stream: a key frame comes in one burst. */
export const UDP_RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;

/** Why a connection ended or never stood. */
export interface NetFailure {
  readonly kind: "unreachable" | "refused" | "name" | "tls" | "timeout" | "reset";
  /** The system's code or the TLS library's words. */
  readonly detail: string;
}

/** Whom we believe over TLS: public authorities, one certificate by its SHA-256 (hexadecimal), or anyone. */
export type TlsTrust = { readonly trust: "authorities" } | { readonly trust: "pinned"; readonly sha256: string } | { readonly trust: "any" };

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsTrust | undefined;
  readonly timeoutMs: number;
}

export interface ConnectionEvents {
  /** @param certificateSha256 of the camera's certificate, over TLS */
  connected(certificateSha256: string | undefined): void;
  /** Bytes b[start, end), valid only during the call. False stops reading until `resume`. */
  bytes(b: Uint8Array, start: number, end: number): boolean;
  /** Once, last. Undefined when the other end closed in good order or `close` was called. */
  closed(failure: NetFailure | undefined): void;
}

export interface Connection {
  write(bytes: Uint8Array): void;
  /** Bytes handed to `write` that the kernel has not taken. */
  readonly unsentBytes: number;
  /** The other end's address while connected. */
  readonly remoteAddress: string | undefined;
  /** Reads again after `bytes` said false. */
  resume(): void;
  close(): void;
}

export interface DatagramEvents {
  /** A whole datagram, the receiver's to keep. `second` is true on the odd port. */
  datagram(second: boolean, bytes: Uint8Array, fromHost: string): void;
  failed(failure: NetFailure): void;
}

/** Two neighbouring UDP ports, the first one even (RFC 3550 11). */
export interface UdpPair {
  readonly firstPort: number;
  send(second: boolean, host: string, port: number, bytes: Uint8Array): void;
  close(): void;
}

/** The network as far as cameras need it, with the hashes Digest wants. */
export interface Net {
  connect(options: ConnectOptions, events: ConnectionEvents): Connection;
  /** Addresses of a name; a Fault never: an unknown name is an empty list. */
  resolve(host: string): Promise<readonly string[]>;
  /** Undefined when no pair of ports is free. */
  udpPair(host: string, events: DatagramEvents): Promise<UdpPair | undefined>;
  /** Hashes of UTF-8 text, lower-case hexadecimal. */
  readonly hashes: { md5(text: string): string; sha256(text: string): string };
}

function failureOf(error: NodeJS.ErrnoException, secure: boolean): NetFailure {
  const code = error.code ?? error.message;
  if (code === "ECONNREFUSED") return { kind: "refused", detail: code };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_NONAME") return { kind: "name", detail: code };
  if (code === "ETIMEDOUT") return { kind: "timeout", detail: code };
  if (code === "ECONNRESET" || code === "EPIPE") return { kind: "reset", detail: code };
  if (secure && !/^E[A-Z]+$/.test(code)) return { kind: "tls", detail: code };
  return { kind: "unreachable", detail: code };
}

/** Certificate of the other end when it is the one we believe, or why not. */
function judgePeer(socket: TLSSocket, trust: TlsTrust): { sha256: string } | NetFailure {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { kind: "tls", detail: "no certificate" };
  const sha256 = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  if (trust.trust === "pinned" && trust.sha256.replaceAll(":", "").toLowerCase() !== sha256) {
    return { kind: "tls", detail: `another certificate than the pinned one: ${sha256}` };
  }
  if (trust.trust === "authorities" && !socket.authorized) {
    return { kind: "tls", detail: `${socket.authorizationError?.message ?? "not trusted"}; SHA-256 ${sha256}` };
  }
  return { sha256 };
}

class SocketConnection implements Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #failure: NetFailure | undefined;
  #over = false;

  constructor(options: ConnectOptions, events: ConnectionEvents, shared: Uint8Array) {
    this.#events = events;
    const { host, port, tls, timeoutMs } = options;
    const callback = (count: number): boolean => this.#over || events.bytes(shared, 0, count);
    this.#socket =
      tls === undefined
        ? connectTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, onread: { buffer: shared, callback } })
        : connectTls({ host, port, rejectUnauthorized: false, ...(/[a-zA-Z]/.test(host) && !host.includes(":") ? { servername: host } : {}) });
    const socket = this.#socket;
    socket.setTimeout(timeoutMs, () => {
      this.#failure = { kind: "timeout", detail: `no connection within ${timeoutMs} ms` };
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#failure ??= failureOf(error, tls !== undefined);
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#closed());
    if (tls === undefined) socket.on("connect", () => this.#connected(undefined));
    else this.#secure(tls);
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  write(bytes: Uint8Array): void {
    if (!this.#over && this.#socket.writable) this.#socket.write(bytes);
  }

  resume(): void {
    if (!this.#over) this.#socket.resume();
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroySoon();
    this.#events.closed(undefined);
  }

  #connected(certificateSha256: string | undefined): void {
    this.#socket.setTimeout(0);
    if (!this.#over) this.#events.connected(certificateSha256);
  }

  #secure(trust: TlsTrust): void {
    const socket = this.#socket as TLSSocket;
    socket.on("secureConnect", () => {
      const peer = judgePeer(socket, trust);
      if ("sha256" in peer) this.#connected(peer.sha256);
      else {
        this.#failure = peer;
        socket.destroy();
      }
    });
    socket.on("data", (chunk: Uint8Array) => {
      if (!this.#over && !this.#events.bytes(chunk, 0, chunk.length)) socket.pause();
    });
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.closed(this.#failure);
  }
}

function bind(family: "udp4" | "udp6", port: number): Promise<UdpSocket | undefined> {
  return new Promise((settle) => {
    const socket = createSocket({ type: family, recvBufferSize: UDP_RECEIVE_BUFFER_BYTES });
    socket.once("error", () => {
      socket.close();
      settle(undefined);
    });
    socket.bind(port, () => {
      socket.removeAllListeners("error");
      settle(socket);
    });
  });
}

async function bindPair(family: "udp4" | "udp6"): Promise<readonly [UdpSocket, UdpSocket] | undefined> {
  for (let i = 0; i < UDP_PAIR_TRIES_MAX; i++) {
    const any = await bind(family, 0);
    if (any === undefined) return undefined;
    const { port } = any.address();
    const other = port < 65_535 ? await bind(family, port % 2 === 0 ? port + 1 : port - 1) : undefined;
    if (other !== undefined) return port % 2 === 0 ? [any, other] : [other, any];
    any.close();
  }
  return undefined;
}

async function udpPair(host: string, events: DatagramEvents): Promise<UdpPair | undefined> {
  const pair = await bindPair(host.includes(":") ? "udp6" : "udp4");
  if (pair === undefined) return undefined;
  let open = true;
  pair.forEach((socket, i) => {
    socket.on("message", (bytes, from) => {
      if (open) events.datagram(i === 1, bytes, from.address);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (open) events.failed(failureOf(error, false));
    });
  });
  return {
    firstPort: pair[0].address().port,
    send: (second, to, port, bytes) => {
      if (open) pair[second ? 1 : 0].send(bytes, port, to, () => {});
    },
    close: () => {
      if (!open) return;
      open = false;
      for (const socket of pair) socket.close();
    },
  };
}

export function systemNet(): Net {
  const shared = new Uint8Array(READ_BUFFER_BYTES);
  const hex = (algorithm: string) => (text: string) => createHash(algorithm).update(text, "utf8").digest("hex");
  return {
    connect: (options, events) => new SocketConnection(options, events, shared),
    resolve: async (host) => {
      try {
        return (await lookup(host, { all: true })).map((one) => one.address);
      } catch {
        return [];
      }
    },
    udpPair,
    hashes: { md5: hex("md5"), sha256: hex("sha256") },
  };
}
