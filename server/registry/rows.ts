import type { CameraId, UnitId } from "@mingjian/vocab";
import type { Camera, Change, RetentionClass, Transport, Unit, UnitKind } from "./model.ts";

export interface UnitRow {
  readonly id: string;
  readonly name: string;
  readonly kind: UnitKind;
  readonly parent: string | null;
  readonly demo: boolean;
  readonly version: number;
}

export interface CameraRow {
  readonly id: string;
  readonly unit: string;
  readonly name: string;
  readonly position: string;
  readonly enabled: boolean;
  readonly record: boolean;
  readonly demo: boolean;
  readonly retention_class: RetentionClass;
  readonly version: number;
  readonly created_ms: number;
  readonly streams: readonly StreamRow[];
}

export interface StreamRow {
  readonly role: "main" | "sub";
  readonly url_shown: string;
  readonly user_shown: string | null;
  readonly has_password: boolean;
  readonly transport: Transport;
  readonly certificate_sha256: string | null;
}

export interface ChangeRow {
  readonly id: number;
  readonly at_ms: number;
  readonly by_whom: string;
  readonly kind: Change["kind"];
  readonly subject: string;
  readonly action: Change["action"];
  readonly fields: Change["fields"];
}

/** The sealed column is not among these: only sources.ts reads it. */
export const CAMERA_COLUMNS = `c.id, c.unit, c.name, c.position, c.enabled, c.record, c.demo, c.retention_class, c.version, c.created_ms,
  (select coalesce(json_agg(json_build_object('role', s.role, 'url_shown', s.url_shown, 'user_shown', s.user_shown,
    'has_password', s.has_password, 'transport', s.transport, 'certificate_sha256', s.certificate_sha256) order by s.role), '[]'::json)
   from camera_streams s where s.camera = c.id) as streams`;
export const UNIT_COLUMNS = "id, name, kind, parent, demo, version";

export function unitOf(row: UnitRow): Unit {
  return { id: row.id as UnitId, name: row.name, kind: row.kind, parent: row.parent as UnitId | null, demo: row.demo, version: row.version };
}

export function cameraOf(row: CameraRow): Camera {
  return {
    id: row.id as CameraId,
    unit: row.unit as UnitId,
    name: row.name,
    position: row.position,
    enabled: row.enabled,
    record: row.record,
    demo: row.demo,
    retentionClass: row.retention_class,
    streams: row.streams.map((stream) => ({
      role: stream.role,
      url: stream.url_shown,
      user: stream.user_shown,
      hasPassword: stream.has_password,
      transport: stream.transport,
      certificateSha256: stream.certificate_sha256,
    })),
    createdAt: row.created_ms,
    version: row.version,
  };
}

export function changeOf(row: ChangeRow): Change {
  return { id: row.id, at: row.at_ms, by: row.by_whom, kind: row.kind, subject: row.subject, action: row.action, fields: row.fields };
}
