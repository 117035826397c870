/** Bytes that may wait for the browser's buffer before the player gives up and starts anew. */
const WAITING_BYTES_MAX = 48 * 1024 * 1024;
/** Appended in one call at most, so that a long queue does not make one long pause. */
const APPEND_BYTES_MAX = 2 * 1024 * 1024;

type Step =
  | { readonly kind: "start"; readonly mime: string; readonly offsetSeconds: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "remove"; readonly from: number; readonly to: number };

export interface MediaBufferEvents {
  /** After bytes were taken in. */
  readonly onGrown: () => void;
  /** The buffer is of no more use; the player makes a new one. */
  readonly onFailed: (reason: string) => void;
}

/**
 * A MediaSource with one SourceBuffer behind a queue. Media time 0 of the video element is `baseUtcMs`,
 * whatever origin each session counts from, so that one element shows any instant and keeps its last picture
 * between sessions.
 */
export class MediaBuffer {
  readonly baseUtcMs: number;
  readonly #video: HTMLVideoElement;
  readonly #events: MediaBufferEvents;
  readonly #source = new MediaSource();
  readonly #url: string;
  readonly #durationSeconds: number | undefined;
  #buffer: SourceBuffer | undefined;
  #mime = "";
  #steps: Step[] = [];
  #waitingBytes = 0;
  #dead = false;

  constructor(video: HTMLVideoElement, baseUtcMs: number, durationSeconds: number | undefined, events: MediaBufferEvents) {
    this.#video = video;
    this.baseUtcMs = baseUtcMs;
    this.#events = events;
    this.#durationSeconds = durationSeconds;
    this.#url = URL.createObjectURL(this.#source);
    this.#source.addEventListener("sourceopen", () => {
      this.#pump();
    });
    video.src = this.#url;
    // For whoever measures: UTC of a picture = this + currentTime.
    video.dataset["baseUtc"] = String(baseUtcMs);
  }

  /** Bytes that follow are of type `mime` and count from `originUtcMs`. */
  start(mime: string, originUtcMs: number): void {
    this.#push({ kind: "start", mime, offsetSeconds: (originUtcMs - this.baseUtcMs) / 1000 });
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > WAITING_BYTES_MAX) this.#fail("queue");
    else this.#push({ kind: "bytes", bytes });
  }

  /** Forgets everything buffered and everything waiting. */
  clear(): void {
    this.#steps = [];
    this.#waitingBytes = 0;
    if (this.#buffer !== undefined) this.#push({ kind: "remove", from: 0, to: Number.POSITIVE_INFINITY });
  }

  /** Frees what lies more than `keepSeconds` before the playhead. */
  trim(keepSeconds: number): void {
    const { buffered, currentTime } = this.#video;
    if (buffered.length === 0 || buffered.start(0) > currentTime - 2 * keepSeconds) return;
    if (this.#steps.some((step) => step.kind === "remove")) return;
    this.#push({ kind: "remove", from: 0, to: currentTime - keepSeconds });
  }

  dispose(): void {
    this.#dead = true;
    this.#steps = [];
    this.#video.removeAttribute("src");
    this.#video.load();
    URL.revokeObjectURL(this.#url);
  }

  #push(step: Step): void {
    if (this.#dead) return;
    this.#steps.push(step);
    this.#pump();
  }

  #pump(): void {
    while (!this.#dead && this.#source.readyState === "open" && this.#buffer?.updating !== true) {
      const step = this.#steps.shift();
      if (step === undefined) return;
      try {
        this.#take(step);
      } catch (error) {
        if (error instanceof DOMException && error.name === "QuotaExceededError" && this.#makeRoom(step)) continue;
        this.#fail(error instanceof Error ? error.message : String(error));
        return;
      }
    }
  }

  #take(step: Step): void {
    if (step.kind === "start") this.#startType(step.mime, step.offsetSeconds);
    else if (step.kind === "remove") {
      if (this.#buffer !== undefined && step.to > step.from) this.#buffer.remove(step.from, step.to);
    } else this.#appendFrom(step.bytes);
  }

  #startType(mime: string, offsetSeconds: number): void {
    if (this.#buffer === undefined) {
      if (this.#durationSeconds !== undefined) this.#source.duration = this.#durationSeconds;
      this.#buffer = this.#source.addSourceBuffer(mime);
      this.#buffer.mode = "segments";
      this.#buffer.addEventListener("updateend", () => {
        if (this.#dead) return;
        this.#events.onGrown();
        this.#pump();
      });
      this.#buffer.addEventListener("error", () => this.#fail("append"));
    } else {
      this.#buffer.abort();
      if (mime !== this.#mime) this.#buffer.changeType(mime);
    }
    this.#mime = mime;
    this.#buffer.timestampOffset = offsetSeconds;
  }

  #appendFrom(first: Uint8Array<ArrayBuffer>): void {
    if (this.#buffer === undefined) {
      this.#waitingBytes -= first.length;
      return;
    }
    let total = first.length;
    let count = 0;
    while (count < this.#steps.length) {
      const next = this.#steps[count];
      if (next?.kind !== "bytes" || total + next.bytes.length > APPEND_BYTES_MAX) break;
      total += next.bytes.length;
      count += 1;
    }
    if (count === 0) this.#buffer.appendBuffer(first);
    else {
      const joined = new Uint8Array(total);
      joined.set(first);
      let at = first.length;
      for (const step of this.#steps.slice(0, count)) {
        if (step.kind !== "bytes") continue;
        joined.set(step.bytes, at);
        at += step.bytes.length;
      }
      this.#buffer.appendBuffer(joined);
      this.#steps.splice(0, count);
    }
    this.#waitingBytes -= total;
  }

  /** The browser's buffer is full: frees what was already shown and tries the step again. */
  #makeRoom(step: Step): boolean {
    const { buffered, currentTime } = this.#video;
    if (this.#buffer === undefined || buffered.length === 0 || buffered.start(0) >= currentTime - 1) return false;
    this.#steps.unshift(step);
    this.#buffer.remove(0, currentTime - 0.5);
    return true;
  }

  #fail(reason: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#steps = [];
    this.#events.onFailed(reason);
  }
}
