import { assert } from "@mingjian/vocab";
import { BoxWriter } from "./boxes.ts";
import type { Fragment, FragmentTrack } from "./fragmenter.ts";
import { trackIdOf } from "./init.ts";

/** Sample flags (ISO/IEC 14496-12 8.8.3.1): depends on no other, a sync sample; depends on others, not one. */
const FLAGS_KEY = 0x0200_0000;
const FLAGS_DELTA = 0x0101_0000;

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
const TFHD_DEFAULT_FLAGS = 0x20;
const TRUN_DATA_OFFSET = 0x1;
const TRUN_FIRST_FLAGS = 0x4;
const TRUN_DURATION = 0x100;
const TRUN_SIZE = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITION = 0x800;

/** Seconds from 1900 to 1970; NTP time wraps in 2036 and is read as the nearest to the file's other times. */
const NTP_TO_UNIX_S = 2_208_988_800;
const TWO_32 = 4_294_967_296;

/** Where each track's time 0 lies in a segment, ticks on the connection's timeline; by track index. */
export type SegmentBases = Map<number, number>;

/** The bases of a segment that begins with `first`: its primary track at 0. */
export function segmentBases(first: Fragment): SegmentBases {
  const lead = first.tracks[0];
  assert(lead !== undefined, "a fragment has a track");
  return new Map([[lead.index, lead.startTicks]]);
}

/**
 * A track's base in its segment; set when the track first appears there.
 * @param skewMs what to add to the track's media time to stand on the primary one's
 */
function baseOf(bases: SegmentBases, lead: FragmentTrack, track: FragmentTrack, skewMs: number): number {
  const known = bases.get(track.index);
  if (known !== undefined) return known;
  const leadBaseMs = ((bases.get(lead.index) ?? lead.startTicks) * 1_000) / lead.timescale;
  const wanted = Math.round(((leadBaseMs - skewMs) * track.timescale) / 1_000);
  const base = Math.min(wanted, track.startTicks);
  bases.set(track.index, base);
  return base;
}

export interface FragmentPlace {
  /** Counts fragments in the segment from 1. */
  readonly sequence: number;
  /** UTC of the primary track's first sample, ms. */
  readonly utcMs: number;
  readonly bases: SegmentBases;
  /** By track index, ms; see Fragmenter.skewMs. */
  skewMs(track: number): number;
}

/** `prft`, `moof` and the header of `mdat`: the bytes of a fragment that stand before its payload. */
export function fragmentHead(fragment: Fragment, place: FragmentPlace): Uint8Array {
  const lead = fragment.tracks[0];
  assert(lead !== undefined, "a fragment has a track");
  let samples = 0;
  for (const track of fragment.tracks) samples += track.pts.length;
  const writer = new BoxWriter(256 + samples * 16);
  writeReferenceTime(writer, lead, place);
  const moofAt = writer.length;
  const offsetsAt: number[] = [];
  writer.box("moof", () => {
    writer.full("mfhd", 0, 0, () => writer.u32(place.sequence));
    for (const track of fragment.tracks) {
      const base = baseOf(place.bases, lead, track, place.skewMs(track.index));
      writer.box("traf", () => offsetsAt.push(writeTrackFragment(writer, track, base)));
    }
  });
  let offset = writer.length - moofAt + 8;
  fragment.tracks.forEach((track, index) => {
    writer.patchU32(offsetsAt[index] as number, offset);
    for (const size of track.sizes) offset += size;
  });
  writer.u32(fragment.payloadBytes + 8);
  writer.text("mdat");
  return writer.done();
}

/** `prft` (8.16.5): the wall time of the fragment's first picture, so that files alone tell it. Players pass over it. */
function writeReferenceTime(writer: BoxWriter, lead: FragmentTrack, place: FragmentPlace): void {
  const microseconds = Math.round(place.utcMs * 1_000);
  const seconds = Math.floor(microseconds / 1_000_000);
  writer.full("prft", 1, 24, () => {
    writer.u32(trackIdOf(lead.index));
    writer.u32((seconds + NTP_TO_UNIX_S) % TWO_32);
    writer.u32(Math.round(((microseconds - seconds * 1_000_000) / 1_000_000) * TWO_32) % TWO_32);
    writer.u64(lead.startTicks - (place.bases.get(lead.index) ?? lead.startTicks));
  });
}

/**
 * UTC ms of an NTP time, whole microseconds; NTP wraps every 136 years, and the instant from 1968 to 2104 is meant.
 */
export function ntpToUtcMs(seconds: number, fraction: number): number {
  const unwrapped = seconds >= 0x8000_0000 ? seconds : seconds + TWO_32;
  return (unwrapped - NTP_TO_UNIX_S) * 1_000 + Math.round((fraction / TWO_32) * 1_000_000) / 1_000;
}

/** Returns where the data offset stands, to be patched. */
function writeTrackFragment(writer: BoxWriter, track: FragmentTrack, base: number): number {
  const { pts, dts, sizes, keys } = track;
  const count = pts.length;
  const uneven = keys.indexOf(1, 1) !== -1;
  const allKeys = uneven && keys.indexOf(0) === -1;
  const perSample = uneven && !allKeys;
  const composed = pts !== dts;
  writer.full("tfhd", 0, TFHD_DEFAULT_BASE_IS_MOOF | TFHD_DEFAULT_FLAGS, () => {
    writer.u32(trackIdOf(track.index));
    writer.u32(allKeys ? FLAGS_KEY : FLAGS_DELTA);
  });
  writer.full("tfdt", 1, 0, () => writer.u64(track.startTicks - base));
  let offsetAt = 0;
  const firstKey = keys[0] === 1 && !uneven;
  const flags =
    TRUN_DATA_OFFSET | TRUN_DURATION | TRUN_SIZE | (perSample ? TRUN_FLAGS : 0) | (firstKey ? TRUN_FIRST_FLAGS : 0) | (composed ? TRUN_COMPOSITION : 0);
  writer.full("trun", 1, flags, () => {
    writer.u32(count);
    offsetAt = writer.length;
    writer.u32(0);
    if (firstKey) writer.u32(FLAGS_KEY);
    for (let i = 0; i < count; i++) {
      const at = dts[i] as number;
      writer.u32((i + 1 < count ? (dts[i + 1] as number) : track.endTicks) - at);
      writer.u32(sizes[i] as number);
      if (perSample) writer.u32(keys[i] === 1 ? FLAGS_KEY : FLAGS_DELTA);
      if (composed) writer.u32(((pts[i] as number) - at) >>> 0);
    }
  });
  return offsetAt;
}

/** The payload of a fragment in file order: views into its ropes, valid until `release`. */
export function fragmentPayload(fragment: Fragment): Uint8Array[] {
  const views: Uint8Array[] = [];
  for (const track of fragment.tracks) {
    let from = track.starts[0] as number;
    let to = from;
    for (let i = 0; i < track.starts.length; i++) {
      const start = track.starts[i] as number;
      if (start !== to) {
        views.push(...track.rope.views(from, to));
        from = start;
      }
      to = start + (track.sizes[i] as number);
    }
    views.push(...track.rope.views(from, to));
  }
  return views;
}

export interface LonelySample {
  readonly trackId: number;
  /** Counts on in the stream. */
  readonly sequence: number;
  readonly dts: number;
  readonly pts: number;
  readonly durationTicks: number;
  readonly key: boolean;
}

const LONELY_HEAD_BYTES = 8 + 16 + 8 + 20 + 20 + 36 + 8;

/** One sample as `moof` and `mdat` for Media Source Extensions: nothing is waited for. `fill` copies the bytes in. */
export function lonelyFragment(sample: LonelySample, size: number, fill: (target: Uint8Array, at: number) => void): Uint8Array {
  const writer = new BoxWriter(LONELY_HEAD_BYTES + size);
  let offsetAt = 0;
  writer.box("moof", () => {
    writer.full("mfhd", 0, 0, () => writer.u32(sample.sequence));
    writer.box("traf", () => {
      writer.full("tfhd", 0, TFHD_DEFAULT_BASE_IS_MOOF | TFHD_DEFAULT_FLAGS, () => {
        writer.u32(sample.trackId);
        writer.u32(sample.key ? FLAGS_KEY : FLAGS_DELTA);
      });
      writer.full("tfdt", 1, 0, () => writer.u64(sample.dts));
      writer.full("trun", 1, TRUN_DATA_OFFSET | TRUN_DURATION | TRUN_SIZE | TRUN_COMPOSITION, () => {
        writer.u32(1);
        offsetAt = writer.length;
        writer.u32(0);
        writer.u32(sample.durationTicks);
        writer.u32(size);
        writer.u32((sample.pts - sample.dts) >>> 0);
      });
    });
  });
  writer.patchU32(offsetAt, writer.length + 8);
  writer.u32(size + 8);
  writer.text("mdat");
  const at = writer.length;
  writer.zeros(size);
  const bytes = writer.done();
  fill(bytes, at);
  return bytes;
}
