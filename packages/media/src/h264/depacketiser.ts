import { AccessUnits, NAL_KEY_SLICE, NAL_OTHER, NAL_PARAMETER_SET, NAL_SEI, NAL_SLICE, type NalLayout } from "../nal/access-units.ts";
import type { Depacketiser } from "../rtp/depacketiser.ts";
import type { TrackConfig, TrackSink } from "../stream.ts";
import type { H264ParameterSets } from "./parameter-sets.ts";

function kindOf(type: number): number {
  if (type === 1 || type === 2) return NAL_SLICE;
  if (type === 5) return NAL_KEY_SLICE;
  if (type === 6) return NAL_SEI;
  return type === 7 || type === 8 ? NAL_PARAMETER_SET : NAL_OTHER;
}

const LAYOUT: NalLayout = {
  headerBytes: 1,
  kinds: Uint8Array.from({ length: 256 }, (_, byte) => kindOf(byte & 31)),
  readsSliceType: true,
};

/** RTP payload of H.264, packetization modes 0 and 1: single NAL units, STAP-A, FU-A (RFC 6184 5.6 to 5.8). */
export class H264Depacketiser implements Depacketiser {
  readonly units: AccessUnits;
  malformed = 0;

  constructor(sets: H264ParameterSets, clockRate: number, sink: TrackSink) {
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
    if (start < end) {
      const type = (b[start] as number) & 31;
      if (type === 28) this.#fragment(b, start, end);
      else if (type >= 1 && type <= 23) units.nal(b, start, end);
      else if (type === 24) this.#aggregate(b, start + 1, end);
      else this.#odd(b, start, end);
    }
    units.packetEnds(marker);
  }

  flush(): void {
    this.units.flush();
  }

  #fragment(b: Uint8Array, start: number, end: number): void {
    if (end - start < 3) {
      this.#broken();
      return;
    }
    const units = this.units;
    const header = b[start + 1] as number;
    if ((header & 0x80) !== 0) {
      const first = ((b[start] as number) & 0xe0) | (header & 31);
      units.nalBegins(first, b, start + 2, end);
      units.appendByte(first);
    } else if (!units.inNal) {
      units.damage();
      return;
    }
    units.append(b, start + 2, end);
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

  /** Some cameras leave Annex B start codes before the NAL unit; everything else here is not of modes 0 and 1. */
  #odd(b: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && b[at] === 0) at += 1;
    if (at - start >= 2 && b[at] === 1 && at + 1 < end) this.units.nal(b, at + 1, end);
    else this.#broken();
  }

  #broken(): void {
    this.malformed += 1;
    this.units.damage();
  }
}
