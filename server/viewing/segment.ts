import {
  SEAL_BYTES,
  headWithTracks,
  indexBytes,
  initWithTracks,
  playableTracks,
  readFragmentHead,
  readIndex,
  sampleFragment,
  scanSegment,
  shiftFragment,
} from "@mingjian/media";
import type { FragmentHead, PlayableTrack } from "@mingjian/media";
import { Fault } from "@mingjian/vocab";
import type { FootageFile, FootagePiece, StreamPicture, UtcMs } from "./needs.ts";

/** The end of a file that is read first: the index of a minute's fragments fits in it. */
const TAIL_BYTES = 8_192;
/** What stands before a fragment's payload fits in this for 2 s of any usual frame rate. */
const HEAD_BYTES = 4_096;

/** One fragment, found but not read. */
export interface FragmentAt {
  readonly offset: number;
  readonly bytes: number;
  readonly key: boolean;
  readonly utcMs: UtcMs;
  readonly durationMs: number;
}

/** An open footage file as playback wants it. */
export interface OpenSegment {
  /** Init segment with the tracks browsers play. */
  readonly init: Uint8Array;
  /** Equal for equal init segments. */
  readonly initKey: string;
  readonly picture: StreamPicture;
  readonly fragments: readonly FragmentAt[];
  /** Fragments from the key frame at or before the instant on. */
  from(at: UtcMs): readonly FragmentAt[];
  /** The fragment's bytes, its media time counted from `origin`; undefined when the file does not hold what it should. */
  read(fragment: FragmentAt, origin: UtcMs): Promise<Uint8Array | undefined>;
  /** Its first key frame alone, lasting as long as the fragment; undefined when it has none. */
  readKey(fragment: FragmentAt, origin: UtcMs): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

async function readAt(file: FootageFile, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const got = await file.read(bytes, position);
  return got === length ? bytes : bytes.subarray(0, got);
}

interface Layout {
  readonly init: Uint8Array;
  readonly fragments: FragmentAt[];
}

/** A finished file says at its end where everything is: two reads. */
async function fromIndex(file: FootageFile, piece: FootagePiece): Promise<Layout | undefined> {
  const length = Math.min(TAIL_BYTES, piece.bytes);
  let tail = await readAt(file, piece.bytes - length, length);
  const size = indexBytes(tail);
  if (size === undefined || size > piece.bytes) return undefined;
  if (size > tail.length) tail = await readAt(file, piece.bytes - size, size);
  const parts = readIndex(tail.subarray(tail.length - size));
  const first = parts?.[0];
  if (parts === undefined || first === undefined) return undefined;
  const fragments: FragmentAt[] = [];
  let offset = first.bytes + SEAL_BYTES;
  for (const part of parts.slice(1)) {
    fragments.push({ offset, bytes: part.bytes, key: part.key, utcMs: part.utcMs, durationMs: part.durationMs });
    offset += part.bytes + SEAL_BYTES;
  }
  return { init: await readAt(file, 0, first.bytes), fragments };
}

/** A file still being written, or left by a crash, is walked from part to part. */
async function fromScan(file: FootageFile, piece: FootagePiece): Promise<Layout | undefined> {
  const scan = scanSegment(piece.bytes);
  let step = scan.next();
  while (step.done !== true) step = scan.next(await readAt(file, step.value.offset, step.value.length));
  const [init, ...rest] = step.value.parts;
  if (init === undefined) return undefined;
  const scales = new Map(playableTracks(init.head).map((track) => [track.id, track.timescale]));
  const fragments: FragmentAt[] = [];
  for (const part of rest) {
    const head = readFragmentHead(part.head);
    const lead = head?.tracks.find((track) => scales.has(track.trackId));
    if (head === undefined || lead === undefined || head.utcMs === undefined) continue;
    const ticks = lead.samples.reduce((sum, sample) => sum + sample.durationTicks, 0);
    fragments.push({
      offset: part.offset,
      bytes: part.bytes,
      key: lead.samples[0]?.key === true,
      utcMs: head.utcMs,
      durationMs: (ticks * 1_000) / (scales.get(lead.trackId) ?? 90_000),
    });
  }
  return { init: init.head, fragments };
}

/** Opens a piece of footage for playback. Throws Fault `footage-damaged` when the file is not what it should be. */
export async function openSegment(file: FootageFile, piece: FootagePiece): Promise<OpenSegment> {
  try {
    const layout = (await fromIndex(file, piece)) ?? (await fromScan(file, piece));
    const tracks = layout === undefined ? [] : playableTracks(layout.init);
    if (layout === undefined || tracks.length === 0)
      throw new Fault("footage-damaged", `${piece.file} holds no pictures that can be read`, { file: piece.file });
    return new Segment(file, layout, tracks);
  } catch (error) {
    await file.close();
    throw error;
  }
}

class Segment implements OpenSegment {
  readonly init: Uint8Array;
  readonly initKey: string;
  readonly picture: StreamPicture;
  readonly fragments: readonly FragmentAt[];
  readonly #file: FootageFile;
  readonly #tracks: ReadonlyMap<number, PlayableTrack>;

  constructor(file: FootageFile, layout: Layout, tracks: readonly PlayableTrack[]) {
    this.#file = file;
    this.#tracks = new Map(tracks.map((track) => [track.id, track]));
    this.init = initWithTracks(layout.init, new Set(this.#tracks.keys()));
    this.initKey = Array.from(this.init, (byte) => String.fromCharCode(byte)).join("");
    const video = tracks.find((track) => track.kind === "video");
    this.picture = {
      mime: `video/mp4; codecs="${tracks.map((track) => track.codec).join(",")}"`,
      width: video?.width ?? 0,
      height: video?.height ?? 0,
    };
    this.fragments = layout.fragments;
  }

  from(at: UtcMs): readonly FragmentAt[] {
    let first = 0;
    this.fragments.forEach((fragment, index) => {
      if (fragment.key && fragment.utcMs <= at) first = index;
    });
    const last = this.fragments.at(-1);
    // An instant past the end of an open file: nothing to send yet.
    if (last !== undefined && at >= last.utcMs + last.durationMs) return [];
    return this.fragments.slice(first);
  }

  async read(fragment: FragmentAt, origin: UtcMs): Promise<Uint8Array | undefined> {
    const bytes = await readAt(this.#file, fragment.offset, fragment.bytes);
    const head = bytes.length === fragment.bytes ? readFragmentHead(bytes) : undefined;
    if (head === undefined) return undefined;
    const kept = headWithTracks(this.#retimed(bytes.subarray(0, head.headBytes), head, fragment, origin), new Set(this.#tracks.keys()));
    const whole = new Uint8Array(kept.length + head.payloadBytes);
    whole.set(kept);
    whole.set(bytes.subarray(head.headBytes), kept.length);
    return whole;
  }

  async readKey(fragment: FragmentAt, origin: UtcMs): Promise<Uint8Array | undefined> {
    if (!fragment.key) return undefined;
    let bytes = await readAt(this.#file, fragment.offset, Math.min(HEAD_BYTES, fragment.bytes));
    let head = readFragmentHead(bytes);
    if (head === undefined) {
      bytes = await readAt(this.#file, fragment.offset, fragment.bytes);
      head = readFragmentHead(bytes);
    }
    const lead = head?.tracks.find((track) => this.#tracks.get(track.trackId)?.kind === "video");
    const sample = lead?.samples[0];
    if (lead === undefined || sample === undefined) return undefined;
    const payload = await readAt(this.#file, fragment.offset + sample.offset, sample.size);
    const scale = this.#tracks.get(lead.trackId)?.timescale ?? 90_000;
    const ticks = Math.round(((fragment.utcMs - origin) * scale) / 1_000);
    const durationTicks = Math.max(1, Math.round((fragment.durationMs * scale) / 1_000));
    return payload.length === sample.size ? sampleFragment(lead.trackId, 1, { ...sample, durationTicks }, payload, ticks) : undefined;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Moves the fragment so that its first picture's media time is its UTC less `origin`. */
  #retimed(bytes: Uint8Array, head: FragmentHead, fragment: FragmentAt, origin: UtcMs): Uint8Array {
    const lead = head.tracks.find((track) => this.#tracks.get(track.trackId)?.kind === "video") ?? head.tracks[0];
    const leadScale = this.#tracks.get(lead?.trackId ?? 0)?.timescale ?? 90_000;
    const firstMs = ((lead?.samples.reduce((least, sample) => Math.min(least, sample.pts), Number.POSITIVE_INFINITY) ?? 0) * 1_000) / leadScale;
    const shiftMs = fragment.utcMs - origin - firstMs;
    return shiftFragment(bytes, (trackId) => (shiftMs * (this.#tracks.get(trackId)?.timescale ?? leadScale)) / 1_000);
  }
}
