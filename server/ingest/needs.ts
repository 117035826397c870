import type { GapCause, StreamSink, TrackConfig } from "@mingjian/media";
import type { StreamId } from "@mingjian/vocab";

/** Who takes the samples: the recording room, or a live-only sink. */
export interface Sinks {
  /** One connection brings this stream, from a key frame on. */
  open(stream: StreamId, configs: readonly TrackConfig[]): StreamSink | { readonly refused: GapCause };
  /**
   * Nothing comes of this stream, for this cause. Told when no sink is open: an attempt failed before the first picture,
   * or the cause of an outage became another one. A sink that is closed tells its own cause.
   */
  gapBegins(stream: StreamId, cause: GapCause): void;
}

/** Facts of a log line: never a secret, never a URL with credentials. */
export type IngestFacts = Readonly<Record<string, string | number | boolean | null>>;

/** Where the room tells what it does. Fits pino. */
export interface IngestLog {
  info(facts: IngestFacts, message: string): void;
  warn(facts: IngestFacts, message: string): void;
  error(facts: IngestFacts, message: string): void;
}
