import { BitReader } from "../nal/bits.ts";
import { hexByte } from "../text.ts";

/** Facts of an H.264 sequence parameter set (ITU-T H.264 7.3.2.1.1). Sizes in luma samples after cropping. */
export interface H264Sps {
  readonly id: number;
  readonly profile: number;
  readonly level: number;
  readonly width: number;
  readonly height: number;
  /** RFC 6381: `avc1.` and profile, constraints, level in hexadecimal. */
  readonly codecString: string;
}

/** Larger pictures are taken for garbage. */
export const PICTURE_SIDE_MAX = 16_384;

const HIGH_PROFILES = new Set([44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244]);

function skipScalingMatrix(bits: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.bit() === 0) continue;
    let last = 8;
    let next = 8;
    for (let j = 0; j < (list < 6 ? 16 : 64) && !bits.overrun; j++) {
      if (next !== 0) next = (last + bits.se() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.bit();
  bits.se();
  bits.se();
  const cycle = bits.ue();
  for (let i = 0; i < cycle && i < 256 && !bits.overrun; i++) bits.se();
}

/** Chroma format (0 to 3) and what stands between the id and log2_max_frame_num. */
function readChroma(bits: BitReader, profile: number): number {
  if (!HIGH_PROFILES.has(profile)) return 1;
  const chroma = bits.ue();
  const planes = chroma === 3 ? bits.bit() : 0;
  bits.ue();
  bits.ue();
  bits.bit();
  if (bits.bit() === 1) skipScalingMatrix(bits, chroma === 3 ? 12 : 8);
  return planes === 1 ? 0 : chroma;
}

/** Reads an SPS NAL unit with its header byte; undefined when it is not a plausible one. */
export function parseH264Sps(nal: Uint8Array): H264Sps | undefined {
  if (nal.length < 4 || ((nal[0] ?? 0) & 31) !== 7) return undefined;
  const bits = new BitReader(nal, 1);
  const profile = bits.bits(8);
  const constraints = bits.bits(8);
  const level = bits.bits(8);
  const id = bits.ue();
  const chroma = readChroma(bits, profile);
  bits.ue();
  skipPictureOrder(bits);
  bits.ue();
  bits.bit();
  const widthMbs = bits.ue() + 1;
  const heightUnits = bits.ue() + 1;
  const frameOnly = bits.bit();
  if (frameOnly === 0) bits.bit();
  bits.bit();
  const crop = bits.bit() === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * (2 - frameOnly);
  const width = widthMbs * 16 - (left + right) * cropX;
  const height = heightUnits * 16 * (2 - frameOnly) - (top + bottom) * cropY;
  if (bits.overrun || id > 31 || chroma > 3) return undefined;
  if (width < 16 || height < 16 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX) return undefined;
  const codecString = `avc1.${hexByte(profile)}${hexByte(constraints)}${hexByte(level)}`;
  return { id, profile, level, width, height, codecString };
}

/** The id of a PPS NAL unit; undefined when it is not a plausible one. */
export function parseH264PpsId(nal: Uint8Array): number | undefined {
  if (nal.length < 2 || ((nal[0] ?? 0) & 31) !== 8) return undefined;
  const bits = new BitReader(nal, 1);
  const id = bits.ue();
  const spsId = bits.ue();
  return bits.overrun || id > 255 || spsId > 31 ? undefined : id;
}
