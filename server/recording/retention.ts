import type { StreamId, UtcMs } from "@mingjian/vocab";
import { isFault } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Clock, Disk, Hash } from "../ports/index.ts";
import { chainFiles, readChainFile } from "./chain.ts";
import type { Keeping, RecordingLog, RetentionRule } from "./needs.ts";
import type { StreamRecorder } from "./stream.ts";
import type { SegmentEntry } from "./stream-store.ts";

/** Deletions entered in the chain at once, before any of their files goes. */
export const DELETION_BATCH_MAX = 64;

export interface RetentionReport {
  readonly deletedSegments: number;
  readonly deletedBytes: number;
  /** Due but under a hold, or inside the minimum period. */
  readonly keptSegments: number;
  /** Streams whose run failed; tried again next time. */
  readonly failed: readonly StreamId[];
}

export interface RetentionPlan {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly log: RecordingLog;
  readonly root: string;
  readonly rule: RetentionRule;
}

/** Both bounds and the hold: due from `deleteFrom` on, never before `keepUntil`, never while held. */
export function mayDelete(keeping: Keeping, now: UtcMs): "delete" | "keep" | "not-due" {
  if (keeping.deleteFrom === null || now < keeping.deleteFrom) return "not-due";
  return keeping.held || now < keeping.keepUntil ? "keep" : "delete";
}

/** Deletes what is past its period, stream by stream, oldest first (docs/design/recording.md, "Deletion"). */
export async function runRetention(plan: RetentionPlan, streams: Iterable<StreamRecorder>): Promise<RetentionReport> {
  let deletedSegments = 0;
  let deletedBytes = 0;
  let keptSegments = 0;
  const failed: StreamId[] = [];
  for (const recorder of streams) {
    try {
      const { due, kept } = await dueSegments(plan, recorder.stream);
      keptSegments += kept;
      for (let at = 0; at < due.length; at += DELETION_BATCH_MAX) {
        const batch = due.slice(at, at + DELETION_BATCH_MAX);
        await recorder.between(() => deleteBatch(plan, recorder, batch));
        deletedSegments += batch.length;
        for (const one of batch) deletedBytes += one.bytes;
      }
    } catch (error) {
      failed.push(recorder.stream);
      plan.log.error({ stream: recorder.stream, detail: isFault(error) ? error.message : String(error) }, "deletion did not finish; it is tried again");
    }
  }
  return { deletedSegments, deletedBytes, keptSegments, failed };
}

/** Segments of a stream that are due and whose files are there. */
async function dueSegments(plan: RetentionPlan, stream: StreamId): Promise<{ due: SegmentEntry[]; kept: number }> {
  const { disk, root, hash, rule } = plan;
  const now = plan.clock.utcMs();
  const due: SegmentEntry[] = [];
  const deleted = new Set<number>();
  const kept: number[] = [];
  for (const { path } of await chainFiles(disk, root, stream)) {
    const { entries } = await readChainFile(disk, path, hash);
    for (const entry of entries) {
      if (entry.kind === "deletion") deleted.add(entry.segmentSeq);
      if (entry.kind !== "segment") continue;
      const verdict = mayDelete(rule(stream, { startMs: entry.startMs, endMs: entry.endMs }), now);
      if (verdict === "keep") kept.push(entry.seq);
      else if (verdict === "delete") due.push(entry);
    }
  }
  return { due: due.filter((entry) => !deleted.has(entry.seq)), kept: kept.filter((seq) => !deleted.has(seq)).length };
}

/** Steps of docs/design/recording.md, "Deletion": a crash between them leaves files that start-up removes. */
async function deleteBatch(plan: RetentionPlan, recorder: StreamRecorder, batch: readonly SegmentEntry[]): Promise<void> {
  const { disk, root } = plan;
  await recorder.enterDeletions(batch, "period-over");
  const folders = new Set<string>();
  for (const { file } of batch) {
    await removeIfThere(disk, joinPath(root, file));
    folders.add(joinPath(root, file.slice(0, file.lastIndexOf("/"))));
  }
  for (const folder of folders) {
    await disk.syncFolder(folder);
    if ((await disk.list(folder)).length === 0) await disk.removeFolder(folder);
  }
}

export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  if ((await disk.fileSize(path)) !== undefined) await disk.remove(path);
}
