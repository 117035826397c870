import type { MediaHeader, ServerMessage } from "@mingjian/contract";
import { MEDIA_KIND_INIT } from "@mingjian/contract";
import { retryDelayMs } from "./backoff.ts";
import { frameTimes, readVideoTrack } from "./boxes.ts";
import type { VideoTrack } from "./boxes.ts";
import { MediaBuffer } from "./media-buffer.ts";
import { MediaLink } from "./media-link.ts";
import { nextRangeStart, rangeAt } from "./ranges.ts";
import type { Standing } from "./group-step.ts";

export type PlaybackMode = "all" | "keys";

export interface PlaybackPlayerOptions {
  /** The socket's address with a valid grant. `fresh` asks for a new grant: the last one was not taken. */
  readonly urlFor: (atUtcMs: number, mode: PlaybackMode, fresh: boolean) => Promise<string>;
}

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly cause: string;
}

const HALF_SPAN_MS = 45 * 86_400_000;
/** A hole in the buffer up to so long is stepped over without a word. */
const HOLE_SECONDS_MAX = 0.6;
/** After a seek the playhead counts as being there this close to it. */
const SETTLED_SECONDS = 0.06;
/** The playhead this close to the end of a range counts as having reached it. */
const TAIL_SECONDS = 0.05;
/** Pictures asked for further than this ahead of what is coming are asked for anew. */
const AHEAD_MS_MAX = 15_000;
const KEEP_SECONDS = 30;
const FRAMES_KEPT_MAX = 6000;
const GAPS_KEPT_MAX = 500;
const TRIES_MAX = 8;
/** Ends that mend by themselves. */
const PASSING = new Set(["client-too-slow", "stopping", "recorder-away", "database-away", "register-failed", "too-many", "internal"]);

/** Recorded pictures of one camera. It holds or follows an instant; which one, its group says. */
export class PlaybackPlayer {
  readonly #video: HTMLVideoElement;
  readonly #options: PlaybackPlayerOptions;
  #link: MediaLink | undefined;
  #buffer: MediaBuffer | undefined;
  #track: VideoTrack | undefined;
  #offsetSeconds = 0;
  #frames: number[] = [];
  #gaps: Gap[] = [];
  #endAt: number | undefined;
  #fatal: { readonly code: string; readonly detail: string } | undefined;
  #unsupported: string | undefined;
  #mode: PlaybackMode = "all";
  /** What the open session covers so far: from where it was asked, to where it has sent. */
  #askedFrom: number | undefined;
  #sentTo = 0;
  #started = false;
  #attempt = 0;
  #fresh = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  /** A grant is being asked for; the socket follows. */
  #opening = false;
  /** Since when a picture that was sent is not in the buffer; 0 when it is. */
  #busySince = 0;
  #disposed = false;

  constructor(video: HTMLVideoElement, options: PlaybackPlayerOptions) {
    this.#video = video;
    this.#options = options;
    video.muted = true;
    video.playsInline = true;
    video.addEventListener("error", this.#onVideoError);
  }

  /** The instant of the picture that is shown. */
  utcMs(): number | undefined {
    return this.#buffer === undefined ? undefined : this.#buffer.baseUtcMs + this.#video.currentTime * 1000;
  }

  /** What is known about the picture at `utcMs`. */
  standing(utcMs: number): Standing {
    if (this.#unsupported !== undefined) return { kind: "unsupported", mime: this.#unsupported };
    if (this.#fatal !== undefined) return { kind: "refused", code: this.#fatal.code, detail: this.#fatal.detail };
    const local = this.#local(utcMs);
    const { buffered } = this.#video;
    if (local !== undefined && rangeAt(buffered, local, TAIL_SECONDS) !== undefined) return { kind: "ready" };
    if (local !== undefined) {
      const next = nextRangeStart(buffered, local);
      if (next !== undefined && next - local <= HOLE_SECONDS_MAX) return { kind: "ready" };
    }
    const gap = this.#gaps.find((one) => utcMs >= one.from - HOLE_SECONDS_MAX * 1000 && utcMs < one.to);
    if (gap !== undefined) return { kind: "gap", from: gap.from, to: gap.to, cause: gap.cause };
    if (this.#endAt !== undefined && utcMs >= this.#endAt - HOLE_SECONDS_MAX * 1000) return { kind: "end", at: this.#endAt };
    return { kind: "loading" };
  }

  /** Shows the picture at `utcMs` and stays there. */
  hold(utcMs: number): void {
    if (!this.#video.paused) this.#video.pause();
    this.#want(utcMs);
    const local = this.#local(utcMs);
    if (local === undefined || this.#video.seeking) return;
    const place = this.#placeFor(local);
    if (place !== undefined && Math.abs(this.#video.currentTime - place) > 0.004) this.#video.currentTime = place;
  }

  /**
   * Plays at `rate` near `utcMs`. A leader sets its own pace, a follower is drawn towards the instant, and one that
   * settles must stand there first. True when it stands where it should.
   */
  play(utcMs: number, rate: number, as: "leader" | "follower" | "settling"): boolean {
    this.#want(utcMs);
    const local = this.#local(utcMs);
    if (local === undefined || this.#video.seeking) return false;
    const place = this.#placeFor(local);
    if (place === undefined) return false;
    const aheadSeconds = this.#video.currentTime - place;
    const inPlace = Math.abs(aheadSeconds) <= (as === "settling" ? SETTLED_SECONDS : (as === "leader" ? 1 : 0.25) * Math.max(1, rate));
    if (!inPlace) this.#video.currentTime = place;
    else {
      this.#finishRange(rate);
      this.#stepOverHole();
    }
    const pull = as !== "follower" ? 0 : Math.max(-0.1, Math.min(0.1, -aheadSeconds / 2));
    const wanted = Math.min(16, rate * (1 + pull));
    if (Math.abs(this.#video.playbackRate - wanted) > 0.001) this.#video.playbackRate = wanted;
    if (this.#video.paused && (inPlace || as !== "settling")) this.#video.play().catch(() => undefined);
    return inPlace;
  }

  pause(): void {
    if (!this.#video.paused) this.#video.pause();
  }

  /** All frames, or key frames only for fast play. Pictures in the other mode are asked for anew. */
  setMode(mode: PlaybackMode, utcMs: number): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    if (this.#askedFrom !== undefined) this.#open(utcMs);
  }

  /** The instant of the next (1) or previous (-1) frame from `utcMs`; undefined when it is not buffered. */
  frameFrom(utcMs: number, direction: 1 | -1): number | undefined {
    const base = this.#buffer?.baseUtcMs;
    if (base === undefined) return undefined;
    const local = (utcMs - base) / 1000;
    const shown = this.#frames.findLastIndex((time) => time <= local + 0.0005);
    const next = this.#frames[shown + direction];
    const now = this.#frames[shown];
    if (next === undefined || (now !== undefined && Math.abs(next - now) > 2)) return undefined;
    if (rangeAt(this.#video.buffered, next) === undefined) return undefined;
    // A hair inside the frame, so that rounding never shows its neighbour.
    return base + (next + 0.001) * 1000;
  }

  report(utcMs: number): void {
    this.#link?.send({ type: "position", utcMs });
    this.#buffer?.trim(KEEP_SECONDS);
  }

  /** Tries again after a refusal. */
  again(utcMs: number): void {
    this.#fatal = undefined;
    this.#unsupported = undefined;
    this.#attempt = 0;
    this.#fresh = true;
    this.#open(utcMs);
  }

  dispose(): void {
    this.#disposed = true;
    this.#video.removeEventListener("error", this.#onVideoError);
    this.#drop();
    this.#buffer?.dispose();
    this.#buffer = undefined;
  }

  #local(utcMs: number): number | undefined {
    return this.#buffer === undefined ? undefined : (utcMs - this.#buffer.baseUtcMs) / 1000;
  }

  /** Where the playhead must be for `local`: itself, or behind a small hole. */
  #placeFor(local: number): number | undefined {
    const { buffered } = this.#video;
    if (rangeAt(buffered, local) !== undefined) return local;
    const next = nextRangeStart(buffered, local);
    return next !== undefined && next - local <= HOLE_SECONDS_MAX ? next + 0.001 : undefined;
  }

  /** Fast play starves a little before the end of a range, as decoders want more than one frame ahead: go to the end. */
  #finishRange(rate: number): void {
    if (this.#video.paused || this.#video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const range = rangeAt(this.#video.buffered, this.#video.currentTime);
    if (range === undefined || range.to - this.#video.currentTime > TAIL_SECONDS * (1 + rate)) return;
    this.#video.currentTime = Math.max(this.#video.currentTime, range.to - TAIL_SECONDS / 2);
  }

  #stepOverHole(): void {
    const { buffered, currentTime } = this.#video;
    if (rangeAt(buffered, currentTime, TAIL_SECONDS) !== undefined) return;
    const next = nextRangeStart(buffered, currentTime);
    if (next !== undefined && next - currentTime <= HOLE_SECONDS_MAX) this.#video.currentTime = next + 0.001;
  }

  /** Sees to it that pictures at `utcMs` are here or coming. */
  #want(utcMs: number): void {
    if (this.#fatal !== undefined || this.#unsupported !== undefined || this.#retry !== undefined) return;
    if (this.standing(utcMs).kind !== "loading") {
      this.#busySince = 0;
      return;
    }
    const asked = this.#askedFrom;
    const coming = asked !== undefined && utcMs >= asked - 500 && utcMs <= Math.max(this.#sentTo, asked) + AHEAD_MS_MAX;
    const sentPast = this.#sentTo > utcMs + 1000;
    const lost = coming && sentPast && (this.#trimmed(utcMs) || !this.#bufferBusy());
    if (!coming || lost || (this.#link === undefined && !this.#opening)) this.#open(utcMs);
  }

  #trimmed(utcMs: number): boolean {
    const local = this.#local(utcMs);
    const { buffered } = this.#video;
    return local !== undefined && buffered.length > 0 && local < buffered.start(0) - HOLE_SECONDS_MAX;
  }

  #bufferBusy(): boolean {
    // What was sent shows up in the buffer a moment later; only a lasting hole means that it was thrown away.
    const now = performance.now();
    if (this.#busySince === 0) this.#busySince = now;
    if (now - this.#busySince < 1500) return true;
    this.#busySince = 0;
    return false;
  }

  #open(utcMs: number): void {
    this.#drop();
    const turn = this.#turn;
    this.#askedFrom = utcMs;
    this.#sentTo = utcMs;
    this.#gaps = [];
    this.#frames = [];
    this.#endAt = undefined;
    this.#started = false;
    this.#busySince = 0;
    const base = this.#buffer?.baseUtcMs;
    if (base !== undefined && (utcMs < base + 86_400_000 || utcMs > base + 2 * HALF_SPAN_MS - 86_400_000)) this.#forgetBuffer();
    this.#buffer?.clear();
    this.#opening = true;
    this.#options.urlFor(utcMs, this.#mode, this.#fresh).then(
      (url) => {
        if (this.#disposed || turn !== this.#turn) return;
        this.#opening = false;
        this.#link = new MediaLink(url, {
          onMessage: (message) => this.#onMessage(message),
          onMedia: (header, payload) => this.#onMedia(header, payload),
          onClosed: () => this.#onClosed(),
        });
      },
      (error: unknown) => {
        if (this.#disposed || turn !== this.#turn) return;
        this.#opening = false;
        const code = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "internal";
        if (code === "network" || code === "database-away") this.#onClosed();
        else this.#fatal = { code, detail: error instanceof Error ? error.message : "" };
      },
    );
  }

  #drop(): void {
    this.#turn += 1;
    this.#opening = false;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#link?.close();
    this.#link = undefined;
  }

  #onClosed(): void {
    const reached = this.#sentTo;
    this.#link = undefined;
    this.#attempt += 1;
    if (this.#attempt > TRIES_MAX) {
      this.#fatal = { code: "network", detail: "" };
      return;
    }
    this.#fresh = !this.#started;
    const wait = retryDelayMs(this.#attempt, Math.random());
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#askedFrom = undefined;
      this.#sentTo = reached;
    }, wait);
  }

  #onMessage(message: ServerMessage): void {
    if (message.type === "start") this.#onStart(message);
    else if (message.type === "gap") {
      if (this.#gaps.length < GAPS_KEPT_MAX) this.#gaps.push(message);
      this.#sentTo = Math.max(this.#sentTo, message.to);
    } else if (message.type === "end-of-footage") this.#endAt = message.at;
    else if (message.type === "end") this.#onEnd(message.code, message.detail);
  }

  #onEnd(code: string, detail: string): void {
    this.#drop();
    const renewable = (code === "grant-expired" || code === "grant-needed") && !this.#fresh;
    if (renewable || PASSING.has(code)) {
      this.#onClosed();
      this.#fresh = renewable;
      return;
    }
    if (code === "end-of-footage" || code === "no-footage") {
      this.#endAt ??= this.#sentTo;
      return;
    }
    this.#fatal = { code, detail };
    this.#forgetBuffer();
  }

  #onStart(message: Extract<ServerMessage, { type: "start" }>): void {
    this.#started = true;
    this.#fresh = false;
    if (!MediaSource.isTypeSupported(message.mime)) {
      this.#drop();
      this.#unsupported = message.mime;
      return;
    }
    this.#buffer ??= new MediaBuffer(this.#video, message.origin - HALF_SPAN_MS, (2 * HALF_SPAN_MS) / 1000, {
      onGrown: () => undefined,
      onFailed: () => this.#onVideoError(),
    });
    this.#offsetSeconds = (message.origin - this.#buffer.baseUtcMs) / 1000;
    this.#buffer.start(message.mime, message.origin);
  }

  #onMedia(header: MediaHeader, payload: Uint8Array<ArrayBuffer>): void {
    this.#buffer?.append(payload);
    if (header.kind === MEDIA_KIND_INIT) {
      this.#track = readVideoTrack(payload);
      return;
    }
    this.#attempt = 0;
    // Footage grows while it is watched.
    if (this.#endAt !== undefined && header.utcMs + header.durationMs > this.#endAt) this.#endAt = undefined;
    this.#sentTo = Math.max(this.#sentTo, header.utcMs + header.durationMs);
    if (this.#track === undefined) return;
    for (const time of frameTimes(payload, this.#track)) this.#frames.push(time + this.#offsetSeconds);
    if (this.#frames.length > FRAMES_KEPT_MAX) this.#frames.splice(0, this.#frames.length - FRAMES_KEPT_MAX);
  }

  readonly #onVideoError = (): void => {
    if (this.#disposed || this.#buffer === undefined) return;
    this.#forgetBuffer();
    this.#drop();
    this.#onClosed();
  };

  #forgetBuffer(): void {
    this.#buffer?.dispose();
    this.#buffer = undefined;
    this.#frames = [];
  }
}
