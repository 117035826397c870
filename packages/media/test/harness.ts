import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ChunkPool, type GapCause, parseRtspUrl, Rope, RtspClient, type RtspEvent, type StreamSink, type TrackConfig, type TrackSink } from "../src/index.ts";

export const TESTDATA = path.join(import.meta.dirname, "..", "testdata");

const hex =
  (algorithm: string) =>
  (text: string): string =>
    createHash(algorithm).update(text, "utf8").digest("hex");
export const HASHES = { md5: hex("md5"), sha256: hex("sha256") };

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

export interface Sample {
  readonly bytes: Uint8Array;
  readonly ticks: number;
  readonly key: boolean;
  /** Packets told as lost right before it. */
  readonly lost: number;
}

/** A track sink that keeps what it is given and holds its caller to the contract of TrackSink. */
export class KeepingTrack implements TrackSink {
  readonly samples: Sample[] = [];
  readonly configs: TrackConfig[] = [];
  abandoned = 0;
  #rope = new Rope(new ChunkPool());
  #lost = 0;

  rope(): Rope {
    return this.#rope;
  }

  sample(start: number, end: number, ticks: number, key: boolean): void {
    if (end !== this.#rope.length || start >= end) throw new Error(`sample [${start}, ${end}) of a rope of ${this.#rope.length}`);
    const bytes = new Uint8Array(end - start);
    this.#rope.copyTo(bytes, 0, start, end);
    this.samples.push({ bytes, ticks, key, lost: this.#lost });
    this.#lost = 0;
    if (this.samples.length % 7 === 0) this.#rope.clear();
  }

  abandon(start: number): void {
    if (start > this.#rope.length) throw new Error(`abandon at ${start} of ${this.#rope.length}`);
    this.abandoned += 1;
    this.#rope.truncate(start);
  }

  config(config: TrackConfig): void {
    this.configs.push(config);
  }

  lost(packets: number): void {
    this.#lost += packets;
  }
}

export class KeepingSink implements StreamSink {
  readonly tracks: readonly KeepingTrack[];
  readonly reports: { track: number; cameraUtcMs: number; rtpTicks: number }[] = [];
  readonly arrivals: number[] = [];
  cause: GapCause | undefined;

  constructor(count: number) {
    this.tracks = Array.from({ length: count }, () => new KeepingTrack());
  }

  arrived(monotonicMs: number): void {
    this.arrivals.push(monotonicMs);
  }

  senderReport(track: number, cameraUtcMs: number, rtpTicks: number): void {
    this.reports.push({ track, cameraUtcMs, rtpTicks });
  }

  close(cause: GapCause): void {
    if (this.cause !== undefined) throw new Error("closed twice");
    this.cause = cause;
  }
}

export interface ClientSetup {
  readonly url?: string;
  readonly transport?: "tcp" | "udp";
  readonly audio?: boolean;
  readonly basicAllowed?: boolean;
  readonly refused?: GapCause;
}

/** A client with its sink and everything it wanted to do, in order. */
export class Bed {
  readonly client: RtspClient;
  readonly events: RtspEvent[] = [];
  sink: KeepingSink | undefined;
  opened: readonly TrackConfig[] = [];
  nowMs = 1_000;

  constructor(setup: ClientSetup = {}) {
    const url = parseRtspUrl(setup.url ?? "rtsp://admin:secret@camera.test/stream");
    if (url === undefined) throw new Error("no URL");
    const credentials = url.user === undefined ? undefined : { user: url.user, password: url.password ?? "" };
    this.client = new RtspClient({
      url,
      credentials,
      hashes: HASHES,
      cnonce: "0011223344556677",
      ssrc: 0x4d4a,
      pool: new ChunkPool(),
      basicAllowed: setup.basicAllowed ?? true,
      transport: setup.transport ?? "tcp",
      audio: setup.audio ?? true,
      open: (configs) => {
        if (setup.refused !== undefined) return { refused: setup.refused };
        this.opened = configs;
        this.sink = new KeepingSink(configs.length);
        return this.sink;
      },
    });
    this.client.start(this.nowMs);
    this.drain();
  }

  feed(bytes: Uint8Array, splits: readonly number[] = []): void {
    let from = 0;
    for (const to of [...splits, bytes.length]) {
      if (to < from || to > bytes.length) continue;
      const read = bytes.slice(from, to);
      this.client.receive(read, 0, read.length, this.nowMs);
      read.fill(0xee);
      from = to;
    }
    this.drain();
  }

  say(text: string): void {
    this.feed(bytesOf(text));
  }

  /** Lets time pass in steps, ticking whenever the client asks for it. */
  wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, Math.max(this.nowMs, this.client.deadlineMs));
      this.client.tick(this.nowMs);
      this.drain();
      if (this.nowMs < untilMs && this.client.deadlineMs <= this.nowMs) this.nowMs += 1;
    }
  }

  drain(): void {
    for (let events = this.client.drain(); events.length > 0; events = this.client.drain()) this.events.push(...events);
  }

  /** Requests sent so far, as text. */
  get requests(): string[] {
    return this.events
      .filter((event) => event.type === "send")
      .map((event) => textOf(event.bytes))
      .filter((text) => !text.startsWith("$"));
  }

  get failure(): string | undefined {
    const failed = this.events.find((event) => event.type === "failed");
    return failed?.type === "failed" ? failed.failure.code : undefined;
  }

  get detail(): string {
    const failed = this.events.find((event) => event.type === "failed");
    return failed?.type === "failed" ? failed.failure.detail : "";
  }

  get video(): KeepingTrack {
    const track = this.sink?.tracks[0];
    if (track === undefined) throw new Error("the sink was never opened");
    return track;
  }
}

export function readTestdata(name: string): string {
  return readFileSync(path.join(TESTDATA, name), "utf8");
}
