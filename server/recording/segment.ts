import { SEAL_BYTES, fragmentHead, fragmentPayload, indexBox, initSegment, sealBox, segmentBases, segmentPreimage } from "@mingjian/media";
import type { Fragment, SegmentBases, SegmentPart, TrackConfig, Troubles } from "@mingjian/media";
import { assert } from "@mingjian/vocab";
import type { UtcMs } from "@mingjian/vocab";
import { joinPath } from "../ports/index.ts";
import type { Disk, DiskFile, Hash } from "../ports/index.ts";
import { toHex } from "./chain-format.ts";
import type { SegmentFacts } from "./chain-format.ts";
import type { Stamp } from "./media-clock.ts";

/** A segment is cut before it would grow longer. */
export const SEGMENT_MS_MAX = 60_000;

export interface SegmentPlan {
  readonly disk: Disk;
  readonly hash: Hash;
  readonly root: string;
  /** Path below the root. */
  readonly file: string;
  readonly configs: readonly TrackConfig[];
  readonly continues: boolean;
}

/** Where a written fragment lies. */
export interface Written {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly bases: SegmentBases;
}

export function digestOf(hash: Hash, views: readonly Uint8Array[]): Uint8Array {
  const hasher = hash();
  for (const view of views) hasher.update(view);
  return hasher.digest();
}

/** Length of the primary track's part by its own clock, as the file's own numbers give it. */
function mediaMs(fragment: Fragment): number {
  const lead = fragment.tracks[0];
  return lead === undefined ? 0 : ((lead.endTicks - lead.startTicks) * 1_000) / lead.timescale;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** One segment file being written. Each fragment is durable once `write` returns. */
export class SegmentWriter {
  readonly #plan: SegmentPlan;
  readonly path: string;
  readonly #parts: SegmentPart[] = [];
  #file: DiskFile | undefined;
  #bytes = 0;
  #bases: SegmentBases | undefined;
  #startMs: UtcMs = 0;
  #endMs: UtcMs = 0;
  #slewedMs = 0;
  #key = false;
  #era = 0;
  #nameDurable = false;
  readonly #troubles = new Map<string, number>();

  constructor(plan: SegmentPlan) {
    this.#plan = plan;
    this.path = joinPath(plan.root, plan.file);
  }

  get file(): string {
    return this.#plan.file;
  }

  get configs(): readonly TrackConfig[] {
    return this.#plan.configs;
  }

  get startMs(): UtcMs {
    return this.#startMs;
  }

  get endMs(): UtcMs {
    return this.#endMs;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  get fragments(): number {
    return Math.max(this.#parts.length - 1, 0);
  }

  /** Steps 1 to 3 of docs/design/recording.md. After a throw the file is for `mendSegment`. */
  async write(fragment: Fragment, stamp: Stamp, skewMs: (track: number) => number): Promise<Written> {
    const { hash } = this.#plan;
    const first = this.#file === undefined;
    const views: Uint8Array[] = [];
    let leadBytes = 0;
    if (first) leadBytes = await this.#open(fragment, stamp, views);
    const bases = this.#bases as SegmentBases;
    const head = fragmentHead(fragment, { sequence: this.#parts.length, utcMs: stamp.startMs, bases, skewMs });
    const payload = fragmentPayload(fragment);
    const hasher = hash();
    hasher.update(head);
    for (const view of payload) hasher.update(view);
    const digest = hasher.digest();
    views.push(head, ...payload, sealBox(digest));
    const bytes = head.length + fragment.payloadBytes;
    const offset = this.#bytes + leadBytes;
    const file = this.#file as DiskFile;
    await file.writev(views, this.#bytes);
    await file.sync();
    if (!this.#nameDurable) {
      await this.#plan.disk.syncFolder(folderOf(this.path));
      this.#nameDurable = true;
    }
    this.#bytes = offset + bytes + SEAL_BYTES;
    this.#parts.push({ bytes, digest, key: fragment.key, utcMs: stamp.startMs, durationMs: mediaMs(fragment) });
    this.#endMs = stamp.endMs;
    this.#slewedMs += stamp.slewMs;
    this.#count(fragment.troubles);
    return { path: this.path, offset, bytes, bases };
  }

  async #open(fragment: Fragment, stamp: Stamp, views: Uint8Array[]): Promise<number> {
    const { disk, hash, configs } = this.#plan;
    await disk.makeFolder(folderOf(this.path));
    this.#file = await disk.create(this.path);
    this.#bases = segmentBases(fragment);
    this.#startMs = stamp.startMs;
    this.#endMs = stamp.startMs;
    this.#key = fragment.key;
    this.#era = stamp.era;
    const init = initSegment(configs);
    const digest = digestOf(hash, [init]);
    views.push(init, sealBox(digest));
    this.#parts.push({ bytes: init.length, digest, key: false, utcMs: 0, durationMs: 0 });
    return init.length + SEAL_BYTES;
  }

  #count(troubles: Troubles): void {
    for (const [kind, count] of Object.entries(troubles)) {
      if (count > 0) this.#troubles.set(kind, (this.#troubles.get(kind) ?? 0) + Number(count));
    }
  }

  /** Step 4: writes the index, makes it durable, closes. What is returned goes into the chain. */
  async finish(cameraAheadMs: number | null): Promise<SegmentFacts> {
    const file = this.#file;
    assert(file !== undefined && this.#parts.length > 1, "a segment is finished after its first fragment");
    const index = indexBox(this.#parts);
    await file.writev([index], this.#bytes);
    await file.sync();
    await this.close();
    this.#bytes += index.length;
    const facts = segmentFacts(this.#plan.hash, this.#plan.file, this.#bytes, this.#parts, pictureOf(this.#plan.configs));
    return {
      ...facts,
      startMs: Math.round(this.#startMs),
      endMs: Math.round(this.#endMs),
      continues: this.#plan.continues,
      key: this.#key,
      era: this.#era,
      cameraAheadMs: cameraAheadMs === null ? null : Math.round(cameraAheadMs),
      slewedMs: Math.round(this.#slewedMs * 1_000) / 1_000,
      troubles: Object.fromEntries(this.#troubles),
    };
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

/** What a segment's entry tells of its tracks. */
export type SegmentPicture = Pick<SegmentFacts, "codecs" | "width" | "height">;

function pictureOf(configs: readonly TrackConfig[]): SegmentPicture {
  const video = configs.find((config) => config.kind === "video");
  return { codecs: configs.map((config) => config.codecString).join(","), width: video?.width ?? 0, height: video?.height ?? 0 };
}

/** Chain facts that follow from a finished file alone. */
export function segmentFacts(hash: Hash, file: string, bytes: number, parts: readonly SegmentPart[], picture: SegmentPicture): SegmentFacts {
  const first = parts[1];
  const last = parts.at(-1);
  assert(first !== undefined && last !== undefined, "a segment has a fragment");
  return {
    kind: "segment",
    startMs: Math.round(first.utcMs),
    endMs: Math.round(last.utcMs + last.durationMs),
    file,
    bytes,
    digest: toHex(digestOf(hash, [segmentPreimage(parts)])),
    fragments: parts.length - 1,
    continues: false,
    key: first.key,
    era: 0,
    ...picture,
    cameraAheadMs: null,
    slewedMs: 0,
    troubles: {},
    totalBytes: 0,
  };
}
