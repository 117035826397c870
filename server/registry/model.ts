import type { CameraId, StreamId, StreamRole, UnitId, UserId, UtcMs } from "@mingjian/vocab";

export type UnitKind = "operator" | "authority";

export interface Unit {
  readonly id: UnitId;
  readonly name: string;
  readonly kind: UnitKind;
  readonly parent: UnitId | null;
  readonly demo: boolean;
  readonly version: number;
}

export type Transport = "auto" | "tcp" | "udp";
export type RetentionClass = "ordinary" | "important";

/** A stream as anybody may see it: no password, no secret in the URL. */
export interface CameraStream {
  readonly role: StreamRole;
  /** Without user and password; values of query fields that look like credentials are shown as `***`. */
  readonly url: string;
  readonly user: string | null;
  readonly hasPassword: boolean;
  readonly transport: Transport;
  readonly certificateSha256: string | null;
}

export interface Camera {
  readonly id: CameraId;
  readonly unit: UnitId;
  readonly name: string;
  /** Where it stands, in words. */
  readonly position: string;
  readonly enabled: boolean;
  readonly record: boolean;
  readonly demo: boolean;
  readonly retentionClass: RetentionClass;
  /** Main first, then sub where there is one. */
  readonly streams: readonly CameraStream[];
  readonly createdAt: UtcMs;
  readonly version: number;
}

/** Where a stream comes from, as a person gives it. User and password may also stand in the URL; fields prevail. */
export interface SourceInput {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly transport?: Transport | undefined;
  /** SHA-256 of the camera's certificate in hex, for rtsps. */
  readonly certificateSha256?: string | undefined;
}

export interface NewCamera {
  readonly id?: string | undefined;
  readonly unit: string;
  readonly name: string;
  readonly position?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly record?: boolean | undefined;
  readonly demo?: boolean | undefined;
  readonly retentionClass?: RetentionClass | undefined;
  readonly main: SourceInput;
  readonly sub?: SourceInput | undefined;
  readonly allowSharedUrl?: boolean | undefined;
}

/** What is absent stays as it is. `version` is the one that was read. */
export interface CameraChange {
  readonly version: number;
  readonly name?: string | undefined;
  readonly position?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly record?: boolean | undefined;
  readonly retentionClass?: RetentionClass | undefined;
  /** A source without user and password keeps the stored ones when scheme, host and port are the same. */
  readonly main?: SourceInput | undefined;
  readonly sub?: SourceInput | null | undefined;
  readonly allowSharedUrl?: boolean | undefined;
}

export interface NewUnit {
  readonly id?: string | undefined;
  readonly name: string;
  readonly kind: UnitKind;
  readonly parent: string | null;
  readonly demo?: boolean | undefined;
}

/** What the ingest needs of one stream, credentials opened. Never leaves the server. */
export interface StreamSource {
  readonly camera: CameraId;
  readonly stream: StreamId;
  readonly role: StreamRole;
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly transport: Transport;
  readonly certificateSha256: string | undefined;
  readonly enabled: boolean;
  /** Only the main stream is recorded. */
  readonly record: boolean;
  readonly retentionClass: RetentionClass;
}

/** Who did it: a user, or a program of ours such as `system:demo`. */
export type Actor = UserId | `system:${string}`;

/** One line of the change history. No credential is ever in it: a changed one is named, not shown. */
export interface Change {
  readonly id: number;
  readonly at: UtcMs;
  readonly by: string;
  readonly kind: "unit" | "camera";
  readonly subject: string;
  readonly action: "added" | "changed" | "removed";
  /** Field -> [before, after]; credentials as ["***", "***"]. */
  readonly fields: Readonly<Record<string, readonly [unknown, unknown]>>;
}

/** Reads what any signed-in person's page may show; which rows is the caller's decision. */
export interface RegistryReader {
  units(): Promise<readonly Unit[]>;
  unit(id: UnitId): Promise<Unit | undefined>;
  /** Of these units only, or of all. */
  cameras(units?: readonly UnitId[]): Promise<readonly Camera[]>;
  camera(id: CameraId): Promise<Camera | undefined>;
  /** The unit and, when it is an operator, the operator units below it. An authority reaches itself alone. */
  unitsWithin(unit: UnitId): Promise<readonly UnitId[]>;
  /** Removed cameras too: their footage still stands. */
  camerasWithin(unit: UnitId): Promise<readonly CameraId[]>;
  /** Name of a camera, removed ones too. */
  cameraName(id: CameraId): Promise<string | undefined>;
  /** Newest first, at most CHANGES_PAGE_MAX. */
  changes(filter?: { readonly subject?: string; readonly before?: number; readonly limit?: number }): Promise<readonly Change[]>;
}

/**
 * Writes. Each is one transaction with its line in the change history, and is told to `onChange` of every process.
 * Faults: `bad-input` (with `pointer`), `not-found`, `conflict` (somebody else changed it: read again),
 * `camera-url-taken` (another camera has this URL), `database-away`.
 * Adding again with the same id and the same content is the same addition and succeeds.
 */
export interface RegistryWriter {
  addUnit(unit: NewUnit, by: Actor): Promise<Unit>;
  changeUnit(id: UnitId, change: { readonly version: number; readonly name?: string; readonly parent?: string | null }, by: Actor): Promise<Unit>;
  /** Refused with `conflict` while it has cameras or units below it. */
  removeUnit(id: UnitId, version: number, by: Actor): Promise<void>;
  addCamera(camera: NewCamera, by: Actor): Promise<Camera>;
  changeCamera(id: CameraId, change: CameraChange, by: Actor): Promise<Camera>;
  /** Its footage stays for its period. */
  removeCamera(id: CameraId, version: number, by: Actor): Promise<void>;
}

/** The only reader of credentials: for the ingest. */
export interface SourceReader {
  sources(): Promise<readonly StreamSource[]>;
  /** The stored credentials where the input has none and names the same host: for probing a stored camera again. */
  complete(camera: CameraId, role: StreamRole, input: SourceInput): Promise<SourceInput>;
}

export interface Registry {
  readonly reader: RegistryReader;
  readonly writer: RegistryWriter;
  readonly sources: SourceReader;
  /** Called soon after any process changed something; read again then. The answer ends it. */
  onChange(heard: () => void): () => void;
  close(): void;
}
