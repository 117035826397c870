import type { CameraId, GrantId, SessionId, Span, StreamId, StreamRole, UserId, UtcMs } from "@mingjian/vocab";

/** What the gateway asks of the grants. Answers come from memory; they are asked for again while a session runs. */
export interface Grants {
  check(ask: GrantAsk): GrantAnswer | Promise<GrantAnswer>;
  /** Told whenever a grant ends, in this process or another on the same database, or can no longer be vouched for. */
  onChange(listener: (grant: GrantId, code: GrantEnd) => void): () => void;
}

export type GrantEnd = "grant-revoked" | "grant-expired" | "database-away";

export interface GrantAsk {
  readonly grant: GrantId;
  readonly user: UserId;
  readonly camera: CameraId;
  readonly action: "view" | "copy";
  /** Live view, or the span of footage that is asked for. */
  readonly target: "live" | Span;
}

export type GrantAnswer =
  | { readonly allowed: true; readonly expiresAt: UtcMs; readonly purpose: string; readonly basis: string; readonly span: Span | undefined }
  | { readonly allowed: false; readonly code: "grant-needed" | "grant-revoked" | "grant-expired" };

/** The register. `begin` returns only when the entry is durable; when it throws, no byte is served. */
export interface Register {
  begin(use: NewUse): Promise<SessionId>;
  end(session: SessionId, result: UseResult): Promise<void>;
}

export interface NewUse {
  readonly grant: GrantId;
  readonly user: UserId;
  readonly camera: CameraId;
  readonly action: "live" | "playback" | "copy";
  readonly target: GrantAsk["target"];
  readonly address: string;
}

export interface UseResult {
  readonly cause: string;
  readonly bytes: number;
  readonly frames: number;
  readonly servedFrom: UtcMs | undefined;
  readonly servedTo: UtcMs | undefined;
}

export interface StreamPicture {
  readonly mime: string;
  readonly width: number;
  readonly height: number;
}

/** What a watched stream tells. Fragments hold one frame and follow the init of the same generation. */
export type LiveEvent =
  | { readonly kind: "init"; readonly generation: number; readonly originUtcMs: UtcMs; readonly picture: StreamPicture; readonly bytes: Uint8Array }
  | {
      readonly kind: "fragment";
      readonly generation: number;
      readonly key: boolean;
      readonly utcMs: UtcMs;
      readonly durationMs: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "waiting"; readonly state: string; readonly fault: string | null };

/** Live frames of the recorder. The first listener starts the tap, which begins with the GOP so far. */
export interface LiveFrames {
  watch(stream: StreamId, listener: (event: LiveEvent) => void): () => void;
}

/** A stretch of one stream's footage in one file. */
export interface FootagePiece {
  readonly file: string;
  readonly from: UtcMs;
  readonly to: UtcMs;
  /** Bytes of the file that are acknowledged; more may be in the making. */
  readonly bytes: number;
  /** Still being written: it may have grown when it is asked for again. */
  readonly open?: boolean;
  /** Another piece has the better word from here on: what this one holds later is not shown. */
  readonly until?: UtcMs;
}

export interface GapPiece {
  readonly from: UtcMs;
  readonly to: UtcMs;
  readonly cause: string;
}

/** Where footage is. `next` gives the piece that holds `at`, or the first after it, and the gaps between. */
export interface FootageIndex {
  next(stream: StreamId, at: UtcMs): Promise<{ readonly piece: FootagePiece | undefined; readonly gaps: readonly GapPiece[] }>;
}

/** Reads footage files; the path is the index's. */
export interface FootageFiles {
  open(file: string): Promise<FootageFile>;
}

export interface FootageFile {
  /** Up to target.length bytes from `position`; fewer only at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Where a session's messages go. The transport (a WebSocket, a test) stands behind it. */
export interface MediaOut {
  text(message: string): void;
  bytes(head: Uint8Array, payload: Uint8Array): void;
  /** Bytes handed over and not yet taken by the network. */
  waitingBytes(): number;
  close(): void;
}

export interface Viewer {
  readonly user: UserId;
  readonly grant: GrantId;
  readonly camera: CameraId;
  readonly address: string;
}

export type { CameraId, GrantId, SessionId, Span, StreamId, StreamRole, UserId, UtcMs };
