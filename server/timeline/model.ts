import type { Span, StreamId, UtcMs } from "@mingjian/vocab";
import type { Chains } from "./needs.ts";

export interface Segment {
  readonly stream: StreamId;
  readonly seq: number;
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
}

export interface Gap {
  readonly stream: StreamId;
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  readonly cause: string;
}

/** What one stream wrote between two cuts, as far as it still stands. */
export interface Recording {
  readonly stream: StreamId;
  readonly startMs: UtcMs;
  readonly endMs: UtcMs;
  readonly segments: number;
  readonly bytes: number;
}

/** Where an instant lies. `untilMs`: the segment's end, or sooner, where a segment of a later era begins. */
export type Found =
  /** `segment` holds the instant. Where two do, the one of the later era: our clock was set back, and that one has the better time. */
  | { readonly kind: "in"; readonly segment: Segment; readonly untilMs: UtcMs }
  /** The instant is not recorded; `segment` is the next one after it, `gap` why (when known). */
  | { readonly kind: "next"; readonly segment: Segment; readonly untilMs: UtcMs; readonly gap: Gap | undefined }
  /** Nothing at or after the instant. */
  | { readonly kind: "none"; readonly gap: Gap | undefined };

export interface Band {
  readonly kind: "recorded" | "gap";
  readonly from: UtcMs;
  readonly to: UtcMs;
  /** Why, for gaps. Where several causes fall into one band: the one that took longest. */
  readonly cause: string | null;
}

export interface StreamBands {
  readonly stream: StreamId;
  /** First and last instant that stands recorded, whatever the span asked for. */
  readonly first: UtcMs | null;
  readonly last: UtcMs | null;
  readonly bands: readonly Band[];
}

/** How whole one stream is in one span, such as a local day. */
export interface Completeness {
  readonly stream: StreamId;
  readonly span: Span;
  readonly recordedMs: number;
  readonly gapMs: number;
  readonly gapMsByCause: Readonly<Record<string, number>>;
}

/** How far the index of a stream has come. */
export interface Indexed {
  readonly stream: StreamId;
  readonly seq: number;
}

export interface TimelineReader {
  find(stream: StreamId, atMs: UtcMs): Promise<Found>;
  /** Segments that share an instant with the span, in order, at most RANGE_SEGMENTS_MAX; ask again from the last one's end. */
  range(stream: StreamId, span: Span): Promise<readonly Segment[]>;
  recordings(stream: StreamId, span: Span): Promise<readonly Recording[]>;
  gaps(stream: StreamId, span: Span): Promise<readonly Gap[]>;
  /** Spans closer than `resolutionMs` are drawn as one. At most BAND_STREAMS_MAX streams. */
  bands(streams: readonly StreamId[], span: Span, resolutionMs: number): Promise<readonly StreamBands[]>;
  /** For each stream and each span (local days, say). */
  completeness(streams: readonly StreamId[], spans: readonly Span[]): Promise<readonly Completeness[]>;
  indexed(stream: StreamId): Promise<number>;
}

export interface TimelineIndexer {
  /** Reads the chain from where the index stands. Safe to call at any time and again; one run per stream at a time. Gives the last position. */
  catchUp(stream: StreamId, chains: Chains): Promise<number>;
  /** Throws the stream's index away and reads its chain anew. */
  rebuild(stream: StreamId, chains: Chains): Promise<number>;
}

export interface Timeline {
  readonly reader: TimelineReader;
  readonly indexer: TimelineIndexer;
}
