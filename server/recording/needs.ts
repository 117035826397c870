import type { StreamId, UtcMs } from "@mingjian/vocab";
import type { ChainEntry } from "./chain-format.ts";

/** Facts of a log line: never footage, never a secret. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where the room tells what it does. Fits pino. */
export interface RecordingLog {
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/**
 * Takes every entry once it is durable in its stream's chain. What start-up enters is not told: a ledger compares the
 * chains' heads with its own and reads what it lacks.
 */
export interface LedgerDoor {
  append(stream: StreamId, entry: ChainEntry): Promise<void>;
}

/** What the law and holds say of one segment. */
export interface Keeping {
  /** Never deleted before. */
  readonly keepUntil: UtcMs;
  /** To be deleted from then on; null: no such duty. */
  readonly deleteFrom: UtcMs | null;
  /** Under a hold: not deleted whatever the dates. */
  readonly held: boolean;
}

/** Tells the periods for footage of a stream that ended at an instant. */
export type RetentionRule = (stream: StreamId, span: { readonly startMs: UtcMs; readonly endMs: UtcMs }) => Keeping;
