export { createIngest } from "./ingest.ts";
export type { Ingest, IngestDoors } from "./ingest.ts";
export type { IngestFacts, IngestLog, Sinks } from "./needs.ts";
export { INGEST_STATES } from "./source.ts";
export type { IngestState, StreamSource, StreamState } from "./source.ts";
