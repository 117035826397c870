export { CHUNK_BYTES, ChunkPool, Rope } from "./rope.ts";
export { GAP_CAUSES } from "./stream.ts";
export type { AudioCodec, AudioConfig, GapCause, StreamSink, TrackConfig, TrackSink, VideoCodec, VideoConfig } from "./stream.ts";
