import { type ChunkPool, formatRtspUrl, type GapCause, type OpenSink, RtspClient, type RtspEvent, type RtspStep, type RtspUrl } from "@mingjian/media";
import type { FaultCode } from "@mingjian/vocab";
import type { Chance, Clock, Connection, Net, NetFailure, TlsTrust, UdpPair } from "../ports/index.ts";

/** How long a TCP or TLS connection may take. */
export const CONNECT_MS_MAX = 10_000;
/** A read of this much shows a stream so heavy that it is read again before its next beat. */
export const HEAVY_READ_BYTES = 192 * 1024;
/** Bytes of ours the camera has not taken; then it has stopped listening, and the connection is given up. */
export const UNSENT_BYTES_MAX = 64 * 1024;

export interface ConnectionDoors {
  readonly net: Net;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly pool: ChunkPool;
}

export interface ConnectionOptions {
  readonly url: RtspUrl;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly basicAllowed: boolean;
  readonly transport: "tcp" | "udp";
  readonly tls: TlsTrust | undefined;
  readonly audio: boolean;
  readonly open: OpenSink;
}

/** Why a connection failed: what the state shows, and what the gap says. */
export interface ConnectionFailure {
  readonly code: FaultCode;
  readonly cause: GapCause;
  readonly detail: string;
}

export type ConnectionEnd =
  | { readonly kind: "failed"; readonly failure: ConnectionFailure }
  | { readonly kind: "redirect"; readonly url: string }
  | { readonly kind: "over" };

export interface ConnectionListener {
  connected(certificateSha256: string | undefined): void;
  step(step: RtspStep): void;
  /** The camera's clock, as a report read just now told it. */
  clock(cameraUtcMs: number): void;
  /** Once, last. */
  ended(end: ConnectionEnd): void;
}

/** What a failure of the network means, before and after the camera began to play. */
export function failureOfNet(failure: NetFailure | undefined, playing: boolean): ConnectionFailure {
  if (failure === undefined || (failure.kind === "reset" && playing)) {
    return { code: "camera-no-data", cause: "no-data", detail: failure?.detail ?? "the camera closed the connection" };
  }
  // A reset after the connection stood is an answer: no.
  if (failure.kind === "refused" || failure.kind === "reset") return { code: "camera-refused", cause: "refused", detail: failure.detail };
  if (failure.kind === "tls") return { code: "camera-tls", cause: "refused", detail: failure.detail };
  return { code: "camera-unreachable", cause: "unreachable", detail: failure.detail };
}

/** Drives one RTSP client over the network. Whatever is thrown in its callbacks ends this connection and no other. */
export class CameraConnection {
  readonly client: RtspClient;
  readonly #doors: ConnectionDoors;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #connection: Connection;
  readonly #pairs: (UdpPair | undefined)[] = [];
  readonly #peers: ({ readonly host: string; readonly ports: readonly [number, number] } | undefined)[] = [];
  #step: RtspStep = "options";
  #eager: boolean;
  #held = false;
  #paused = false;
  #ended = false;

  constructor(doors: ConnectionDoors, options: ConnectionOptions, eager: boolean, listener: ConnectionListener) {
    this.#doors = doors;
    this.#options = options;
    this.#listener = listener;
    this.#eager = eager;
    const { url, user, password, basicAllowed, transport, audio, open } = options;
    this.client = new RtspClient({
      url,
      basicAllowed,
      transport,
      audio,
      open,
      credentials: user === undefined ? undefined : { user, password: password ?? "" },
      hashes: doors.net.hashes,
      cnonce: [...doors.chance.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      ssrc: doors.chance.bytes(4).reduce((value, byte) => value * 256 + byte, 0),
      pool: doors.pool,
    });
    this.#connection = doors.net.connect(
      { host: url.host, port: url.port, tls: url.secure ? (options.tls ?? { trust: "authorities" }) : undefined, timeoutMs: CONNECT_MS_MAX },
      {
        connected: (certificate) =>
          this.#guarded(() => {
            listener.connected(certificate);
            this.client.start(this.#now());
            this.#pump();
          }),
        bytes: (b, start, end) => this.#bytes(b, start, end),
        closed: (failure) => this.#closed(failure),
      },
    );
  }

  /** The URL without credentials, for logs. */
  get place(): string {
    return formatRtspUrl(this.#options.url);
  }

  /** Reads at once (somebody watches) or on the beat. */
  setEager(eager: boolean): void {
    this.#eager = eager;
    if (eager) this.#resume();
  }

  /** Stops reading while the sink is full: TCP pushes back; datagrams are dropped and their numbers tell the loss. */
  hold(on: boolean): void {
    this.#held = on;
    if (!on) this.#resume();
  }

  beat(nowMs: number): void {
    if (this.#ended) return;
    this.#resume();
    if (nowMs < this.client.deadlineMs) return;
    this.#guarded(() => {
      this.client.tick(nowMs, this.#held);
      this.#pump();
    });
  }

  /** Says good-bye to the camera; the sink is closed with the cause at once. */
  stop(cause: GapCause): void {
    this.#guarded(() => this.client.closeSink(cause));
    this.#guarded(() => {
      this.client.stop(this.#now());
      this.#pump();
      this.hold(false);
    });
  }

  #now(): number {
    return this.#doors.clock.monotonicMs();
  }

  #resume(): void {
    if (!this.#paused || this.#held || this.#ended) return;
    this.#paused = false;
    this.#connection.resume();
  }

  #bytes(b: Uint8Array, start: number, end: number): boolean {
    if (this.#ended) return true;
    try {
      this.client.receive(b, start, end, this.#now());
      this.#pump();
    } catch (error) {
      this.#broke(error);
    }
    const goOn = this.#step !== "playing" || (!this.#held && (this.#eager || end - start >= HEAVY_READ_BYTES));
    if (!goOn) this.#paused = true;
    return goOn;
  }

  #guarded(task: () => void): void {
    if (this.#ended) return;
    try {
      task();
    } catch (error) {
      this.#broke(error);
    }
  }

  #broke(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#end({ kind: "failed", failure: { code: "internal", cause: "unknown", detail } });
  }

  #pump(): void {
    for (let events = this.client.drain(); events.length > 0 && !this.#ended; events = this.client.drain()) {
      for (const event of events) this.#do(event);
    }
  }

  #do(event: RtspEvent): void {
    if (this.#ended) return;
    switch (event.type) {
      case "send":
        if (this.#connection.unsentBytes > UNSENT_BYTES_MAX) this.#fail("camera-no-data", "no-data", "the camera takes nothing from us");
        else this.#connection.write(event.bytes);
        return;
      case "step":
        this.#step = event.step;
        this.#listener.step(event.step);
        return;
      case "clock":
        this.#listener.clock(event.cameraUtcMs);
        return;
      case "bind":
        void this.#bind(event.track);
        return;
      case "peer":
        this.#meet(event.track, event.host, [event.rtpPort, event.rtcpPort]);
        return;
      case "datagram":
        this.#sendDatagram(event.track, event.rtcp, event.bytes);
        return;
      case "failed":
        this.#end({ kind: "failed", failure: event.failure });
        return;
      case "redirect":
        this.#end({ kind: "redirect", url: event.url });
        return;
      case "over":
        this.#end({ kind: "over" });
    }
  }

  async #bind(track: number): Promise<void> {
    const pair = await this.#doors.net.udpPair(this.#connection.remoteAddress ?? this.#options.url.host, {
      datagram: (second, bytes, from) => {
        if (this.#held || (from !== this.#connection.remoteAddress && from !== this.#peers[track]?.host)) return;
        this.#guarded(() => {
          this.client.datagram(track, second, bytes, this.#now());
          this.#pump();
        });
      },
      failed: (failure) => this.#fail("camera-transport", "unreachable", failure.detail),
    });
    if (pair === undefined) this.#fail("camera-transport", "unreachable", "no pair of UDP ports is free here");
    else if (this.#ended) pair.close();
    else {
      this.#pairs[track] = pair;
      this.#guarded(() => {
        this.client.portsBound(pair.firstPort, this.#now());
        this.#pump();
      });
    }
  }

  /** Sends a little to the camera's ports first, so that a firewall between lets its datagrams in. */
  #meet(track: number, host: string | undefined, ports: readonly [number, number]): void {
    const address = host !== undefined && /^[0-9a-fA-F.:]+$/.test(host) && !/^[0.:]+$/.test(host) ? host : this.#connection.remoteAddress;
    if (address === undefined) return;
    this.#peers[track] = { host: address, ports };
    this.#sendDatagram(track, false, Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    this.#sendDatagram(track, true, Uint8Array.of(0x80, 0xc9, 0, 1, 0, 0, 0, 0));
  }

  #sendDatagram(track: number, rtcp: boolean, bytes: Uint8Array): void {
    const peer = this.#peers[track];
    const port = peer?.ports[rtcp ? 1 : 0] ?? 0;
    if (peer !== undefined && port > 0) this.#pairs[track]?.send(rtcp, peer.host, port, bytes);
  }

  #closed(failure: NetFailure | undefined): void {
    const told = failureOfNet(failure, this.#step === "playing");
    // Web servers and the like answer in their own words and hang up.
    const strange = told.code === "camera-no-data" && this.#step !== "playing" && this.client.garbageBytes > 0;
    this.#end({ kind: "failed", failure: strange ? { code: "camera-bad-stream", cause: "bad-stream", detail: "what answers there is not RTSP" } : told });
  }

  #fail(code: FaultCode, cause: GapCause, detail: string): void {
    this.#end({ kind: "failed", failure: { code, cause, detail } });
  }

  #end(end: ConnectionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    let told = end;
    try {
      this.client.closeSink(end.kind === "failed" ? end.failure.cause : "no-data");
    } catch (error) {
      told = { kind: "failed", failure: { code: "internal", cause: "unknown", detail: error instanceof Error ? error.message : String(error) } };
    }
    this.#connection.close();
    for (const pair of this.#pairs) pair?.close();
    this.#listener.ended(told);
  }
}
