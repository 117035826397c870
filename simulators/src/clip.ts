import { readFileSync } from "node:fs";

/** Pictures a second in every clip. */
export const FPS = 25;
export const FRAME_MS = 1000 / FPS;
/** Frames from one key frame to the next in every clip. */
export const GOP_FRAMES = 50;

export type ClipName = "street" | "sub" | "bframes" | "street-h265" | "bench";
export type ClipCodec = "h264" | "h265";

/** The clips drawn by clips/make.sh. */
export const CLIPS: Readonly<Record<ClipName, { codec: ClipCodec; width: number; height: number }>> = {
  street: { codec: "h264", width: 1280, height: 720 },
  sub: { codec: "h264", width: 640, height: 360 },
  bframes: { codec: "h264", width: 640, height: 360 },
  "street-h265": { codec: "h265", width: 1280, height: 720 },
  bench: { codec: "h264", width: 1920, height: 1080 },
};

export interface ClipFrame {
  readonly nals: readonly Buffer[];
  readonly key: boolean;
  /** Which picture of the loop this is, in the order of showing; the counter drawn into it. */
  readonly shownAt: number;
}

export interface Clip {
  readonly name: ClipName;
  readonly codec: ClipCodec;
  readonly width: number;
  readonly height: number;
  /** In decoding order. */
  readonly frames: readonly ClipFrame[];
  /** How many frames showing lags behind decoding: 0 without B-frames. */
  readonly reorderFrames: number;
  /** VPS (H.265 only), SPS, PPS. */
  readonly parameterSets: readonly Buffer[];
}

/** NAL units of an Annex B byte stream (H.264 annex B), without start codes and trailing zeros. */
export function splitAnnexB(bytes: Buffer): Buffer[] {
  const nals: Buffer[] = [];
  let start = -1;
  for (let at = bytes.indexOf("\0\0\x01", 0, "latin1"); ; at = bytes.indexOf("\0\0\x01", at + 3, "latin1")) {
    if (start >= 0) {
      let end = at < 0 ? bytes.length : at;
      while (end > start && bytes[end - 1] === 0) end--;
      if (end > start) nals.push(bytes.subarray(start, end));
    }
    if (at < 0) return nals;
    start = at + 3;
  }
}

export function nalType(codec: ClipCodec, nal: Buffer): number {
  const first = nal[0] ?? 0;
  return codec === "h264" ? first & 31 : (first >> 1) & 63;
}

export function isParameterSet(codec: ClipCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === "h264" ? type === 7 || type === 8 : type >= 32 && type <= 34;
}

function isSlice(codec: ClipCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === "h264" ? type === 1 || type === 5 : type < 32;
}

function isKeySlice(codec: ClipCodec, nal: Buffer): boolean {
  const type = nalType(codec, nal);
  return codec === "h264" ? type === 5 : type >= 16 && type <= 21;
}

/** A slice whose first macroblock is the picture's first (ue(v) zero, or first_slice_segment_in_pic_flag). */
function beginsPicture(codec: ClipCodec, nal: Buffer): boolean {
  return isSlice(codec, nal) && ((nal[codec === "h264" ? 1 : 2] ?? 0) & 0x80) !== 0;
}

function groupFrames(codec: ClipCodec, nals: readonly Buffer[], order: readonly number[]): ClipFrame[] {
  const frames: ClipFrame[] = [];
  let current: Buffer[] = [];
  let pictured = false;
  const finish = (): void => {
    const index = frames.length;
    const key = current.some((nal) => isKeySlice(codec, nal));
    frames.push({ nals: current, key, shownAt: order[index] ?? index });
    current = [];
    pictured = false;
  };
  for (const nal of nals) {
    const slice = isSlice(codec, nal);
    if (pictured && (!slice || beginsPicture(codec, nal))) finish();
    current.push(nal);
    pictured ||= slice;
  }
  if (pictured) finish();
  return frames;
}

const clipFolder = new URL("../clips/", import.meta.url);
const loaded = new Map<ClipName, Clip>();

export function loadClip(name: ClipName): Clip {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const { codec, width, height } = CLIPS[name];
  const nals = splitAnnexB(readFileSync(new URL(`${name}.${codec}`, clipFolder)));
  const order =
    name === "bframes"
      ? readFileSync(new URL(`${name}.order`, clipFolder), "utf8")
          .trim()
          .split("\n")
          .map(Number)
      : [];
  const frames = groupFrames(codec, nals, order);
  const parameterSets = (frames[0]?.nals ?? []).filter((nal) => isParameterSet(codec, nal));
  const reorderFrames = Math.max(...frames.map((frame, index) => index - frame.shownAt));
  const clip: Clip = { name, codec, width, height, frames, reorderFrames, parameterSets };
  loaded.set(name, clip);
  return clip;
}

export type AudioName = "aac" | "pcma" | "pcmu";

export interface AudioClip {
  readonly codec: AudioName;
  readonly clockRate: number;
  /** Ticks of clockRate in one unit (packet). */
  readonly unitTicks: number;
  readonly units: readonly Buffer[];
  /** AudioSpecificConfig in hexadecimal (ISO/IEC 14496-3), AAC only. */
  readonly config: string;
}

/** Access units of an ADTS stream (ISO/IEC 13818-7 6.2). */
function splitAdts(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at + 7 <= bytes.length;) {
    const length = ((bytes.readUInt8(at + 3) & 3) << 11) | (bytes.readUInt16BE(at + 4) >> 5);
    const header = (bytes.readUInt8(at + 1) & 1) === 1 ? 7 : 9;
    units.push(bytes.subarray(at + header, at + length));
    at += length;
  }
  return units;
}

const G711_UNIT_BYTES = 320;

export function loadAudio(codec: AudioName): AudioClip {
  if (codec === "aac") {
    const units = splitAdts(readFileSync(new URL("audio.aac", clipFolder)));
    // AAC-LC (2), 16 kHz (index 8), one channel: 00010 1000 0001 000.
    return { codec, clockRate: 16_000, unitTicks: 1024, units, config: "1408" };
  }
  const bytes = readFileSync(new URL(codec === "pcma" ? "audio.alaw" : "audio.ulaw", clipFolder));
  const units: Buffer[] = [];
  for (let at = 0; at + G711_UNIT_BYTES <= bytes.length; at += G711_UNIT_BYTES) units.push(bytes.subarray(at, at + G711_UNIT_BYTES));
  return { codec, clockRate: 8000, unitTicks: G711_UNIT_BYTES, units, config: "" };
}
