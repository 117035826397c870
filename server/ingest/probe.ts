import {
  ChunkPool,
  type GapCause,
  initSegment,
  lonelyFragment,
  parseRtspUrl,
  Rope,
  type RtspStep,
  type RtspUrl,
  type StreamSink,
  type TrackConfig,
  type TrackSink,
} from "@mingjian/media";
import type { FaultCode } from "@mingjian/vocab";
import type { Chance, Clock, Net } from "../ports/index.ts";
import { CameraConnection, type ConnectionEnd, type ConnectionFailure } from "./connection.ts";
import type { StreamSource } from "./source.ts";

/** The whole probe. */
export const PROBE_MS_MAX = 30_000;
/** Redirects followed. */
export const PROBE_REDIRECTS_MAX = 3;
const TICK_MS = 50;

export const PROBE_STEPS = ["resolve", "connect", "tls", "describe", "authorise", "setup", "first-packet", "first-key-frame"] as const;
export type ProbeStep = (typeof PROBE_STEPS)[number];

export interface ProbeStepResult {
  readonly step: ProbeStep;
  readonly outcome: "ok" | "failed" | "skipped";
  /** Since the step before. */
  readonly ms: number;
  readonly code: FaultCode | undefined;
  readonly detail: string | undefined;
}

export interface ProbeResult {
  readonly ok: boolean;
  /** In order; those never reached are `skipped`. */
  readonly steps: readonly ProbeStepResult[];
  readonly transport: "tcp" | "udp";
  /** What the stream holds; empty until the first key frame came. */
  readonly tracks: readonly TrackConfig[];
  /** The first key frame as a fragmented MP4. */
  readonly picture: { readonly mime: string; readonly mp4: Uint8Array } | undefined;
  /** Of the camera's certificate, over TLS: what to pin when no authority signed it. */
  readonly certificateSha256: string | undefined;
}

export type SourceToProbe = Pick<StreamSource, "url" | "user" | "password" | "transport" | "tls" | "audio">;

export interface ProbeDoors {
  readonly net: Net;
  readonly clock: Clock;
  readonly chance: Chance;
}

function pictureOf(config: TrackConfig, rope: Rope, start: number, end: number): { mime: string; mp4: Uint8Array } {
  const init = initSegment([config]);
  const sample = { trackId: 1, sequence: 1, dts: 0, pts: 0, durationTicks: config.clockRate, key: true };
  const fragment = lonelyFragment(sample, end - start, (target, at) => rope.copyTo(target, at, start, end));
  const mp4 = new Uint8Array(init.length + fragment.length);
  mp4.set(init, 0);
  mp4.set(fragment, init.length);
  return { mime: `video/mp4; codecs="${config.codecString}"`, mp4 };
}

/** Takes the first video sample and forgets the rest. */
function firstPictureSink(pool: ChunkPool, configs: readonly TrackConfig[], take: (picture: { mime: string; mp4: Uint8Array }) => void): StreamSink {
  const tracks = configs.map((config): TrackSink => {
    const rope = new Rope(pool);
    return {
      rope: () => rope,
      sample: (start, end) => {
        if (config.kind === "video") take(pictureOf(config, rope, start, end));
        rope.clear();
      },
      abandon: (start) => rope.truncate(start),
      config: () => undefined,
      lost: () => undefined,
    };
  });
  return { tracks, arrived: () => undefined, senderReport: () => undefined, close: () => undefined };
}

/** One probe under way: a list of steps, each ending when the next begins. */
class Probe {
  readonly #doors: ProbeDoors;
  readonly #source: SourceToProbe;
  readonly #pool = new ChunkPool();
  readonly #steps: ProbeStepResult[] = [];
  readonly #settle: (result: ProbeResult) => void;
  readonly #beganMs: number;
  #stepMs: number;
  #transport: "tcp" | "udp";
  #redirects = 0;
  #connection: CameraConnection | undefined;
  #tracks: readonly TrackConfig[] = [];
  #picture: ProbeResult["picture"];
  #certificateSha256: string | undefined;
  #challenged = false;
  #over = false;

  constructor(doors: ProbeDoors, source: SourceToProbe, settle: (result: ProbeResult) => void) {
    this.#doors = doors;
    this.#source = source;
    this.#settle = settle;
    this.#transport = source.transport === "udp" ? "udp" : "tcp";
    this.#beganMs = doors.clock.monotonicMs();
    this.#stepMs = this.#beganMs;
  }

  async run(): Promise<void> {
    const url = parseRtspUrl(this.#source.url);
    if (url === undefined) {
      this.#fail({ code: "bad-input", cause: "unreachable", detail: "not an rtsp: or rtsps: URL" });
      return;
    }
    const addresses = await this.#doors.net.resolve(url.host);
    if (addresses.length === 0) {
      this.#fail({ code: "camera-unreachable", cause: "unreachable", detail: "the name is unknown" });
      return;
    }
    this.#done("resolve");
    this.#connect(url, url);
  }

  tick(): void {
    if (this.#over) return;
    const nowMs = this.#doors.clock.monotonicMs();
    this.#connection?.beat(nowMs);
    if (!this.#over && nowMs - this.#beganMs >= PROBE_MS_MAX) {
      const late = this.#reached("first-packet") ? "no key frame came in time" : "the camera took too long";
      this.#fail({ code: this.#reached("first-packet") ? "camera-bad-stream" : "camera-no-data", cause: "no-data", detail: late });
    }
    if (!this.#over && this.#reached("setup") && (this.#connection?.client.receiver?.packets ?? 0) > 0) this.#done("first-packet");
  }

  #connect(url: RtspUrl, own: RtspUrl): void {
    const { user, password, tls, audio } = this.#source;
    const open = (configs: readonly TrackConfig[]): StreamSink | { readonly refused: GapCause } => {
      this.#tracks = configs;
      return firstPictureSink(this.#pool, configs, (picture) => {
        this.#picture ??= picture;
      });
    };
    this.#connection = new CameraConnection(
      { ...this.#doors, pool: this.#pool },
      {
        url,
        open,
        tls,
        audio,
        transport: this.#transport,
        basicAllowed: url.host === own.host,
        user: user ?? own.user,
        password: user === undefined ? own.password : password,
      },
      true,
      {
        connected: (certificate) => {
          this.#certificateSha256 = certificate;
          this.#done("connect");
          if (url.secure) this.#done("tls");
          else this.#skip("tls");
        },
        step: (step) => this.#stepped(step),
        clock: () => undefined,
        ended: (end) => this.#ended(end, own),
      },
    );
  }

  #stepped(step: RtspStep): void {
    if (step === "authorise") {
      this.#done("describe");
      this.#challenged = true;
    } else if (step === "setup") {
      this.#done("describe");
      if (this.#challenged) this.#done("authorise");
      else this.#skip("authorise");
    } else if (step === "playing") this.#done("setup");
  }

  #ended(end: ConnectionEnd, own: RtspUrl): void {
    if (this.#over) return;
    const url = end.kind === "redirect" ? parseRtspUrl(end.url) : undefined;
    if (url !== undefined && this.#redirects < PROBE_REDIRECTS_MAX) {
      this.#redirects += 1;
      this.#connect(url, own);
    } else if (end.kind === "failed" && end.failure.code === "camera-transport" && this.#source.transport === "auto" && this.#transport === "tcp") {
      this.#transport = "udp";
      this.#connect(own, own);
    } else if (end.kind === "failed") this.#fail(end.failure);
    else this.#fail({ code: "camera-refused", cause: "refused", detail: "the camera ended the session" });
  }

  /** Called when a beat found the picture: the connection is closed from outside its own callbacks. */
  finishIfSeen(): void {
    if (this.#over || this.#picture === undefined) return;
    this.#done("first-packet");
    this.#done("first-key-frame");
    this.#finish();
  }

  #reached(step: ProbeStep): boolean {
    return this.#steps.some((one) => one.step === step);
  }

  #done(step: ProbeStep): void {
    if (!this.#reached(step)) this.#add(step, "ok", undefined);
  }

  #skip(step: ProbeStep): void {
    if (!this.#reached(step)) this.#add(step, "skipped", undefined);
  }

  #add(step: ProbeStep, outcome: ProbeStepResult["outcome"], failure: ConnectionFailure | undefined): void {
    const nowMs = this.#doors.clock.monotonicMs();
    this.#steps.push({ step, outcome, ms: Math.round(nowMs - this.#stepMs), code: failure?.code, detail: failure?.detail });
    this.#stepMs = nowMs;
  }

  /** The failure stands at the step that was under way; what a failure names itself wins over the order. */
  #fail(failure: ConnectionFailure): void {
    if (failure.code === "camera-tls") this.#done("connect");
    if (failure.code === "camera-unauthorised") this.#done("describe");
    const next = PROBE_STEPS.find((step) => !this.#reached(step)) ?? "first-key-frame";
    this.#add(next, "failed", failure);
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    this.#connection?.stop("switched-off");
    for (const step of PROBE_STEPS) this.#skip(step);
    this.#settle({
      ok: this.#picture !== undefined,
      steps: this.#steps,
      transport: this.#transport,
      tracks: this.#tracks,
      picture: this.#picture,
      certificateSha256: this.#certificateSha256,
    });
  }

  /** The camera is told good-bye, for as long as that may take. */
  lastTick(): void {
    this.#connection?.beat(this.#doors.clock.monotonicMs());
  }
}

/** Tries a source step by step, stores nothing, and always answers within PROBE_MS_MAX and a moment. */
export async function probe(doors: ProbeDoors, source: SourceToProbe): Promise<ProbeResult> {
  let one: Probe | undefined;
  const alarm = doors.clock.every(TICK_MS, () => {
    one?.tick();
    one?.finishIfSeen();
    one?.lastTick();
  });
  const result = await new Promise<ProbeResult>((settle) => {
    one = new Probe(doors, source, settle);
    void one.run();
  });
  doors.clock.after(2_000, () => alarm.cancel());
  return result;
}
