export type { Segment, Gap, Recording, Found, Band, StreamBands, Completeness, Indexed, TimelineReader, TimelineIndexer, Timeline } from "./model.ts";
export type { SegmentEntry, GapEntry, DeletionEntry, OtherEntry, ChainEntry, Chains } from "./needs.ts";
