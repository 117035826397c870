import { type ParameterSets, SetTable } from "../nal/parameter-sets.ts";
import type { VideoConfig } from "../stream.ts";
import { parseH264PpsId, parseH264Sps } from "./sps.ts";

/** SPS and PPS of one H.264 stream, from the session description and from the stream itself. */
export class H264ParameterSets implements ParameterSets {
  readonly #clockRate: number;
  readonly #sps = new SetTable();
  readonly #pps = new SetTable();
  #changed = false;
  rejected = 0;
  current: VideoConfig | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  put(nal: Uint8Array): void {
    const type = (nal[0] ?? 0) & 31;
    const id = type === 7 ? parseH264Sps(nal)?.id : parseH264PpsId(nal);
    const changed = id === undefined ? undefined : (type === 7 ? this.#sps : this.#pps).put(id, nal);
    if (changed === undefined) this.rejected += 1;
    else if (changed) this.#changed = true;
  }

  takeChanged(): VideoConfig | undefined {
    if (!this.#changed) return undefined;
    const sps = this.#sps.list();
    const pps = this.#pps.list();
    const first = sps[0] === undefined ? undefined : parseH264Sps(sps[0]);
    if (first === undefined || pps.length === 0) return undefined;
    this.#changed = false;
    const { width, height, codecString } = first;
    this.current = { kind: "video", codec: "h264", clockRate: this.#clockRate, width, height, vps: [], sps, pps, codecString };
    return this.current;
  }
}
