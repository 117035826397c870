import { BitReader } from "../nal/bits.ts";

/** Facts of an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1). */
export interface AacConfig {
  readonly objectType: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples of an access unit at the sample rate. */
  readonly frameSamples: number;
}

const SAMPLE_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Undefined when the bytes are not a plausible configuration. */
export function parseAacConfig(bytes: Uint8Array): AacConfig | undefined {
  const bits = new BitReader(bytes);
  let objectType = bits.bits(5);
  if (objectType === 31) objectType = 32 + bits.bits(6);
  const index = bits.bits(4);
  const sampleRate = index === 15 ? bits.bits(24) : SAMPLE_RATES[index];
  const channels = CHANNELS[bits.bits(4)];
  const short = bits.bit();
  if (bits.overrun || sampleRate === undefined || channels === undefined || channels === 0) return undefined;
  if (sampleRate < 7000 || sampleRate > 192_000 || objectType === 0) return undefined;
  return { objectType, sampleRate, channels, frameSamples: short === 1 ? 960 : 1024 };
}
