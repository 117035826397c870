import type { ChainEntry, Chains } from "../timeline/index.ts";
import { sha256 } from "../ports/index.ts";
import type { Disk } from "../ports/index.ts";
import { readChain } from "../recording/index.ts";
import type { ChainEntry as RecordedEntry } from "../recording/index.ts";
import type { StreamId } from "@mingjian/vocab";

/** The recorder's chains as the index reads them. */
export function chainsOf(disk: Disk, root: string): Chains {
  return {
    async *readChain(stream, fromSeq) {
      for await (const entry of readChain(disk, root, sha256, stream, fromSeq)) yield translate(stream, entry);
    },
  };
}

function translate(stream: StreamId, entry: RecordedEntry): ChainEntry {
  const { seq } = entry;
  switch (entry.kind) {
    case "segment":
      return {
        seq,
        stream,
        kind: "segment",
        startMs: entry.startMs,
        endMs: entry.endMs,
        file: entry.file,
        bytes: entry.bytes,
        digest: entry.digest,
        continues: entry.continues,
        era: entry.era,
      };
    case "gap":
      return { seq, stream, kind: "gap", startMs: entry.startMs, endMs: entry.endMs, cause: entry.cause };
    case "deletion":
      return { seq, stream, kind: "deletion", segmentSeq: entry.segmentSeq, atMs: entry.atMs, reason: entry.reason };
    case "clock":
    case "mend":
      return { seq, stream, kind: "other", cuts: entry.kind === "clock" };
  }
}
