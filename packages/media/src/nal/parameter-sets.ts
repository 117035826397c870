import type { VideoConfig } from "../stream.ts";
import { sameBytes } from "../text.ts";

/** Sets of one kind kept for a stream (H.264 allows 32 SPS and 256 PPS; cameras use one or two). */
export const PARAMETER_SETS_MAX = 32;
/** Bytes of one parameter set. */
export const PARAMETER_SET_BYTES_MAX = 4096;

/** What an access unit assembler asks of its codec's parameter sets. */
export interface ParameterSets {
  /** Takes one whole NAL unit; garbage and what is over a limit is counted in `rejected` and changes nothing. */
  put(nal: Uint8Array): void;
  /** The configuration, once after it became complete or changed; undefined otherwise. */
  takeChanged(): VideoConfig | undefined;
  /** The last configuration taken. */
  readonly current: VideoConfig | undefined;
  readonly rejected: number;
}

/** Parameter sets of one kind by their id, in order of id. */
export class SetTable {
  readonly #byId = new Map<number, Uint8Array>();

  /** True when the table changed; undefined when the set is over a limit. */
  put(id: number, nal: Uint8Array): boolean | undefined {
    const old = this.#byId.get(id);
    if (old !== undefined && sameBytes(old, nal)) return false;
    if (nal.length > PARAMETER_SET_BYTES_MAX) return undefined;
    if (old === undefined && this.#byId.size >= PARAMETER_SETS_MAX) return undefined;
    this.#byId.set(id, nal);
    return true;
  }

  list(): Uint8Array[] {
    return [...this.#byId].sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
  }
}
