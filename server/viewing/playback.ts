import { PLAYBACK_WINDOW_MS } from "@mingjian/contract";
import type { ClientMessage } from "@mingjian/contract";
import { isFault } from "@mingjian/vocab";
import type { FootageFiles, FootageIndex, FootagePiece, MediaOut, StreamId, StreamRole, UtcMs, Viewer } from "./needs.ts";
import { openSegment } from "./segment.ts";
import type { OpenSegment } from "./segment.ts";
import { ViewingSession } from "./session.ts";
import type { SessionDoors } from "./session.ts";

/** Between pieces, less than this is the seam of two segments, not a gap to tell. */
export const SEAM_MS_MAX = 1_000;
/** How often the end of footage is looked at again while playback waits there. */
export const FOLLOW_BEAT_MS = 1_000;
/** Above this many bytes on the way, sending waits. */
export const PLAYBACK_WAITING_BYTES_MAX = 8 * 1024 * 1024;
const WAIT_BEAT_MS = 20;
/** A client that says nothing for so long has left. */
export const SILENT_MS_MAX = 120_000;

export interface PlaybackDoors extends SessionDoors {
  readonly index: FootageIndex;
  readonly files: FootageFiles;
}

export interface PlaybackAsk {
  readonly stream: StreamId;
  readonly role: StreamRole;
  readonly at: UtcMs;
  /** `keys`: key frames alone, for fast play. */
  readonly mode: "all" | "keys";
}

export interface RunningPlayback {
  readonly session: ViewingSession;
  /** A message of the client, already parsed and checked. */
  take(message: ClientMessage): void;
  /** Resolves when the session is over. */
  readonly over: Promise<void>;
}

/** Serves recorded footage from an instant on, over segment borders and gaps. */
export async function servePlayback(doors: PlaybackDoors, viewer: Viewer, ask: PlaybackAsk, out: MediaOut): Promise<RunningPlayback | undefined> {
  const session = await ViewingSession.begin(doors, out, viewer, "playback", { from: ask.at, to: ask.at + 1 });
  if (session === undefined) return undefined;
  const flow = new PlaybackFlow(doors, session, viewer, ask);
  const over = flow.run().catch((error: unknown) => {
    doors.log("playback-failed", { session: session.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    session.end(isFault(error) ? error.code : "internal");
  });
  return { session, take: (message) => flow.take(message), over };
}

class PlaybackFlow {
  readonly #doors: PlaybackDoors;
  readonly #session: ViewingSession;
  readonly #viewer: Viewer;
  readonly #ask: PlaybackAsk;
  #position: UtcMs;
  #heardAt: number;
  #paused = false;
  #generation = 0;
  #initKey = "";
  #origin: UtcMs;
  #wake: (() => void) | undefined;

  constructor(doors: PlaybackDoors, session: ViewingSession, viewer: Viewer, ask: PlaybackAsk) {
    this.#doors = doors;
    this.#session = session;
    this.#viewer = viewer;
    this.#ask = ask;
    this.#position = ask.at;
    // Media time may not be negative: the key frame before `at` lies up to a segment earlier.
    this.#origin = ask.at - 120_000;
    this.#heardAt = doors.clock.monotonicMs();
    session.onEnd(() => this.#wake?.());
  }

  take(message: ClientMessage): void {
    this.#heardAt = this.#doors.clock.monotonicMs();
    if (message.type === "position") this.#position = message.utcMs;
    else this.#paused = message.type === "pause";
    this.#wake?.();
  }

  async run(): Promise<void> {
    let cursor = this.#ask.at;
    let told: UtcMs | undefined;
    while (!this.#session.ended) {
      const limit = this.#session.grantSpan?.to ?? Number.POSITIVE_INFINITY;
      const found = cursor < limit ? await this.#doors.index.next(this.#ask.stream, cursor) : { piece: undefined, gaps: [] };
      const piece = found.piece;
      if (piece === undefined || piece.from >= limit) {
        if (told !== cursor) this.#session.tell({ type: "end-of-footage", at: Math.min(cursor, limit) });
        told = cursor;
        await this.#wait(FOLLOW_BEAT_MS);
        continue;
      }
      if (piece.from > cursor + SEAM_MS_MAX) {
        const gap = found.gaps.find((one) => one.from < piece.from && one.to > cursor);
        this.#session.tell({ type: "gap", from: cursor, to: piece.from, cause: gap?.cause ?? "unknown" });
        this.#position = Math.max(this.#position, piece.from);
      }
      const reached = await this.#play(piece, cursor, limit);
      if (reached <= cursor) await this.#wait(FOLLOW_BEAT_MS);
      else cursor = reached;
    }
  }

  /** Sends what `piece` holds from `cursor` on; returns the instant reached. */
  async #play(piece: FootagePiece, cursor: UtcMs, limit: UtcMs): Promise<UtcMs> {
    const segment = await openSegment(await this.#doors.files.open(piece.file), piece);
    let reached = cursor;
    try {
      this.#announce(segment);
      for (const fragment of segment.from(cursor)) {
        if (fragment.utcMs >= limit) return limit;
        if (piece.until !== undefined && fragment.utcMs >= piece.until) return piece.until;
        await this.#room(fragment.utcMs);
        if (this.#session.ended) return reached;
        const bytes = this.#ask.mode === "keys" ? await segment.readKey(fragment, this.#origin) : await segment.read(fragment, this.#origin);
        if (bytes !== undefined) this.#session.sendFragment(this.#generation, fragment.key, fragment.utcMs, fragment.durationMs, bytes);
        reached = Math.max(reached, fragment.utcMs + fragment.durationMs);
      }
      // What the index promises of a finished piece is passed even where the file holds less.
      if (piece.open === true) return reached;
      return piece.until ?? Math.max(reached, piece.to);
    } finally {
      await segment.close();
    }
  }

  #announce(segment: OpenSegment): void {
    if (segment.initKey === this.#initKey) return;
    this.#initKey = segment.initKey;
    this.#generation += 1;
    this.#session.tell({
      type: "start",
      session: this.#session.id,
      camera: this.#viewer.camera,
      stream: this.#ask.role,
      mime: segment.picture.mime,
      width: segment.picture.width,
      height: segment.picture.height,
      origin: this.#origin,
      generation: this.#generation,
    });
    this.#session.sendInit(this.#generation, segment.init);
  }

  /** Waits until the client is near enough and takes what was sent. */
  async #room(utcMs: UtcMs): Promise<void> {
    const windowMs = this.#ask.mode === "keys" ? PLAYBACK_WINDOW_MS * 16 : PLAYBACK_WINDOW_MS;
    while (!this.#session.ended) {
      const behind = this.#session.waitingBytes > PLAYBACK_WAITING_BYTES_MAX;
      if (!behind && !this.#paused && utcMs <= this.#position + windowMs) return;
      if (this.#doors.clock.monotonicMs() - this.#heardAt > SILENT_MS_MAX) this.#session.end("client-too-slow");
      else await this.#wait(behind ? WAIT_BEAT_MS : FOLLOW_BEAT_MS);
    }
  }

  #wait(forMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        alarm.cancel();
        this.#wake = undefined;
        resolve();
      };
      const alarm = this.#doors.clock.after(forMs, done);
      this.#wake = done;
    });
  }
}
