import type { MediaHeader, ServerMessage } from "@mingjian/contract";
import { MEDIA_KIND_FRAGMENT } from "@mingjian/contract";
import { retryDelayMs } from "./backoff.ts";
import { afterStall, controlLatency, startLatency } from "./latency.ts";
import { MediaBuffer } from "./media-buffer.ts";
import { MediaLink } from "./media-link.ts";
import { bufferedEnd } from "./ranges.ts";

/** What a live picture is doing, for the words over it. */
export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "playing" }
  /** The camera sends nothing; `state` is its state, `fault` why. */
  | { readonly kind: "waiting"; readonly state: string; readonly fault: string | null }
  /** No frame for longer than DELAYED_MS, or pictures arrive late. */
  | { readonly kind: "delayed"; readonly delayMs: number; readonly frozen: boolean }
  /** `code`: why the last session ended, when it is known. */
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly code: string | undefined }
  /** The tab was hidden for long: the picture is let go until somebody looks again. */
  | { readonly kind: "hidden" }
  | { readonly kind: "unsupported"; readonly mime: string }
  /** Ended by the server for a reason that does not mend by itself. */
  | { readonly kind: "ended"; readonly code: string; readonly detail: string };

export interface LivePlayerOptions {
  /** The socket's address with a valid grant. `fresh` asks for a new grant: the last one was not taken. */
  readonly urlFor: (fresh: boolean) => Promise<string>;
  readonly onState: (state: LiveState) => void;
}

/** No frame for so long is told to the viewer. */
const DELAYED_MS = 2500;
/** No message for so long: the connection is taken for dead. */
const SILENT_MS = 12_000;
const HIDDEN_MS = 60_000;
const TICK_MS = 250;
const KEEP_SECONDS = 8;
/** Ends that mend by themselves: tried again, with a new grant where the old one was the cause. */
const PASSING = new Set(["client-too-slow", "stopping", "recorder-away", "database-away", "register-failed", "too-many", "internal", "network"]);
const RENEWABLE = new Set(["grant-expired", "grant-needed"]);
/** Room before the first session's origin, should a later session count from an earlier one. */
const BASE_ROOM_MS = 3_600_000;

export class LivePlayer {
  readonly #video: HTMLVideoElement;
  readonly #options: LivePlayerOptions;
  #link: MediaLink | undefined;
  #buffer: MediaBuffer | undefined;
  #state: LiveState = { kind: "connecting" };
  #latency = startLatency(performance.now());
  #attempt = 0;
  #started = false;
  #fresh = false;
  #placed = false;
  #frameMs = 40;
  #lastFrameUtcMs = 0;
  #frameAtMs = 0;
  #messageAtMs = 0;
  /** Least seen difference between our clock and the frames' time: the clocks' offset and the way's length. */
  #leastAgeMs = Number.POSITIVE_INFINITY;
  #tick: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;
  /** Which connection is current: answers for an earlier one are ignored. */
  #turn = 0;

  constructor(video: HTMLVideoElement, options: LivePlayerOptions) {
    this.#video = video;
    this.#options = options;
    video.muted = true;
    video.playsInline = true;
    video.addEventListener("waiting", this.#onStall);
    video.addEventListener("error", this.#onVideoError);
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    this.#connect();
  }

  /** UTC milliseconds of the picture that is shown; undefined before the first. */
  shownUtcMs(): number | undefined {
    return this.#buffer === undefined || !this.#placed ? undefined : this.#buffer.baseUtcMs + this.#video.currentTime * 1000;
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#tick);
    clearTimeout(this.#retry);
    clearTimeout(this.#hiddenTimer);
    this.#video.removeEventListener("waiting", this.#onStall);
    this.#video.removeEventListener("error", this.#onVideoError);
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.#drop();
    this.#buffer?.dispose();
    this.#buffer = undefined;
  }

  #connect(): void {
    this.#drop();
    const turn = this.#turn;
    this.#started = false;
    this.#messageAtMs = performance.now();
    this.#options.urlFor(this.#fresh).then(
      (url) => {
        if (this.#disposed || turn !== this.#turn) return;
        this.#messageAtMs = performance.now();
        this.#link = new MediaLink(url, {
          onMessage: (message) => this.#onMessage(message),
          onMedia: (header, payload) => this.#onMedia(header, payload),
          onClosed: () => this.#again(!this.#started),
        });
      },
      (error: unknown) => {
        if (this.#disposed || turn !== this.#turn) return;
        const refusal = refusalOf(error);
        if (refusal === undefined || PASSING.has(refusal.code)) this.#again(false, refusal?.code);
        else this.#set({ kind: "ended", ...refusal });
      },
    );
  }

  #drop(): void {
    this.#turn += 1;
    this.#link?.close();
    this.#link = undefined;
  }

  #again(fresh: boolean, code?: string): void {
    if (this.#disposed) return;
    this.#drop();
    this.#fresh = fresh;
    this.#attempt += 1;
    this.#set({ kind: "reconnecting", attempt: this.#attempt, code });
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), retryDelayMs(this.#attempt, Math.random()));
  }

  #onMessage(message: ServerMessage): void {
    this.#messageAtMs = performance.now();
    if (message.type === "start") this.#onStart(message);
    else if (message.type === "waiting") this.#set({ kind: "waiting", state: message.state, fault: message.fault });
    else if (message.type === "end") this.#onEnd(message.code, message.detail);
  }

  #onStart(message: Extract<ServerMessage, { type: "start" }>): void {
    this.#started = true;
    this.#fresh = false;
    if (!MediaSource.isTypeSupported(message.mime)) {
      this.#drop();
      this.#set({ kind: "unsupported", mime: message.mime });
      return;
    }
    if (this.#buffer === undefined) {
      this.#placed = false;
      this.#buffer = new MediaBuffer(this.#video, message.origin - BASE_ROOM_MS, undefined, {
        onGrown: () => this.#follow(),
        onFailed: () => this.#rebuild(),
      });
    }
    this.#buffer.start(message.mime, message.origin);
  }

  #onEnd(code: string, detail: string): void {
    const renewable = RENEWABLE.has(code) && !(this.#fresh && code === "grant-needed");
    if (renewable || PASSING.has(code)) {
      this.#again(renewable, code);
      return;
    }
    this.#drop();
    this.#buffer?.dispose();
    this.#buffer = undefined;
    this.#set({ kind: "ended", code, detail });
  }

  #onMedia(header: MediaHeader, payload: Uint8Array<ArrayBuffer>): void {
    const now = performance.now();
    this.#messageAtMs = now;
    this.#buffer?.append(payload);
    if (header.kind !== MEDIA_KIND_FRAGMENT) return;
    const age = Date.now() - header.utcMs;
    // The group of pictures sent at the start is old by nature; only pictures in their time count.
    this.#leastAgeMs = Math.min(this.#leastAgeMs, age);
    if (header.durationMs > 0 && header.durationMs < 1000) this.#frameMs += (header.durationMs - this.#frameMs) * 0.1;
    this.#lastFrameUtcMs = header.utcMs;
    this.#frameAtMs = now;
    this.#attempt = 0;
  }

  /** Keeps the playhead close to the newest frame. */
  #follow(): void {
    const end = bufferedEnd(this.#video.buffered);
    if (end === undefined || this.#buffer === undefined) return;
    const now = performance.now();
    const behindMs = (end - this.#video.currentTime) * 1000;
    const step = controlLatency(this.#latency, behindMs, this.#frameMs, now);
    this.#latency = step.state;
    if (!this.#placed || step.jump || behindMs < -1000) {
      this.#placed = true;
      this.#video.currentTime = Math.max(0, end - step.state.aimMs / 1000);
      this.#video.playbackRate = 1;
    } else if (this.#video.playbackRate !== step.rate) this.#video.playbackRate = step.rate;
    if (this.#video.paused) this.#video.play().catch(() => undefined);
    this.#buffer.trim(KEEP_SECONDS);
  }

  #onTick(): void {
    const kind = this.#state.kind;
    if (this.#link === undefined || kind === "ended" || kind === "unsupported") return;
    const now = performance.now();
    if (now - this.#messageAtMs > SILENT_MS) {
      this.#again(false);
      return;
    }
    if (!this.#placed || this.#frameAtMs === 0) return;
    const silentMs = now - this.#frameAtMs;
    const lateMs = Date.now() - this.#lastFrameUtcMs - this.#leastAgeMs;
    if (silentMs > DELAYED_MS) {
      if (kind !== "waiting") this.#set({ kind: "delayed", delayMs: Math.round(silentMs), frozen: true });
    } else if (lateMs > DELAYED_MS + silentMs) this.#set({ kind: "delayed", delayMs: Math.round(lateMs), frozen: false });
    else this.#set({ kind: "playing" });
  }

  readonly #onStall = (): void => {
    if (this.#placed && this.#state.kind === "playing") this.#latency = afterStall(this.#latency, performance.now());
  };

  readonly #onVideoError = (): void => {
    if (this.#video.error !== null && this.#buffer !== undefined) this.#rebuild();
  };

  /** The browser's buffer or decoder failed: begin with new ones. */
  #rebuild(): void {
    this.#buffer?.dispose();
    this.#buffer = undefined;
    this.#placed = false;
    this.#again(false);
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.visibilityState === "hidden") {
      this.#hiddenTimer = setTimeout(() => {
        if (this.#state.kind === "ended" || this.#state.kind === "unsupported") return;
        clearTimeout(this.#retry);
        this.#drop();
        this.#set({ kind: "hidden" });
      }, HIDDEN_MS);
    } else if (this.#state.kind === "hidden") {
      this.#set({ kind: "connecting" });
      this.#connect();
    } else this.#follow();
  };

  #set(state: LiveState): void {
    const old = this.#state;
    this.#state = state;
    if (old.kind === "playing" && state.kind === "playing") return;
    this.#options.onState(state);
  }
}

/** A refusal that another try does not mend: the answer of the grant desk, as `code` and `detail`. */
function refusalOf(error: unknown): { code: string; detail: string } | undefined {
  if (typeof error !== "object" || error === null || !("code" in error) || typeof error.code !== "string") return undefined;
  return { code: error.code, detail: error instanceof Error ? error.message : "" };
}
