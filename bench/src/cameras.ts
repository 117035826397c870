import type { ChildProcess } from "node:child_process";
import path from "node:path";
import type { ClipName, SentCounts, StreamStats } from "@mingjian/simulators";
import { ROOT, lineOf, pidOf, sleep, start, stop } from "./children.ts";
import { cpuSecondsOf } from "./processes.ts";

/** RTP over TCP puts 4 bytes of framing and 12 of header before each payload. */
const OVERHEAD_BYTES = 16;
const PLAYING_TIMEOUT_MS = 60_000;

export interface Sent {
  readonly frames: number;
  /** Payload without RTP's own bytes. */
  readonly bytes: number;
  readonly skippedFrames: number;
  /** Streams that play now. */
  readonly playing: number;
  readonly sessions: number;
}

/** Simulated cameras in a process of their own, so that their cost is not the recorder's. */
export class BenchCameras {
  readonly urls: readonly string[];
  readonly subUrls: readonly string[];
  readonly #child: ChildProcess;
  readonly #control: string;

  private constructor(child: ChildProcess, facts: { urls: string[]; subUrls: string[]; controlPort: number }) {
    this.#child = child;
    this.urls = facts.urls;
    this.subUrls = facts.subUrls;
    this.#control = `http://127.0.0.1:${facts.controlPort}`;
  }

  static async start(cameras: number, clip: ClipName): Promise<BenchCameras> {
    const script = path.join(ROOT, "simulators/src/main.ts");
    const args = [script, "--cameras", String(cameras), "--port", "0", "--control", "0", "--clip", clip, "--with-parent"];
    const child = start(process.execPath, ["--disable-warning=ExperimentalWarning", ...args]);
    return new BenchCameras(
      child,
      await lineOf(child, "the simulators", (line) => JSON.parse(line) as { urls: string[]; subUrls: string[]; controlPort: number }),
    );
  }

  async #call(method: string, call: string): Promise<unknown> {
    const answer = await fetch(`${this.#control}${call}`, { method });
    return answer.json();
  }

  async sent(): Promise<Sent> {
    const { streams } = (await this.#call("GET", "/stats")) as { streams: StreamStats[] };
    const sessions: SentCounts[] = streams.flatMap((stream) => stream.sessions);
    const sum = (of: (counts: SentCounts) => number): number => sessions.reduce((total, counts) => total + of(counts), 0);
    return {
      frames: sum((counts) => counts.frames),
      bytes: sum((counts) => counts.bytes - counts.packets * OVERHEAD_BYTES),
      skippedFrames: sum((counts) => counts.skippedFrames),
      playing: streams.reduce((total, stream) => total + stream.playing, 0),
      sessions: sessions.length,
    };
  }

  /** Waits until `count` streams send frames. */
  async untilPlaying(count: number): Promise<void> {
    const deadline = Date.now() + PLAYING_TIMEOUT_MS;
    for (;;) {
      const { streams } = (await this.#call("GET", "/stats")) as { streams: StreamStats[] };
      const playing = streams.filter((stream) => stream.playing > 0 && (stream.sessions.at(-1)?.frames ?? 0) > 0).length;
      if (playing >= count) return;
      if (Date.now() > deadline) throw new Error(`only ${playing} of ${count} cameras play`);
      await sleep(200);
    }
  }

  get cpuSeconds(): number {
    return cpuSecondsOf([pidOf(this.#child)]);
  }

  async halt(): Promise<void> {
    await this.#call("POST", "/halt");
  }

  /** Ends every connection. */
  async hangUp(): Promise<void> {
    await this.#call("POST", "/disconnect");
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }
}
