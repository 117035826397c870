export type { Segment, Gap, Recording, Found, Band, StreamBands, Completeness, Indexed, TimelineReader, TimelineIndexer, Timeline } from "./model.ts";
export type { SegmentEntry, GapEntry, DeletionEntry, OtherEntry, ChainEntry, Chains } from "./needs.ts";
export { createTimeline } from "./timeline.ts";
export { BANDS_MAX, BAND_STREAMS_MAX } from "./bands.ts";
export { COMPLETENESS_SPANS_MAX } from "./completeness.ts";
export { RANGE_SEGMENTS_MAX } from "./reader.ts";
