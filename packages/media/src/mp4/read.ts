import { boxAt, childBox, childBoxes, readU32, readU64 } from "./boxes.ts";
import type { BoxAt } from "./boxes.ts";
import { lonelyFragment, ntpToUtcMs } from "./fragment.ts";

/** A track as a file's init segment tells of it. */
export interface FileTrack {
  readonly id: number;
  readonly kind: "video" | "audio" | "other";
  readonly timescale: number;
  /** Four letters of the sample entry: avc1, hvc1, mp4a, alaw, ulaw, or another. */
  readonly entry: string;
  readonly width: number;
  readonly height: number;
}

/** Tracks in one init segment; more are not read. */
export const FILE_TRACKS_MAX = 16;

function text4(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
}

/** The tracks in an init segment; what is broken is left out. */
export function readInit(bytes: Uint8Array): FileTrack[] {
  const moov = childBoxes(bytes, 0, bytes.length).find((box) => box.type === "moov");
  if (moov === undefined) return [];
  const traks = childBoxes(bytes, moov.body, moov.end).filter((box) => box.type === "trak");
  return traks.slice(0, FILE_TRACKS_MAX).flatMap((trak) => readTrak(bytes, trak) ?? []);
}

function readTrak(bytes: Uint8Array, trak: BoxAt): FileTrack | undefined {
  const tkhd = childBox(bytes, trak, "tkhd");
  const mdia = childBox(bytes, trak, "mdia");
  const mdhd = mdia && childBox(bytes, mdia, "mdhd");
  const hdlr = mdia && childBox(bytes, mdia, "hdlr");
  const minf = mdia && childBox(bytes, mdia, "minf");
  const stbl = minf && childBox(bytes, minf, "stbl");
  const stsd = stbl && childBox(bytes, stbl, "stsd");
  if (tkhd === undefined || mdhd === undefined || hdlr === undefined || stsd === undefined) return undefined;
  const handler = text4(bytes, hdlr.body + 8);
  const long = bytes[mdhd.body] === 1;
  const entryAt = stsd.body + 8;
  const video = handler === "vide";
  return {
    id: readU32(bytes, tkhd.body + (bytes[tkhd.body] === 1 ? 20 : 12)),
    kind: video ? "video" : handler === "soun" ? "audio" : "other",
    timescale: readU32(bytes, mdhd.body + (long ? 20 : 12)),
    entry: text4(bytes, entryAt + 4),
    width: video ? readU32(bytes, entryAt + 32) >>> 16 : 0,
    height: video ? readU32(bytes, entryAt + 34) >>> 16 : 0,
  };
}

export interface FileSample {
  readonly dts: number;
  readonly pts: number;
  readonly durationTicks: number;
  /** Bytes from the fragment's first byte. */
  readonly offset: number;
  readonly size: number;
  readonly key: boolean;
}

export interface FileTrackFragment {
  readonly trackId: number;
  readonly samples: readonly FileSample[];
}

/** What the bytes before a fragment's payload tell. */
export interface FragmentHead {
  /** From `prft`: UTC of the primary track's first picture, ms; undefined when absent. */
  readonly utcMs: number | undefined;
  /** Bytes up to the payload. */
  readonly headBytes: number;
  readonly payloadBytes: number;
  readonly tracks: readonly FileTrackFragment[];
}

/** Samples read from one fragment; more make it unreadable. */
export const FILE_SAMPLES_MAX = 65_536;

/**
 * Reads a fragment's `prft`, `moof` and the header of its `mdat` from its first bytes. Undefined when they are not
 * that, are cut short, or name samples outside the payload. Attacker-controlled.
 */
export function readFragmentHead(bytes: Uint8Array): FragmentHead | undefined {
  let at = 0;
  let utcMs: number | undefined;
  let moof: BoxAt | undefined;
  for (let boxes = 0; boxes < 16; boxes++) {
    const box = boxAt(bytes, at);
    if (box === undefined) return undefined;
    if (box.type === "mdat") {
      if (moof === undefined) return undefined;
      const tracks = readMoof(bytes, moof, box.end);
      return tracks && { utcMs, headBytes: box.body, payloadBytes: box.end - box.body, tracks };
    }
    if (box.end > bytes.length) return undefined;
    if (box.type === "prft" && box.end - box.body >= 16) utcMs = ntpToUtcMs(readU32(bytes, box.body + 8), readU32(bytes, box.body + 12));
    else if (box.type === "moof") moof = box;
    else if (box.type === "ftyp" || box.type === "moov") return undefined;
    at = box.end;
  }
  return undefined;
}

function readMoof(bytes: Uint8Array, moof: BoxAt, fragmentEnd: number): FileTrackFragment[] | undefined {
  const tracks: FileTrackFragment[] = [];
  let left = FILE_SAMPLES_MAX;
  for (const traf of childBoxes(bytes, moof.body, moof.end)) {
    if (traf.type !== "traf" || tracks.length >= FILE_TRACKS_MAX) continue;
    const track = readTraf(bytes, traf, moof.start, fragmentEnd, left);
    if (track === undefined) return undefined;
    left -= track.samples.length;
    tracks.push(track);
  }
  return tracks;
}

interface TrackDefaults {
  readonly trackId: number;
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

function readTfhd(bytes: Uint8Array, tfhd: BoxAt): TrackDefaults {
  const flags = readU32(bytes, tfhd.body) & 0xffffff;
  let at = tfhd.body + 8;
  if ((flags & 0x1) !== 0) at += 8;
  if ((flags & 0x2) !== 0) at += 4;
  const next = (bit: number): number => {
    if ((flags & bit) === 0) return 0;
    at += 4;
    return readU32(bytes, at - 4);
  };
  return { trackId: readU32(bytes, tfhd.body + 4), duration: next(0x8), size: next(0x10), flags: next(0x20) };
}

const SAMPLE_IS_NON_SYNC = 0x10000;

function readTraf(bytes: Uint8Array, traf: BoxAt, base: number, fragmentEnd: number, samplesMax: number): FileTrackFragment | undefined {
  const tfhd = childBox(bytes, traf, "tfhd");
  const tfdt = childBox(bytes, traf, "tfdt");
  const trun = childBox(bytes, traf, "trun");
  if (tfhd === undefined || tfdt === undefined || trun === undefined) return undefined;
  const defaults = readTfhd(bytes, tfhd);
  let dts = bytes[tfdt.body] === 1 ? readU64(bytes, tfdt.body + 4) : readU32(bytes, tfdt.body + 4);
  if (dts === undefined) return undefined;
  const flags = readU32(bytes, trun.body) & 0xffffff;
  const count = readU32(bytes, trun.body + 4);
  let at = trun.body + 8;
  let offset = base;
  if ((flags & 0x1) !== 0) {
    offset += readU32(bytes, at) | 0;
    at += 4;
  }
  const firstFlags = (flags & 0x4) !== 0 ? readU32(bytes, (at += 4) - 4) : undefined;
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((bit) => (flags & bit) !== 0).length * 4;
  if (count > samplesMax || at + count * perSample > trun.end) return undefined;
  const samples: FileSample[] = [];
  const field = (bit: number, otherwise: number): number => ((flags & bit) === 0 ? otherwise : readU32(bytes, (at += 4) - 4));
  for (let i = 0; i < count; i++) {
    const durationTicks = field(0x100, defaults.duration);
    const size = field(0x200, defaults.size);
    const ownFlags = field(0x400, i === 0 && firstFlags !== undefined ? firstFlags : defaults.flags);
    const composition = field(0x800, 0) | 0;
    if (offset < 0 || offset + size > fragmentEnd) return undefined;
    samples.push({ dts, pts: dts + composition, durationTicks, offset, size, key: (ownFlags & SAMPLE_IS_NON_SYNC) === 0 });
    dts += durationTicks;
    offset += size;
  }
  return { trackId: defaults.trackId, samples };
}

/**
 * A copy of a fragment's first bytes with each track's decode time moved, so that fragments of several files
 * play one after another.
 * @param shift ticks to add, by track id; the time does not fall below 0
 */
export function shiftFragment(head: Uint8Array, shift: (trackId: number) => number): Uint8Array {
  const copy = head.slice();
  const moof = childBoxes(copy, 0, copy.length).find((box) => box.type === "moof");
  if (moof === undefined) return copy;
  const view = new DataView(copy.buffer);
  for (const traf of childBoxes(copy, moof.body, moof.end)) {
    if (traf.type !== "traf") continue;
    const tfhd = childBox(copy, traf, "tfhd");
    const tfdt = childBox(copy, traf, "tfdt");
    if (tfhd === undefined || tfdt === undefined || copy[tfdt.body] !== 1) continue;
    const moved = Math.max(0, (readU64(copy, tfdt.body + 4) ?? 0) + Math.round(shift(readU32(copy, tfhd.body + 4))));
    view.setUint32(tfdt.body + 4, Math.floor(moved / 4_294_967_296));
    view.setUint32(tfdt.body + 8, moved % 4_294_967_296);
  }
  return copy;
}

/**
 * One sample of a recorded fragment as a fragment of its own: for trick play and frame step.
 * @param payload the sample's bytes
 */
export function sampleFragment(trackId: number, sequence: number, sample: FileSample, payload: Uint8Array, atTicks = sample.pts): Uint8Array {
  const place = { trackId, sequence, dts: atTicks, pts: atTicks, durationTicks: sample.durationTicks, key: sample.key };
  return lonelyFragment(place, payload.length, (target, at) => target.set(payload, at));
}
