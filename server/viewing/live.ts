import type { LiveEvent, LiveFrames, MediaOut, StreamId, StreamRole, Viewer } from "./needs.ts";
import { ViewingSession } from "./session.ts";
import type { SessionDoors } from "./session.ts";

/** Above this many bytes on the way, frames are left out until the next key frame. */
export const LIVE_WAITING_BYTES_MAX = 4 * 1024 * 1024;
/** A client that stays behind for so long is told so and closed. */
export const LIVE_BEHIND_MS_MAX = 15_000;

export interface LiveDoors extends SessionDoors {
  readonly frames: LiveFrames;
}

/** Serves one stream live until the viewer leaves or the grant ends. Resolves when the session has begun or was refused. */
export async function serveLive(doors: LiveDoors, viewer: Viewer, stream: StreamId, role: StreamRole, out: MediaOut): Promise<ViewingSession | undefined> {
  const session = await ViewingSession.begin(doors, out, viewer, "live", "live");
  if (session === undefined) return undefined;
  const flow = new LiveFlow(doors, session, viewer, role);
  session.onEnd(doors.frames.watch(stream, (event) => flow.take(event)));
  return session;
}

class LiveFlow {
  readonly #doors: LiveDoors;
  readonly #session: ViewingSession;
  readonly #viewer: Viewer;
  readonly #role: StreamRole;
  #behindSince: number | undefined;
  #needsKey = true;

  constructor(doors: LiveDoors, session: ViewingSession, viewer: Viewer, role: StreamRole) {
    this.#doors = doors;
    this.#session = session;
    this.#viewer = viewer;
    this.#role = role;
  }

  take(event: LiveEvent): void {
    if (this.#session.ended) return;
    if (event.kind === "waiting") {
      this.#session.tell({ type: "waiting", state: event.state, fault: event.fault });
    } else if (event.kind === "init") {
      this.#needsKey = true;
      this.#session.tell({
        type: "start",
        session: this.#session.id,
        camera: this.#viewer.camera,
        stream: this.#role,
        mime: event.picture.mime,
        width: event.picture.width,
        height: event.picture.height,
        origin: event.originUtcMs,
        generation: event.generation,
      });
      this.#session.sendInit(event.generation, event.bytes);
    } else if (this.#fits(event.key)) {
      this.#session.sendFragment(event.generation, event.key, event.utcMs, event.durationMs, event.bytes);
    }
  }

  /** Whether this frame goes out: not while the client is behind, and after that only from a key frame on. */
  #fits(key: boolean): boolean {
    if (this.#session.waitingBytes > LIVE_WAITING_BYTES_MAX) {
      const now = this.#doors.clock.monotonicMs();
      this.#behindSince ??= now;
      this.#needsKey = true;
      if (now - this.#behindSince > LIVE_BEHIND_MS_MAX) this.#session.end("client-too-slow");
      return false;
    }
    this.#behindSince = undefined;
    if (this.#needsKey && !key) return false;
    this.#needsKey = false;
    return true;
  }
}
