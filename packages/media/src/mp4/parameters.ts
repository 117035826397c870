import type { VideoConfig } from "../stream.ts";
import type { BoxWriter } from "./boxes.ts";

/** A NAL unit's payload without emulation prevention bytes (H.264 7.4.1, H.265 7.4.2); its first bytes only. */
function unescaped(nal: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.min(nal.length, 256));
  let length = 0;
  let zeros = 0;
  for (let i = 0; i < nal.length && length < out.length; i++) {
    const byte = nal[i] as number;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** Reads bits and Exp-Golomb codes; past the end every bit is 0. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, startBit: number) {
    this.#bytes = bytes;
    this.#at = startBit;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      value = value * 2 + (((this.#bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  ue(): number {
    let zeros = 0;
    while (zeros < 32 && this.bits(1) === 0) zeros += 1;
    return zeros === 32 ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }
}

/** Profiles whose configuration record carries chroma format and bit depths (ISO/IEC 14496-15 5.3.3.1.2). */
const HIGH_PROFILES = new Set([100, 110, 122, 144]);

/** avcC, ISO/IEC 14496-15 5.3.3.1. */
export function writeAvcC(writer: BoxWriter, config: VideoConfig): void {
  const sps = config.sps[0] ?? new Uint8Array(4);
  const profile = sps[1] ?? 0;
  writer.box("avcC", () => {
    writer.u8(1);
    writer.u8(profile);
    writer.u8(sps[2] ?? 0);
    writer.u8(sps[3] ?? 0);
    writer.u8(0xff);
    writer.u8(0xe0 | Math.min(config.sps.length, 31));
    writeSets(writer, config.sps.slice(0, 31));
    writer.u8(Math.min(config.pps.length, 255));
    writeSets(writer, config.pps.slice(0, 255));
    if (!HIGH_PROFILES.has(profile)) return;
    const bits = new BitReader(unescaped(sps), 32);
    bits.ue();
    const chroma = bits.ue();
    if (chroma === 3) bits.skip(1);
    writer.u8(0xfc | (chroma & 3));
    writer.u8(0xf8 | (bits.ue() & 7));
    writer.u8(0xf8 | (bits.ue() & 7));
    writer.u8(0);
  });
}

function writeSets(writer: BoxWriter, sets: readonly Uint8Array[]): void {
  for (const set of sets) {
    writer.u16(set.length);
    writer.bytes(set);
  }
}

interface HevcFacts {
  readonly subLayersMax: number;
  readonly nesting: number;
  /** general_profile_space to general_level_idc, 12 bytes. */
  readonly profileTierLevel: Uint8Array;
  readonly chroma: number;
  readonly lumaBits8: number;
  readonly chromaBits8: number;
}

/** What hvcC repeats from the sequence parameter set (H.265 7.3.2.2, 7.3.3). */
function hevcFacts(escaped: Uint8Array): HevcFacts {
  const sps = unescaped(escaped);
  const bits = new BitReader(sps, 20);
  const subLayersMax = bits.bits(3);
  const nesting = bits.bits(1);
  const profileTierLevel = new Uint8Array(12);
  profileTierLevel.set(sps.subarray(3, 15));
  bits.skip(96);
  skipSubLayers(bits, subLayersMax);
  bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  bits.ue();
  bits.ue();
  if (bits.bits(1) === 1) for (let i = 0; i < 4; i++) bits.ue();
  return { subLayersMax, nesting, profileTierLevel, chroma, lumaBits8: bits.ue(), chromaBits8: bits.ue() };
}

function skipSubLayers(bits: BitReader, subLayersMax: number): void {
  if (subLayersMax === 0) return;
  const present: [number, number][] = [];
  for (let i = 0; i < 8; i++) present.push([bits.bits(1), bits.bits(1)]);
  for (const [profile, level] of present.slice(0, subLayersMax)) bits.skip(profile * 88 + level * 8);
}

/** hvcC, ISO/IEC 14496-15 8.3.3.1; parameter sets only here, as `hvc1` demands. */
export function writeHvcC(writer: BoxWriter, config: VideoConfig): void {
  const facts = hevcFacts(config.sps[0] ?? new Uint8Array(0));
  writer.box("hvcC", () => {
    writer.u8(1);
    writer.bytes(facts.profileTierLevel);
    writer.u16(0xf000);
    writer.u8(0xfc);
    writer.u8(0xfc | (facts.chroma & 3));
    writer.u8(0xf8 | (facts.lumaBits8 & 7));
    writer.u8(0xf8 | (facts.chromaBits8 & 7));
    writer.u16(0);
    writer.u8(((facts.subLayersMax + 1) << 3) | (facts.nesting << 2) | 3);
    const arrays: [number, readonly Uint8Array[]][] = [
      [32, config.vps],
      [33, config.sps],
      [34, config.pps],
    ];
    writer.u8(arrays.length);
    for (const [type, sets] of arrays) {
      writer.u8(0x80 | type);
      writer.u16(sets.length);
      writeSets(writer, sets);
    }
  });
}
