export { createRecorder } from "./recorder.ts";
export type { DiskState, RecordedStream, Recorder, RecorderOptions } from "./recorder.ts";
export type { Acknowledged, RecordedState } from "./stream.ts";
export type { TapEvent, TapListener } from "./tap.ts";
export { readChain } from "./chain.ts";
export type { ChainEntry, ChainFacts, ClockFacts, DeletionFacts, GapFacts, MendFacts, SegmentFacts } from "./chain-format.ts";
export type { Keeping, LedgerDoor, LogFacts, RecordingLog, RetentionRule } from "./needs.ts";
export { partsFromScan, scanFile, scanPath } from "./segment-file.ts";
