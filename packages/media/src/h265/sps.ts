import { PICTURE_SIDE_MAX } from "../h264/sps.ts";
import { BitReader } from "../nal/bits.ts";

/** Facts of an H.265 sequence parameter set (ITU-T H.265 7.3.2.2). Sizes in luma samples inside the conformance window. */
export interface H265Sps {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  /** ISO/IEC 14496-15 annex E: `hvc1.` and profile, compatibility, tier and level, constraints. */
  readonly codecString: string;
}

/** The type of an H.265 NAL unit from its first byte. */
export function h265NalType(firstByte: number): number {
  return (firstByte >> 1) & 63;
}

function reversed32(value: number): number {
  let result = 0;
  for (let i = 0; i < 32; i++) result = result * 2 + (Math.floor(value / 2 ** i) % 2);
  return result;
}

/** Reads profile_tier_level (7.3.3) of the general layer and skips those of the sub-layers. */
function readProfile(bits: BitReader, subLayers: number): string {
  const space = bits.bits(2);
  const tier = bits.bit();
  const profile = bits.bits(5);
  const compatibility = bits.bits(32);
  const constraints: number[] = [];
  for (let i = 0; i < 6; i++) constraints.push(bits.bits(8));
  const level = bits.bits(8);
  const present: [number, number][] = [];
  for (let i = 0; i < subLayers; i++) present.push([bits.bit(), bits.bit()]);
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) bits.skip(88 * hasProfile + 8 * hasLevel);
  while (constraints.at(-1) === 0) constraints.pop();
  const tail = constraints.map((byte) => `.${byte.toString(16).toUpperCase()}`).join("");
  const letter = ["", "A", "B", "C"][space] ?? "";
  return `hvc1.${letter}${profile}.${reversed32(compatibility).toString(16).toUpperCase()}.${tier === 1 ? "H" : "L"}${level}${tail}`;
}

/** Reads an SPS NAL unit with its two header bytes; undefined when it is not a plausible one. */
export function parseH265Sps(nal: Uint8Array): H265Sps | undefined {
  if (nal.length < 8 || h265NalType(nal[0] ?? 0) !== 33) return undefined;
  const bits = new BitReader(nal, 2);
  bits.skip(4);
  const subLayers = bits.bits(3);
  bits.skip(1);
  const codecString = readProfile(bits, subLayers);
  const id = bits.ue();
  const chroma = bits.ue();
  const planes = chroma === 3 ? bits.bit() : 0;
  const codedWidth = bits.ue();
  const codedHeight = bits.ue();
  const window = bits.bit() === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = window;
  const cropX = planes === 0 && (chroma === 1 || chroma === 2) ? 2 : 1;
  const cropY = planes === 0 && chroma === 1 ? 2 : 1;
  const width = codedWidth - (left + right) * cropX;
  const height = codedHeight - (top + bottom) * cropY;
  if (bits.overrun || id > 15 || chroma > 3 || subLayers > 6) return undefined;
  if (width < 8 || height < 8 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX) return undefined;
  return { id, width, height, codecString };
}

/** The id of a VPS or PPS NAL unit; undefined when it is not a plausible one. */
export function parseH265SetId(nal: Uint8Array): number | undefined {
  if (nal.length < 3) return undefined;
  const type = h265NalType(nal[0] ?? 0);
  const bits = new BitReader(nal, 2);
  const id = type === 32 ? bits.bits(4) : bits.ue();
  if (bits.overrun || (type !== 32 && type !== 34) || id > 63) return undefined;
  return id;
}
