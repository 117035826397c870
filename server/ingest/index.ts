export { createIngest } from "./ingest.ts";
export type { Ingest, IngestDoors } from "./ingest.ts";
export type { IngestFacts, IngestLog, Sinks } from "./needs.ts";
export { probe, PROBE_MS_MAX, PROBE_STEPS } from "./probe.ts";
export type { ProbeDoors, ProbeResult, ProbeStep, ProbeStepResult, SourceToProbe } from "./probe.ts";
export { INGEST_STATES } from "./source.ts";
export type { IngestState, StreamSource, StreamState } from "./source.ts";
