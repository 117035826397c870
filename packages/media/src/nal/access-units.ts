import type { Rope } from "../rope.ts";
import type { TrackSink } from "../stream.ts";
import type { ParameterSets } from "./parameter-sets.ts";

/** Bytes of one NAL unit; a larger one damages its access unit. */
export const NAL_BYTES_MAX = 10 * 1024 * 1024;
/** Bytes of one access unit. */
export const ACCESS_UNIT_BYTES_MAX = 16 * 1024 * 1024;
/** Access units whose marker bit must have told the truth before it is believed. */
export const MARKER_TRUST_UNITS = 8;
/** Seconds without a key frame after which an intra refresh counts as one. */
export const KEYLESS_SECONDS_MAX = 4;

export const NAL_OTHER = 0;
export const NAL_SLICE = 1;
export const NAL_KEY_SLICE = 2;
export const NAL_PARAMETER_SET = 3;
export const NAL_SEI = 4;

/** What differs between the NAL units of H.264 and H.265. */
export interface NalLayout {
  readonly headerBytes: 1 | 2;
  /** One of NAL_* for each value of a NAL unit's first byte. */
  readonly kinds: Uint8Array;
  /** True when an intra picture is told by its slice type (H.264 7.4.3), not only by the NAL unit's type. */
  readonly readsSliceType: boolean;
}

/** Exp-Golomb from plain bytes at a bit position: value * 64 + bits read, or -1 past the end or beyond 16 bits. */
function peekUe(b: Uint8Array, start: number, end: number, bit: number): number {
  let zeros = 0;
  let at = start * 8 + bit;
  while (at < end * 8 && (((b[at >> 3] as number) >> (7 - (at & 7))) & 1) === 0) {
    zeros += 1;
    at += 1;
  }
  if (zeros > 16 || at + zeros + 1 > end * 8) return -1;
  let value = 0;
  for (let i = 0; i <= zeros; i++, at++) value = value * 2 + (((b[at >> 3] as number) >> (7 - (at & 7))) & 1);
  return (value - 1) * 64 + (2 * zeros + 1);
}

/** True when the H.264 slice header at b[start, end) is of an I or SI slice. */
function isIntraSlice(b: Uint8Array, start: number, end: number): boolean {
  const first = peekUe(b, start, end, 0);
  if (first < 0) return false;
  const type = peekUe(b, start, end, first % 64);
  if (type < 0) return false;
  const slice = Math.floor(type / 64) % 5;
  return slice === 2 || slice === 4;
}

/** True when an SEI NAL unit holds a recovery point message (payload type 6, H.264 D.2.8, H.265 D.3.8). */
function hasRecoveryPoint(b: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at + 2 < end) {
    let type = 0;
    while (at < end && b[at] === 255) {
      type += 255;
      at += 1;
    }
    type += b[at++] ?? 0;
    let size = 0;
    while (at < end && b[at] === 255) {
      size += 255;
      at += 1;
    }
    size += b[at++] ?? 0;
    if (type === 6) return true;
    at += size;
  }
  return false;
}

/**
 * Builds access units from NAL units in the sink's rope. A unit ends where the timestamp changes, and already at
 * the marker bit once the marker has proved truthful. A unit with a missing or broken part is dropped and told as
 * lost; the units after it are passed, because most players show them better than nothing.
 */
export class AccessUnits {
  /** Whole units given to the sink, and units dropped because a part was missing or broken. */
  units = 0;
  damagedUnits = 0;
  readonly sets: ParameterSets;
  readonly #layout: NalLayout;
  readonly #keylessTicksMax: number;
  #sink: TrackSink;
  #rope: Rope | undefined;
  #start = 0;
  #ticks = 0;
  #lastUnitTicks = Number.NaN;
  #lastKeyTicks = Number.NaN;
  #pendingLost = 0;
  #nalAt = -1;
  #nalKind = NAL_OTHER;
  #slices = 0;
  #intraSlices = 0;
  #hasKeySlice = false;
  #hasSets = false;
  #hasRecovery = false;
  #damaged = false;
  #markers = 0;
  #lastMarker = false;
  #truthfulMarkers = 0;

  constructor(layout: NalLayout, sets: ParameterSets, clockRate: number, sink: TrackSink) {
    this.#layout = layout;
    this.sets = sets;
    this.#keylessTicksMax = KEYLESS_SECONDS_MAX * clockRate;
    this.#sink = sink;
  }

  /** Later units go to `sink`. Only between units, which is inside the present sink's `sample`. */
  divert(sink: TrackSink): void {
    this.#sink = sink;
  }

  packetBegins(ticks: number, lost: number): void {
    const inside = lost > 0 && this.#rope !== undefined && (!this.#lastMarker || ticks === this.#ticks);
    if (inside) {
      this.#pendingLost += lost;
      this.damage();
    }
    if (this.#rope !== undefined && ticks !== this.#ticks) {
      this.#judgeMarker();
      if (this.#slices > 0 || this.#damaged || this.#nalAt >= 0) this.#finish();
      else this.#ticks = ticks;
    }
    if (!inside) this.#pendingLost += lost;
    if (this.#rope === undefined) {
      this.#rope = this.#sink.rope();
      this.#start = this.#rope.length;
      this.#ticks = ticks;
    }
  }

  packetEnds(marker: boolean): void {
    this.#lastMarker = marker;
    if (!marker || (this.#slices === 0 && !this.#damaged)) return;
    this.#markers += 1;
    if (this.#truthfulMarkers >= MARKER_TRUST_UNITS && this.#rope !== undefined) this.#finish();
  }

  /** A whole NAL unit b[start, end); an empty one is nothing. */
  nal(b: Uint8Array, start: number, end: number): void {
    if (end - start <= this.#layout.headerBytes) return;
    this.nalBegins(b[start] as number, b, start + this.#layout.headerBytes, end);
    this.append(b, start, end);
    this.nalEnds();
  }

  /** A NAL unit begins with this first byte; what follows its header begins with b[start, end). */
  nalBegins(firstByte: number, b: Uint8Array, start: number, end: number): void {
    if (this.#nalAt >= 0) this.damage();
    if (this.#damaged || this.#rope === undefined) return;
    const kind = this.#layout.kinds[firstByte] as number;
    if (kind === NAL_SLICE || kind === NAL_KEY_SLICE) this.#sliceBegins(kind, b, start, end);
    else if (kind === NAL_SEI && hasRecoveryPoint(b, start, end)) this.#hasRecovery = true;
    if (this.#damaged) return;
    this.#nalKind = kind;
    this.#nalAt = this.#rope.appendU32(0);
  }

  /** True while a NAL unit is being appended in parts. */
  get inNal(): boolean {
    return this.#nalAt >= 0;
  }

  append(b: Uint8Array, start: number, end: number): void {
    const rope = this.#rope;
    if (rope === undefined || this.#nalAt < 0) return;
    const length = rope.length + end - start;
    if (length - this.#nalAt - 4 > NAL_BYTES_MAX || length - this.#start > ACCESS_UNIT_BYTES_MAX) this.damage();
    else rope.append(b, start, end);
  }

  appendByte(value: number): void {
    if (this.#nalAt >= 0) this.#rope?.appendByte(value);
  }

  nalEnds(): void {
    const rope = this.#rope;
    const at = this.#nalAt;
    if (rope === undefined || at < 0) return;
    this.#nalAt = -1;
    rope.patchU32(at, rope.length - at - 4);
    if (this.#nalKind === NAL_PARAMETER_SET) this.#takeSets(rope, at);
  }

  /** A part of the present unit is missing or broken: its bytes go, and the rest of it is skipped. */
  damage(): void {
    if (this.#rope === undefined || this.#damaged) return;
    this.#damaged = true;
    this.#nalAt = -1;
    this.#sink.abandon(this.#start);
  }

  /** The stream is over: a unit that is whole is passed, a part of one is dropped. */
  flush(): void {
    if (this.#rope === undefined) return;
    if (this.#nalAt >= 0 || this.#slices === 0) this.damage();
    this.#finish();
  }

  #sliceBegins(kind: number, b: Uint8Array, start: number, end: number): void {
    const firstOfPicture = start < end && ((b[start] as number) & 0x80) !== 0;
    if (this.#slices === 0 && !firstOfPicture) {
      if (this.#ticks === this.#lastUnitTicks) this.#truthfulMarkers = 0;
      this.damage();
      return;
    }
    this.#slices += 1;
    if (kind === NAL_KEY_SLICE) this.#hasKeySlice = true;
    else if (this.#layout.readsSliceType && isIntraSlice(b, start, end)) this.#intraSlices += 1;
  }

  /** Parameter sets go to the configuration, not into the sample; some cameras put several units behind one header. */
  #takeSets(rope: Rope, at: number): void {
    const bytes = new Uint8Array(rope.length - at - 4);
    rope.copyTo(bytes, 0, at + 4, rope.length);
    rope.truncate(at);
    this.#hasSets = true;
    let start = 0;
    for (let i = 0; i + 3 <= bytes.length; i++) {
      if (bytes[i] !== 0 || bytes[i + 1] !== 0 || bytes[i + 2] !== 1) continue;
      this.#takeUnit(bytes, start, i);
      start = i + 3;
    }
    this.#takeUnit(bytes, start, bytes.length);
  }

  #takeUnit(bytes: Uint8Array, start: number, end: number): void {
    if (this.#layout.kinds[bytes[start] ?? 0] !== NAL_PARAMETER_SET) {
      this.nal(bytes, start, end);
      return;
    }
    let last = end;
    while (last > start && bytes[last - 1] === 0) last -= 1;
    this.sets.put(bytes.slice(start, last));
  }

  #judgeMarker(): void {
    if (this.#markers === 1 && this.#lastMarker) this.#truthfulMarkers += 1;
    else if (!this.#damaged && this.#markers > 0) this.#truthfulMarkers = 0;
  }

  #isKey(): boolean {
    if (this.#hasKeySlice) return true;
    if ((this.#hasSets || this.#hasRecovery) && this.#intraSlices === this.#slices && this.#slices > 0) return true;
    return this.#hasRecovery && this.#ticks - this.#lastKeyTicks > this.#keylessTicksMax;
  }

  #finish(): void {
    if (this.#nalAt >= 0) this.damage();
    const rope = this.#rope;
    if (rope === undefined) return;
    const key = this.#isKey();
    if (key || Number.isNaN(this.#lastKeyTicks)) this.#lastKeyTicks = this.#ticks;
    this.#lastUnitTicks = this.#ticks;
    if (this.#damaged) {
      this.damagedUnits += 1;
      this.#pendingLost = Math.max(this.#pendingLost, 1);
    } else {
      const config = this.sets.takeChanged();
      if (config !== undefined) this.#sink.config(config);
      if (this.#pendingLost > 0) this.#sink.lost(this.#pendingLost);
      this.#pendingLost = 0;
      this.units += 1;
      this.#sink.sample(this.#start, rope.length, this.#ticks, key);
    }
    this.#rope = undefined;
    this.#slices = 0;
    this.#intraSlices = 0;
    this.#markers = 0;
    this.#nalAt = -1;
    this.#hasKeySlice = this.#hasSets = this.#hasRecovery = this.#damaged = this.#lastMarker = false;
  }
}
