import type { Span, StreamId, UtcMs, Viewer } from "./needs.ts";
import { SEAM_MS_MAX } from "./playback.ts";
import type { PlaybackDoors } from "./playback.ts";
import { openSegment } from "./segment.ts";
import { ViewingSession } from "./session.ts";

export interface SpanAsk {
  readonly stream: StreamId;
  readonly span: Span;
}

/** Where a span's file goes. `start` is called once, when the grant is checked, the use is registered and footage is found. */
export interface SpanOut {
  start(): void;
  /** Resolves when more may come. */
  write(bytes: Uint8Array): Promise<void>;
  /** The file is whole. */
  done(): void;
  /** Refused before `start`, or cut off after it. */
  fail(code: string, detail: string): void;
}

/**
 * Writes a span as one fragmented MP4 whose media time 0 is the first picture. Gaps stay gaps in its time line. A span
 * over a change of codec or size ends there with `span-changes-format`: one file cannot hold both.
 */
export async function serveSpan(doors: PlaybackDoors, viewer: Viewer, ask: SpanAsk, out: SpanOut, entered: (session: ViewingSession) => void): Promise<void> {
  let refused = "grant-needed";
  const gate = {
    text: (message: string) => {
      refused = (JSON.parse(message) as { code: string }).code;
    },
    bytes: () => {},
    waitingBytes: () => 0,
    close: () => {},
  };
  const session = await ViewingSession.begin(doors, gate, viewer, "copy", ask.span);
  if (session === undefined) return out.fail(refused, "");
  entered(session);
  try {
    const problem = await writeSpan(doors, session, ask, out);
    session.end(problem === undefined ? "finished" : problem);
    if (problem === undefined) out.done();
    else out.fail(problem, "");
  } catch (error) {
    session.end("client-left");
    throw error;
  }
  return undefined;
}

async function writeSpan(doors: PlaybackDoors, session: ViewingSession, ask: SpanAsk, out: SpanOut): Promise<string | undefined> {
  let cursor = ask.span.from;
  let origin: UtcMs | undefined;
  let initKey = "";
  let cut: string | undefined;
  session.onEnd(() => {
    cut ??= "grant-revoked";
  });
  while (cursor < ask.span.to) {
    const { piece } = await doors.index.next(ask.stream, cursor);
    if (piece === undefined || piece.from >= ask.span.to) break;
    const segment = await openSegment(await doors.files.open(piece.file), piece);
    try {
      if (origin !== undefined && segment.initKey !== initKey) return "span-changes-format";
      let reached = cursor;
      for (const fragment of segment.from(cursor)) {
        if (fragment.utcMs >= Math.min(ask.span.to, piece.until ?? ask.span.to)) break;
        if (cut !== undefined) return cut;
        if (origin === undefined) {
          origin = fragment.utcMs;
          initKey = segment.initKey;
          out.start();
          await out.write(segment.init);
        }
        const bytes = await segment.read(fragment, origin);
        if (bytes !== undefined) {
          await out.write(bytes);
          session.served(fragment.utcMs, fragment.durationMs, bytes.length);
        }
        reached = Math.max(reached, fragment.utcMs + fragment.durationMs);
      }
      cursor = piece.open === true ? Math.max(reached, cursor + SEAM_MS_MAX) : Math.max(piece.until ?? Math.max(reached, piece.to), cursor + 1);
    } finally {
      await segment.close();
    }
  }
  return origin === undefined ? "no-footage" : undefined;
}
