import { Fault } from "@mingjian/vocab";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Clock, Disk, Hash } from "../ports/index.ts";
import type { ChainEntry } from "./chain-format.ts";
import { ChainWriter, readWhole } from "./chain.ts";
import { FORMAT_FILE, FORMAT_VERSION, dayFolders, dayName, segmentNumber, streamFolder } from "./layout.ts";
import { mendSegment } from "./mend-segment.ts";
import type { RecordingLog } from "./needs.ts";
import type { StreamStart } from "./stream-store.ts";

export interface StartPlan {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly hash: Hash;
  readonly log: RecordingLog;
  readonly root: string;
}

/**
 * Makes or checks the folder's format mark.
 * @throws Fault `data-folder-newer` when a newer version wrote here
 */
export async function checkFormat(disk: Disk, root: string): Promise<void> {
  await disk.makeFolder(root);
  const path = joinPath(root, FORMAT_FILE);
  if ((await disk.fileSize(path)) === undefined) {
    const part = `${path}.part`;
    if ((await disk.fileSize(part)) !== undefined) await disk.remove(part);
    const file = await disk.create(part);
    await file.writev([new TextEncoder().encode(`{"format":${FORMAT_VERSION}}\n`)], 0);
    await file.sync();
    await file.close();
    await disk.rename(part, path);
    await disk.syncFolder(root);
    return;
  }
  await refuseNewer(disk, root);
}

/**
 * A folder without a mark is taken for what this version writes.
 * @throws Fault `data-folder-newer`
 */
export async function refuseNewer(disk: Disk, root: string): Promise<void> {
  const path = joinPath(root, FORMAT_FILE);
  if ((await disk.fileSize(path)) === undefined) return;
  const text = new TextDecoder().decode(await readWhole(disk, path));
  const found = Number(/"format":(\d+)/.exec(text)?.[1] ?? "NaN");
  if (found === FORMAT_VERSION) return;
  throw new Fault("data-folder-newer", `${path} says format ${found}; this version knows ${FORMAT_VERSION}`, { path, found, known: FORMAT_VERSION });
}

/** Days whose folders may hold segments that are not in the chain yet. */
async function recentFiles(plan: StartPlan, stream: StreamId, recent: readonly ChainEntry[]): Promise<string[]> {
  let firstDay = "";
  const last = recent.findLast((entry) => entry.kind === "segment");
  if (last?.kind === "segment") {
    const after = recent.filter((entry) => entry.seq > last.seq && entry.kind === "clock");
    firstDay = [dayName(last.startMs), ...after.map((entry) => dayName(entry.kind === "clock" ? entry.toMs : entry.atMs))].sort()[0] ?? "";
  }
  const files: string[] = [];
  for (const day of await dayFolders(plan.disk, plan.root, stream)) {
    if (day < firstDay) continue;
    const folder = `${streamFolder(stream)}/${day}`;
    for (const name of await plan.disk.list(joinPath(plan.root, folder))) if (segmentNumber(name) !== undefined) files.push(`${folder}/${name}`);
  }
  return files;
}

/** Numbers of segments that the chain's last file knows. */
function knownNumbers(recent: readonly ChainEntry[]): { known: Set<number>; lastNumber: number } {
  const known = new Set<number>();
  for (const entry of recent) if (entry.kind === "segment" || (entry.kind === "mend" && entry.file !== "")) known.add(segmentNumber(entry.file) ?? 0);
  return { known, lastNumber: Math.max(0, ...known) };
}

/**
 * Brings one stream's chain and files into agreement (docs/design/recording.md, "Start-up"): a torn chain end is
 * cut off, segments missing from the chain are finished and entered, deletions begun are finished, entries whose
 * file is missing are entered as damage.
 */
export async function startStream(plan: StartPlan, stream: StreamId): Promise<StreamStart> {
  const { disk, clock, hash, root, log } = plan;
  const { chain, recent, cutBytes } = await ChainWriter.open({ disk, root, hash, stream });
  const entered: ChainEntry[] = [];
  if (cutBytes > 0) entered.push(chain.add({ kind: "mend", what: "chain-tail", file: "", bytes: cutBytes }, clock.utcMs()));
  await checkRecent(plan, recent, (facts) => entered.push(chain.add(facts, clock.utcMs())));
  const { known, lastNumber } = knownNumbers(recent);
  const files = await recentFiles(plan, stream, recent);
  const era = eraOf(recent);
  let highest = lastNumber;
  let storedBytes = storedIn(recent);
  const missing = files.map((file) => ({ file, number: segmentNumber(file) ?? 0 })).filter((one) => !known.has(one.number) && one.number > lastNumber);
  for (const { file, number } of missing.sort((a, b) => a.number - b.number)) {
    const facts = await mendSegment(disk, hash, root, file);
    if (facts.kind === "segment") storedBytes += facts.bytes;
    entered.push(chain.add(facts.kind === "segment" ? { ...facts, era, totalBytes: storedBytes } : facts, clock.utcMs()));
    highest = Math.max(highest, number);
    log.warn({ stream, file, found: facts.kind === "segment" ? facts.fragments : 0 }, "a segment the chain did not know was entered");
  }
  await chain.flush();
  return { stream, chain, lastEndMs: lastEnd([...recent, ...entered]), era, storedBytes, nextNumber: highest + 1 };
}

function storedIn(recent: readonly ChainEntry[]): number {
  const last = recent.findLast((entry) => entry.kind === "segment" || entry.kind === "deletion");
  return last?.kind === "segment" || last?.kind === "deletion" ? last.totalBytes : 0;
}

function eraOf(recent: readonly ChainEntry[]): number {
  const last = recent.findLast((entry) => entry.kind === "segment" || entry.kind === "gap" || entry.kind === "clock");
  return last !== undefined && "era" in last ? last.era : 0;
}

function lastEnd(entries: readonly ChainEntry[]): UtcMs | undefined {
  const last = entries.findLast((entry) => entry.kind === "segment" || entry.kind === "gap");
  return last?.kind === "segment" || last?.kind === "gap" ? last.endMs : undefined;
}

/** Files of the chain's newest entries: deletions are finished, missing and shortened files reported once. */
async function checkRecent(
  plan: StartPlan,
  recent: readonly ChainEntry[],
  enter: (facts: { kind: "mend"; what: "file-missing" | "file-changed"; file: string; bytes: number }) => void,
): Promise<void> {
  const { disk, root, log } = plan;
  const deleted = new Set(recent.flatMap((entry) => (entry.kind === "deletion" ? [entry.file] : [])));
  const reported = new Set(recent.flatMap((entry) => (entry.kind === "mend" ? [entry.file] : [])));
  for (const file of deleted) if ((await disk.fileSize(joinPath(root, file))) !== undefined) await disk.remove(joinPath(root, file));
  for (const entry of recent) {
    if (entry.kind !== "segment" || deleted.has(entry.file) || reported.has(entry.file)) continue;
    const size = await disk.fileSize(joinPath(root, entry.file));
    if (size === entry.bytes) continue;
    const what = size === undefined ? "file-missing" : "file-changed";
    log.error({ file: entry.file, what }, "footage is damaged");
    enter({ kind: "mend", what, file: entry.file, bytes: size ?? 0 });
  }
}
