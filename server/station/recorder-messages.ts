import type { ProbeResult, StreamStatus } from "@mingjian/contract";
import type { StreamId, UtcMs } from "@mingjian/vocab";
import type { StreamPicture } from "../viewing/index.ts";

/** What the recorder process is started with. */
export interface RecorderSettings {
  readonly data: string;
  readonly keepDaysMin: number;
  readonly keepDaysMax: number;
  readonly diskReserveMb: number;
  readonly logLevel: string;
}

/** One stream to receive. Holds credentials: never logged. */
export interface RecorderSource {
  readonly stream: StreamId;
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly transport: "auto" | "tcp" | "udp";
  readonly certificateSha256: string | undefined;
  /** Received all the time and recorded; else received only while somebody watches. */
  readonly record: boolean;
  readonly retentionClass: "ordinary" | "important";
}

export type SourceToProbe = Omit<RecorderSource, "stream" | "record" | "retentionClass">;
export type ProbeAnswer = ProbeResult;

export interface OpenPiece {
  readonly stream: StreamId;
  readonly file: string;
  readonly fromMs: UtcMs;
  readonly toMs: UtcMs;
  readonly bytes: number;
}

export interface RecorderAlarm {
  readonly code: string;
  readonly level: "warning" | "alarm";
  readonly since: UtcMs;
  readonly stream: StreamId | null;
  readonly detail: string;
}

/** Told every second. */
export interface RecorderState {
  readonly streams: readonly (StreamStatus & { readonly stream: StreamId })[];
  readonly open: readonly OpenPiece[];
  readonly alarms: readonly RecorderAlarm[];
  readonly disk: {
    readonly state: "ok" | "full" | "read-only" | "failing";
    readonly totalBytes: number;
    readonly freeBytes: number;
    readonly footageBytes: number;
    readonly bytesPerDay: Readonly<Record<string, number>>;
  };
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

/** Head of a live message; the bytes follow. */
export type LiveWire =
  | {
      readonly t: "live";
      readonly kind: "init";
      readonly stream: StreamId;
      readonly generation: number;
      readonly originUtcMs: UtcMs;
      readonly picture: StreamPicture;
    }
  | {
      readonly t: "live";
      readonly kind: "fragment";
      readonly stream: StreamId;
      readonly generation: number;
      readonly key: boolean;
      readonly utcMs: UtcMs;
      readonly durationMs: number;
    }
  | { readonly t: "live"; readonly kind: "waiting"; readonly stream: StreamId; readonly state: string; readonly fault: string | null };
