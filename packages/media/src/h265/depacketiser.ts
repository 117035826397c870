import { AccessUnits, NAL_KEY_SLICE, NAL_OTHER, NAL_PARAMETER_SET, NAL_SEI, NAL_SLICE, type NalLayout } from "../nal/access-units.ts";
import type { Depacketiser } from "../rtp/depacketiser.ts";
import type { TrackConfig, TrackSink } from "../stream.ts";
import type { H265ParameterSets } from "./parameter-sets.ts";
import { h265NalType } from "./sps.ts";

/** Types 16 to 23 are the random access pictures: BLA, IDR, CRA (H.265 table 7-1). */
function kindOf(type: number): number {
  if (type >= 16 && type <= 23) return NAL_KEY_SLICE;
  if (type < 16) return NAL_SLICE;
  if (type >= 32 && type <= 34) return NAL_PARAMETER_SET;
  return type === 39 ? NAL_SEI : NAL_OTHER;
}

const LAYOUT: NalLayout = {
  headerBytes: 2,
  kinds: Uint8Array.from({ length: 256 }, (_, byte) => kindOf(h265NalType(byte))),
  readsSliceType: false,
};

/** RTP payload of H.265 without decoding order numbers: single NAL units, AP, FU (RFC 7798 4.4). */
export class H265Depacketiser implements Depacketiser {
  readonly units: AccessUnits;
  malformed = 0;

  constructor(sets: H265ParameterSets, clockRate: number, sink: TrackSink) {
    this.units = new AccessUnits(LAYOUT, sets, clockRate, sink);
  }

  get samples(): number {
    return this.units.units;
  }

  get damaged(): number {
    return this.units.damagedUnits;
  }

  get config(): TrackConfig | undefined {
    return this.units.sets.current;
  }

  divert(sink: TrackSink): void {
    this.units.divert(sink);
  }

  packet(b: Uint8Array, start: number, end: number, ticks: number, marker: boolean, lost: number): void {
    const units = this.units;
    units.packetBegins(ticks, lost);
    if (end - start > 2) {
      const type = h265NalType(b[start] as number);
      if (type === 49) this.#fragment(b, start, end);
      else if (type === 48) this.#aggregate(b, start + 2, end);
      else if ((b[start] === 0 && b[start + 1] === 0) || type > 48) this.#odd(b, start, end);
      else units.nal(b, start, end);
    }
    units.packetEnds(marker);
  }

  flush(): void {
    this.units.flush();
  }

  #fragment(b: Uint8Array, start: number, end: number): void {
    if (end - start < 4) {
      this.#broken();
      return;
    }
    const units = this.units;
    const header = b[start + 2] as number;
    if ((header & 0x80) !== 0) {
      const first = ((b[start] as number) & 0x81) | ((header & 63) << 1);
      units.nalBegins(first, b, start + 3, end);
      units.appendByte(first);
      units.appendByte(b[start + 1] as number);
    } else if (!units.inNal) {
      units.damage();
      return;
    }
    units.append(b, start + 3, end);
    if ((header & 0x40) !== 0) units.nalEnds();
  }

  #aggregate(b: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at + 2 <= end) {
      const size = ((b[at] as number) << 8) | (b[at + 1] as number);
      at += 2;
      if (at + size > end) {
        this.#broken();
        return;
      }
      this.units.nal(b, at, at + size);
      at += size;
    }
  }

  /** Some cameras leave Annex B start codes before the NAL unit; everything else here is not of this payload. */
  #odd(b: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && b[at] === 0) at += 1;
    if (at - start >= 2 && b[at] === 1 && at + 2 < end) this.units.nal(b, at + 1, end);
    else this.#broken();
  }

  #broken(): void {
    this.malformed += 1;
    this.units.damage();
  }
}
