import type { CameraId, GrantId, SessionId, UserId } from "@mingjian/vocab";
import { span } from "@mingjian/vocab";
import type { Action, Grant, RegisterLine, Scope } from "./model.ts";

export interface GrantRow {
  readonly id: string;
  readonly user_id: string;
  readonly cameras: readonly string[];
  readonly span_from_ms: number | null;
  readonly span_to_ms: number | null;
  readonly actions: readonly Action[];
  readonly purpose: string;
  readonly basis: string;
  readonly issued_ms: number;
  readonly expires_ms: number;
  readonly revoked_ms: number | null;
  readonly revoked_by: string | null;
}

export const GRANT_COLUMNS = "id, user_id, cameras, span_from_ms, span_to_ms, actions, purpose, basis, issued_ms, expires_ms, revoked_ms, revoked_by";

export function scopeOf(from: number | null, to: number | null): Scope {
  return from === null || to === null ? { kind: "live" } : { kind: "span", span: span(from, to) };
}

export function spanColumns(scope: Scope): readonly [number | null, number | null] {
  return scope.kind === "live" ? [null, null] : [Math.floor(scope.span.from), Math.ceil(scope.span.to)];
}

export function grantOf(row: GrantRow): Grant {
  return {
    id: row.id as GrantId,
    user: row.user_id as UserId,
    cameras: row.cameras as readonly CameraId[],
    scope: scopeOf(row.span_from_ms, row.span_to_ms),
    actions: row.actions,
    purpose: row.purpose,
    basis: row.basis,
    issuedAt: row.issued_ms,
    expiresAt: row.expires_ms,
    revokedAt: row.revoked_ms,
    revokedBy: row.revoked_by,
  };
}

export interface RegisterRow {
  readonly id: string;
  readonly line: number;
  readonly grant_id: string;
  readonly user_id: string;
  readonly camera: string;
  readonly action: RegisterLine["action"];
  readonly span_from_ms: number | null;
  readonly span_to_ms: number | null;
  readonly address: string;
  readonly purpose: string;
  readonly basis: string;
  readonly started_ms: number;
  readonly ended_ms: number | null;
  readonly cause: string | null;
  readonly served_from_ms: number | null;
  readonly served_to_ms: number | null;
  readonly bytes: number | null;
  readonly frames: number | null;
}

export function lineOf(row: RegisterRow): RegisterLine {
  return {
    id: row.id as SessionId,
    grant: row.grant_id as GrantId,
    user: row.user_id as UserId,
    camera: row.camera as CameraId,
    action: row.action,
    scope: scopeOf(row.span_from_ms, row.span_to_ms),
    address: row.address,
    purpose: row.purpose,
    basis: row.basis,
    startedAt: row.started_ms,
    endedAt: row.ended_ms,
    endCause: row.cause,
    servedFrom: row.served_from_ms,
    servedTo: row.served_to_ms,
    bytes: row.bytes ?? 0,
    frames: row.frames ?? 0,
  };
}
