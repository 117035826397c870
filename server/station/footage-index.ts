import type { StreamId, UtcMs } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Disk } from "../ports/index.ts";
import type { TimelineReader } from "../timeline/index.ts";
import type { FootageFiles, FootageIndex, FootagePiece } from "../viewing/index.ts";
import type { OpenPiece } from "./recorder-messages.ts";

/**
 * Where footage is: the index for what is finished, the recorder's own word for the minute in the making. A segment
 * that was just finished and is not indexed yet is still known by its last word as an open one.
 */
export function createFootageIndex(timeline: TimelineReader, root: string, open: (stream: StreamId) => readonly OpenPiece[]): FootageIndex {
  return {
    next: async (stream, at) => {
      const found = await timeline.find(stream, at);
      const gaps = found.kind === "in" || found.gap === undefined ? [] : [{ from: found.gap.startMs, to: found.gap.endMs, cause: found.gap.cause }];
      if (found.kind === "in" || (found.kind === "next" && !open(stream).some((piece) => piece.fromMs < found.segment.startMs))) {
        const { segment } = found;
        // What is being written is of the latest era: where our clock was set back it has the better time.
        const newer = open(stream).filter((piece) => at < piece.toMs && piece.fromMs < segment.endMs && piece.file !== segment.file);
        const held = newer.findLast((piece) => piece.fromMs <= at);
        if (held !== undefined) return { piece: openPiece(root, [held], at), gaps };
        const untilMs = newer.reduce((least, piece) => Math.min(least, piece.fromMs), found.untilMs);
        const piece = { file: joinPath(root, segment.file), from: segment.startMs, to: segment.endMs, bytes: segment.bytes };
        return { piece: untilMs < segment.endMs ? { ...piece, until: untilMs } : piece, gaps };
      }
      return { piece: openPiece(root, open(stream), at), gaps };
    },
  };
}

function openPiece(root: string, pieces: readonly OpenPiece[], at: UtcMs): FootagePiece | undefined {
  const piece = pieces.find((one) => at < one.toMs);
  return piece && { file: joinPath(root, piece.file), from: piece.fromMs, to: piece.toMs, bytes: piece.bytes, open: true };
}

export function createFootageFiles(disk: Disk): FootageFiles {
  return { open: (file) => disk.open(file, "read") };
}
