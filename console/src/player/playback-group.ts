import { groupStep } from "./group-step.ts";
import type { Standing } from "./group-step.ts";
import type { PlaybackPlayer } from "./playback-player.ts";

export const PLAYBACK_RATES = [0.5, 1, 2, 4, 8, 16] as const;
/** From this speed on, key frames only. */
export const KEYS_RATE_MIN = 8;
const TICK_MS = 50;
/** A camera that loads for longer no longer makes the others wait. */
const PATIENCE_MS = 4000;
/** Footage that ends this close to the present goes on: playing waits for it. */
const EDGE_MS = 120_000;
const REPORT_MEDIA_MS = 2000;
const REPORT_MS_MAX = 500;

export interface GroupNotice {
  readonly kind: "skipped" | "end";
  readonly from: number;
  readonly to: number;
  readonly cause: string;
}

export interface GroupView {
  readonly utcMs: number;
  readonly playing: boolean;
  readonly rate: number;
  readonly standings: readonly Standing[];
}

export interface PlaybackGroupEvents {
  readonly onView: (view: GroupView) => void;
  readonly onNotice: (notice: GroupNotice) => void;
}

/** Up to four cameras at one instant: one clock, which the first camera with a picture leads. */
export class PlaybackGroup {
  readonly #events: PlaybackGroupEvents;
  #players: readonly PlaybackPlayer[] = [];
  #loadingSince: number[] = [];
  #utcMs: number;
  #playing = false;
  #rate = 1;
  /** After a seek the clock waits until the leader stands near it. */
  #settled = false;
  #reportedAtMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(utcMs: number, events: PlaybackGroupEvents) {
    this.#utcMs = utcMs;
    this.#events = events;
  }

  start(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get utcMs(): number {
    return this.#utcMs;
  }

  setPlayers(players: readonly PlaybackPlayer[]): void {
    this.#players = players;
    this.#loadingSince = players.map(() => 0);
    for (const player of players) player.setMode(this.#mode(), this.#utcMs);
  }

  seek(utcMs: number): void {
    this.#utcMs = utcMs;
    this.#settled = false;
    this.#loadingSince = this.#players.map(() => 0);
    for (const player of this.#players) player.hold(utcMs);
    this.#show();
  }

  play(): void {
    this.#playing = true;
    this.#tick();
  }

  pause(): void {
    this.#playing = false;
    this.#tick();
  }

  setRate(rate: number): void {
    this.#rate = rate;
    for (const player of this.#players) player.setMode(this.#mode(), this.#utcMs);
    this.#show();
  }

  /** One frame on or back, by the first camera that has one; pauses. Seeks back a little when it is not buffered. */
  stepFrame(direction: 1 | -1): void {
    this.#playing = false;
    for (const player of this.#players) {
      const at = player.frameFrom(this.#utcMs, direction);
      if (at !== undefined) {
        this.seek(at);
        return;
      }
    }
    if (direction === -1) this.seek(this.#utcMs - 1000);
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #mode(): "all" | "keys" {
    return this.#rate >= KEYS_RATE_MIN ? "keys" : "all";
  }

  #standings(): Standing[] {
    return this.#players.map((player) => player.standing(this.#utcMs));
  }

  #patience(standings: readonly Standing[]): boolean[] {
    const now = performance.now();
    return standings.map((one, i) => {
      if (one.kind !== "loading") {
        this.#loadingSince[i] = 0;
        return true;
      }
      const since = this.#loadingSince[i] ?? 0;
      if (since === 0) this.#loadingSince[i] = now;
      return since === 0 || now - since < PATIENCE_MS;
    });
  }

  #tick(): void {
    if (this.#players.length === 0) return;
    if (!this.#playing) {
      for (const player of this.#players) player.hold(this.#utcMs);
      this.#finishTick();
      return;
    }
    const standings = this.#standings();
    const step = groupStep(standings, this.#patience(standings));
    if (step.kind === "run") this.#run(step.leader);
    else if (step.kind === "skip") {
      this.#events.onNotice({ kind: "skipped", from: this.#utcMs, to: step.to, cause: step.cause });
      this.#utcMs = step.to;
      this.#settled = false;
      for (const player of this.#players) player.hold(this.#utcMs);
    } else if (step.kind === "end" && Date.now() - this.#utcMs > EDGE_MS) {
      this.#playing = false;
      this.#events.onNotice({ kind: "end", from: this.#utcMs, to: this.#utcMs, cause: "" });
    } else for (const player of this.#players) player.hold(this.#utcMs);
    this.#finishTick();
  }

  #run(leader: number): void {
    const first = this.#players[leader];
    if (first === undefined) return;
    const at = first.utcMs();
    if (this.#settled && at !== undefined && Math.abs(at - this.#utcMs) < 2000 * Math.max(1, this.#rate)) {
      this.#utcMs = Math.max(this.#utcMs, at);
    }
    const inPlace = first.play(this.#utcMs, this.#rate, this.#settled ? "leader" : "settling");
    if (inPlace) this.#settled = true;
    this.#players.forEach((player, i) => {
      if (i === leader) return;
      if (player.standing(this.#utcMs).kind === "ready") player.play(this.#utcMs, this.#rate, "follower");
      else player.hold(this.#utcMs);
    });
  }

  #finishTick(): void {
    const now = performance.now();
    if (now - this.#reportedAtMs >= Math.min(REPORT_MS_MAX, REPORT_MEDIA_MS / this.#rate)) {
      this.#reportedAtMs = now;
      for (const player of this.#players) player.report(this.#utcMs);
    }
    this.#show();
  }

  #show(): void {
    this.#events.onView({ utcMs: this.#utcMs, playing: this.#playing, rate: this.#rate, standings: this.#standings() });
  }
}
