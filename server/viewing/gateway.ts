import type { UserId } from "@mingjian/vocab";
import { LiveHub } from "./live-hub.ts";
import { serveLive } from "./live.ts";
import type { LiveFrames, MediaOut, StreamId, StreamRole, Viewer } from "./needs.ts";
import { servePlayback } from "./playback.ts";
import type { PlaybackAsk, PlaybackDoors, RunningPlayback } from "./playback.ts";
import type { ViewingSession } from "./session.ts";
import { serveSpan } from "./span-file.ts";
import type { SpanAsk, SpanOut } from "./span-file.ts";

export const SESSIONS_MAX = 2_000;
/** Pictures one person may have running at once: four walls of sixteen. */
export const SESSIONS_PER_USER_MAX = 64;

export interface GatewayDoors extends PlaybackDoors {
  readonly frames: LiveFrames;
}

/** The only way pictures leave: every call checks a grant and writes the register first. */
export interface Gateway {
  live(viewer: Viewer, stream: StreamId, role: StreamRole, out: MediaOut): Promise<ViewingSession | undefined>;
  playback(viewer: Viewer, ask: PlaybackAsk, out: MediaOut): Promise<RunningPlayback | undefined>;
  /** A span into one file; resolves when it is over. The result tells whether a byte was sent. */
  span(viewer: Viewer, ask: SpanAsk, out: SpanOut): Promise<void>;
  readonly running: number;
  readonly watchedStreams: number;
  endOf(user: UserId, code: string): void;
  endAll(code: string): void;
}

export function createGateway(doors: GatewayDoors): Gateway {
  const hub = new LiveHub(doors.frames);
  const running = new Map<ViewingSession, UserId>();

  const enter = (viewer: Viewer, session: ViewingSession | undefined): void => {
    if (session === undefined || session.ended) return;
    running.set(session, viewer.user);
    session.onEnd(() => running.delete(session));
  };
  const full = (viewer: Viewer, out: MediaOut): boolean => {
    let own = 0;
    for (const user of running.values()) if (user === viewer.user) own += 1;
    if (running.size < SESSIONS_MAX && own < SESSIONS_PER_USER_MAX) return false;
    out.text(JSON.stringify({ type: "end", code: "too-many", detail: "" }));
    out.close();
    return true;
  };

  return {
    live: async (viewer, stream, role, out) => {
      if (full(viewer, out)) return undefined;
      const session = await serveLive({ ...doors, frames: hub }, viewer, stream, role, out);
      enter(viewer, session);
      return session;
    },
    playback: async (viewer, ask, out) => {
      if (full(viewer, out)) return undefined;
      const playback = await servePlayback(doors, viewer, ask, out);
      enter(viewer, playback?.session);
      return playback;
    },
    span: (viewer, ask, out) => serveSpan(doors, viewer, ask, out, (session) => enter(viewer, session)),
    get running() {
      return running.size;
    },
    get watchedStreams() {
      return hub.watched;
    },
    endOf: (user, code) => {
      for (const [session, owner] of [...running]) if (owner === user) session.end(code);
    },
    endAll: (code) => {
      for (const session of [...running.keys()]) session.end(code);
    },
  };
}
