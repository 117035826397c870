import { type GapCause, parseRtspUrl, type RtspStep, type RtspUrl, type TrackConfig } from "@mingjian/media";
import type { UtcMs } from "@mingjian/vocab";
import { backOffMs, HEALTHY_MS } from "./back-off.ts";
import type { Beaten } from "./beat.ts";
import { CameraClock } from "./camera-clock.ts";
import { CameraConnection, type ConnectionDoors, type ConnectionEnd, type ConnectionFailure } from "./connection.ts";
import type { IngestLog, Sinks } from "./needs.ts";
import type { IngestState, StreamSource, StreamState } from "./source.ts";

/** Redirects followed from one attempt. */
export const REDIRECTS_MAX = 3;
/** Rates are taken over at least this long. */
export const RATE_MS = 2_000;

export interface StreamDoors extends ConnectionDoors {
  readonly sinks: Sinks;
  readonly log: IngestLog;
}

/** Counts of everything received. */
interface Counts {
  packets: number;
  bytes: number;
  frames: number;
  lost: number;
  damaged: number;
}

const STATE_OF: Readonly<Partial<Record<RtspStep, IngestState>>> = {
  options: "describing",
  describe: "describing",
  authorise: "describing",
  setup: "setting-up",
  play: "setting-up",
  playing: "waiting",
};

function add(a: Counts, b: Counts): Counts {
  return {
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    frames: a.frames + b.frames,
    lost: a.lost + b.lost,
    damaged: a.damaged + b.damaged,
  };
}

/** Receives one stream for as long as it is wanted: connects, watches, connects again. */
export class IngestStream implements Beaten {
  readonly source: StreamSource;
  readonly #doors: StreamDoors;
  readonly #changed: (stream: IngestStream) => void;
  readonly #clock = new CameraClock();
  #connection: CameraConnection | undefined;
  #state: IngestState = "stopped";
  #sinceUtcMs: UtcMs;
  #attempts = 0;
  #failures = 0;
  #redirects = 0;
  #failure: ConnectionFailure | undefined;
  #nextTryMs = Number.POSITIVE_INFINITY;
  #playingSinceMs = Number.POSITIVE_INFINITY;
  #transport: "tcp" | "udp";
  #watched = false;
  #held = false;
  #toldCause: GapCause | undefined;
  #before: Counts = { packets: 0, bytes: 0, frames: 0, lost: 0, damaged: 0 };
  #rateAtMs = 0;
  #rateFrames = 0;
  #rateBytes = 0;
  #framesPerSecond = 0;
  #bitsPerSecond = 0;
  #configs: readonly TrackConfig[] = [];
  #whenOver: (() => void) | undefined;

  constructor(source: StreamSource, doors: StreamDoors, changed: (stream: IngestStream) => void) {
    this.source = source;
    this.#doors = doors;
    this.#changed = changed;
    this.#transport = source.transport === "udp" ? "udp" : "tcp";
    this.#sinceUtcMs = doors.clock.utcMs();
  }

  start(): void {
    this.#redirects = 0;
    this.#connect(undefined);
  }

  watch(on: boolean): void {
    this.#watched = on;
    this.#connection?.setEager(on);
  }

  hold(on: boolean): void {
    this.#held = on;
    this.#connection?.hold(on);
  }

  beat(nowMs: number): void {
    if (nowMs >= this.#nextTryMs) this.start();
    const connection = this.#connection;
    if (connection === undefined) return;
    connection.beat(nowMs);
    if (this.#state === "waiting" && connection.client.receiver?.opened === true) this.#opened(nowMs);
    if (nowMs - this.#rateAtMs >= RATE_MS) this.#measure(nowMs);
  }

  /** Ends for good; resolves when the camera was told, or would not listen. */
  stop(cause: GapCause): Promise<void> {
    this.#nextTryMs = Number.POSITIVE_INFINITY;
    this.#failure = undefined;
    const connection = this.#connection;
    if (connection === undefined) {
      if (this.#state !== "stopped") this.#tellGap(cause);
      this.#enter("stopped");
      return Promise.resolve();
    }
    if (connection.client.receiver?.opened !== true) this.#tellGap(cause);
    return new Promise((settle) => {
      this.#whenOver = settle;
      connection.stop(cause);
    });
  }

  state(): StreamState {
    const counts = this.#counts();
    const waits = this.#state === "backing-off" ? this.#nextTryMs - this.#doors.clock.monotonicMs() : undefined;
    return {
      stream: this.source.stream,
      state: this.#state,
      sinceUtcMs: this.#sinceUtcMs,
      attempts: this.#attempts,
      fault: this.#failure?.code,
      faultDetail: this.#failure?.detail,
      cause: this.#failure?.cause,
      nextTryAtUtcMs: waits === undefined ? undefined : Math.round(this.#doors.clock.utcMs() + Math.max(waits, 0)),
      transport: this.#transport,
      watched: this.#watched,
      configs: this.#connection?.client.receiver?.configs ?? this.#configs,
      packetsTotal: counts.packets,
      bytesTotal: counts.bytes,
      framesTotal: counts.frames,
      packetsLost: counts.lost,
      framesDamaged: counts.damaged,
      framesPerSecond: this.#framesPerSecond,
      bitsPerSecond: this.#bitsPerSecond,
      clockOffsetMs: this.#clock.offsetMs,
      clockDriftMsPerHour: this.#clock.driftMsPerHour,
    };
  }

  #connect(redirect: RtspUrl | undefined): void {
    this.#nextTryMs = Number.POSITIVE_INFINITY;
    const own = parseRtspUrl(this.source.url);
    if (own === undefined) {
      this.#attempts += 1;
      this.#backOff({ code: "bad-input", cause: "unreachable", detail: "the source is not an RTSP URL" });
      return;
    }
    const url = redirect ?? own;
    if (redirect === undefined) this.#attempts += 1;
    const user = this.source.user ?? own.user;
    const password = this.source.user === undefined ? own.password : this.source.password;
    this.#enter("connecting");
    const { sinks } = this.#doors;
    this.#connection = new CameraConnection(
      this.#doors,
      {
        url,
        user,
        password,
        transport: this.#transport,
        tls: this.source.tls,
        audio: this.source.audio,
        basicAllowed: url.host === own.host,
        open: (configs) => sinks.open(this.source.stream, configs),
      },
      this.#watched,
      {
        connected: () => undefined,
        step: (step) => this.#stepped(step),
        clock: (cameraUtcMs) => this.#clock.report(this.#doors.clock.monotonicMs(), cameraUtcMs - this.#doors.clock.utcMs()),
        ended: (end) => this.#ended(end),
      },
    );
    this.#connection.hold(this.#held);
  }

  #stepped(step: RtspStep): void {
    const state = STATE_OF[step];
    if (state !== undefined && state !== this.#state) this.#enter(state);
  }

  #opened(nowMs: number): void {
    this.#playingSinceMs = nowMs;
    this.#failure = undefined;
    this.#toldCause = undefined;
    this.#enter("playing");
  }

  #ended(end: ConnectionEnd): void {
    const connection = this.#connection;
    const wasOpen = this.#state === "playing";
    if (connection !== undefined) {
      this.#before = this.#counts();
      this.#configs = connection.client.receiver?.configs ?? [];
    }
    this.#connection = undefined;
    this.#framesPerSecond = 0;
    this.#bitsPerSecond = 0;
    if (this.#whenOver !== undefined) {
      this.#enter("stopped");
      this.#whenOver();
      return;
    }
    const nowMs = this.#doors.clock.monotonicMs();
    if (nowMs - this.#playingSinceMs >= HEALTHY_MS) {
      this.#failures = 0;
      this.#attempts = 0;
    }
    this.#playingSinceMs = Number.POSITIVE_INFINITY;
    if (end.kind === "redirect") this.#follow(end.url);
    else if (end.kind === "failed") this.#failed(end.failure, wasOpen);
    else this.#failed({ code: "camera-no-data", cause: "no-data", detail: "the session is over" }, wasOpen);
  }

  #follow(location: string): void {
    this.#redirects += 1;
    const url = parseRtspUrl(location);
    if (url === undefined || this.#redirects > REDIRECTS_MAX) {
      this.#backOff({ code: "camera-refused", cause: "refused", detail: `sent on more than ${REDIRECTS_MAX} times` });
    } else this.#connect(url);
  }

  #failed(failure: ConnectionFailure, wasOpen: boolean): void {
    if (wasOpen) this.#toldCause = failure.cause;
    if (failure.code === "camera-transport" && this.source.transport === "auto" && this.#transport === "tcp") {
      this.#transport = "udp";
      this.#connect(undefined);
      return;
    }
    if (this.source.transport === "auto") this.#transport = "tcp";
    this.#backOff(failure);
  }

  #backOff(failure: ConnectionFailure): void {
    this.#failures += 1;
    this.#failure = failure;
    const waitMs = backOffMs(this.#failures, failure.cause, this.#doors.chance.unit());
    this.#nextTryMs = this.#doors.clock.monotonicMs() + waitMs;
    this.#tellGap(failure.cause);
    this.#enter("backing-off");
    const facts = { stream: this.source.stream, code: failure.code, detail: failure.detail, attempts: this.#attempts, againInMs: Math.round(waitMs) };
    if (failure.code === "internal") this.#doors.log.error(facts, "a stream failed by our own mistake");
    else this.#doors.log.warn(facts, "no stream from the camera");
  }

  #tellGap(cause: GapCause): void {
    if (this.#toldCause === cause) return;
    this.#toldCause = cause;
    try {
      this.#doors.sinks.gapBegins(this.source.stream, cause);
    } catch (error) {
      this.#doors.log.error({ stream: this.source.stream, error: String(error) }, "a gap could not be told");
    }
  }

  #counts(): Counts {
    const receiver = this.#connection?.client.receiver;
    if (receiver === undefined) return this.#before;
    const now: Counts = { packets: 0, bytes: 0, frames: 0, lost: 0, damaged: 0 };
    for (const track of receiver.tracks) {
      now.packets += track.receiver.packets;
      now.bytes += track.receiver.bytes;
      now.lost += track.receiver.lost;
      if (track.plan.kind !== "video") continue;
      now.frames += track.depacketiser.samples;
      now.damaged += track.depacketiser.damaged;
    }
    return add(this.#before, now);
  }

  #measure(nowMs: number): void {
    const { frames, bytes } = this.#counts();
    const seconds = (nowMs - this.#rateAtMs) / 1000;
    if (this.#rateAtMs > 0 && seconds < 10) {
      this.#framesPerSecond = (frames - this.#rateFrames) / seconds;
      this.#bitsPerSecond = ((bytes - this.#rateBytes) * 8) / seconds;
    }
    this.#rateAtMs = nowMs;
    this.#rateFrames = frames;
    this.#rateBytes = bytes;
  }

  #enter(state: IngestState): void {
    if (state !== this.#state) this.#sinceUtcMs = this.#doors.clock.utcMs();
    this.#state = state;
    if (state === "playing") this.#doors.log.info({ stream: this.source.stream, transport: this.#transport }, "stream plays");
    this.#changed(this);
  }
}
