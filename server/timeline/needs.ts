import type { StreamId, UtcMs } from "@mingjian/vocab";

interface Numbered {
  /** Position in the stream's chain: from 1, without a hole. */
  readonly seq: number;
  readonly stream: StreamId;
}

/** A finished segment. Footage covers [startMs, endMs). */
export interface SegmentEntry extends Numbered {
  readonly kind: "segment";
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  /** Path below the footage root, with "/". */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly digest: string;
  /** False: a new recording begins here, even where the times touch. */
  readonly continues: boolean;
  /** Counts the times our clock went back. */
  readonly era: number;
}

/** A span that should have been recorded and was not. */
export interface GapEntry extends Numbered {
  readonly kind: "gap";
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  readonly cause: string;
}

/** The segment of an earlier entry is deleted. */
export interface DeletionEntry extends Numbered {
  readonly kind: "deletion";
  readonly segmentSeq: number;
  readonly atMs: UtcMs;
  readonly reason: string;
}

/** Anything else in the chain: the next segment begins a new recording when `cuts`. */
export interface OtherEntry extends Numbered {
  readonly kind: "other";
  readonly cuts: boolean;
}

export type ChainEntry = SegmentEntry | GapEntry | DeletionEntry | OtherEntry;

/** The chains are the truth; the index is read from them. */
export interface Chains {
  /** Entries from this position on, in order, to the present end. */
  readChain(stream: StreamId, fromSeq: number): AsyncIterable<ChainEntry>;
}
