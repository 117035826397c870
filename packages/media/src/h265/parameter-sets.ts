import { type ParameterSets, SetTable } from "../nal/parameter-sets.ts";
import type { VideoConfig } from "../stream.ts";
import { h265NalType, parseH265SetId, parseH265Sps } from "./sps.ts";

/** VPS, SPS and PPS of one H.265 stream, from the session description and from the stream itself. */
export class H265ParameterSets implements ParameterSets {
  readonly #clockRate: number;
  readonly #vps = new SetTable();
  readonly #sps = new SetTable();
  readonly #pps = new SetTable();
  #changed = false;
  rejected = 0;
  current: VideoConfig | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  put(nal: Uint8Array): void {
    const type = h265NalType(nal[0] ?? 0);
    const id = type === 33 ? parseH265Sps(nal)?.id : parseH265SetId(nal);
    const table = type === 32 ? this.#vps : type === 33 ? this.#sps : this.#pps;
    const changed = id === undefined ? undefined : table.put(id, nal);
    if (changed === undefined) this.rejected += 1;
    else if (changed) this.#changed = true;
  }

  takeChanged(): VideoConfig | undefined {
    if (!this.#changed) return undefined;
    const vps = this.#vps.list();
    const sps = this.#sps.list();
    const pps = this.#pps.list();
    const first = sps[0] === undefined ? undefined : parseH265Sps(sps[0]);
    if (first === undefined || pps.length === 0 || vps.length === 0) return undefined;
    this.#changed = false;
    const { width, height, codecString } = first;
    this.current = { kind: "video", codec: "h265", clockRate: this.#clockRate, width, height, vps, sps, pps, codecString };
    return this.current;
  }
}
