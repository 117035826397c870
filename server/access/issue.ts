import { Fault, isId } from "@mingjian/vocab";
import type { GrantId, UtcMs } from "@mingjian/vocab";
import type { Database } from "../ports/index.ts";
import type { Grant, GrantRequest, Person } from "./model.ts";
import type { Reach } from "./needs.ts";
import { roleFor } from "./roles.ts";
import { GRANT_COLUMNS, grantOf, spanColumns } from "./rows.ts";
import type { GrantRow } from "./rows.ts";

export const GRANT_CAMERAS_MAX = 64;
export const PURPOSE_CHARS_MAX = 500;
/** One duty shift. */
export const LIVE_GRANT_MS = 12 * 3_600_000;
export const SPAN_GRANT_MS = 4 * 3_600_000;
export const GRANT_SPAN_MS_MAX = 400 * 86_400_000;

interface Means {
  readonly database: Database;
  readonly now: () => UtcMs;
  readonly newId: () => string;
  readonly reach: Reach;
}

function bad(pointer: string, message: string): Fault {
  return new Fault("bad-input", message, { pointer });
}

function checkShape(request: GrantRequest): void {
  if (request.id !== undefined && !isId(request.id)) throw bad("/id", "This is not an id.");
  if (request.cameras.length < 1 || request.cameras.length > GRANT_CAMERAS_MAX) throw bad("/cameras", `A grant names 1 to ${GRANT_CAMERAS_MAX} cameras.`);
  const purpose = request.purpose.trim();
  if (purpose.length < 1 || purpose.length > PURPOSE_CHARS_MAX) throw bad("/purpose", `A purpose has 1 to ${PURPOSE_CHARS_MAX} characters.`);
  if (request.actions.length < 1 || !request.actions.every((action) => action === "view" || action === "copy"))
    throw bad("/actions", "Actions are view and copy.");
  if (request.scope.kind === "live") return;
  const { from, to } = request.scope.span;
  if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to) throw bad("/to", "The span ends before it begins.");
  if (to - from > GRANT_SPAN_MS_MAX) throw bad("/to", `A span is at most ${GRANT_SPAN_MS_MAX / 86_400_000} days.`);
}

/** Judges by role and stores the grant. The same id and content again gives the same grant. */
export async function issueFromRole(means: Means, person: Person, request: GrantRequest): Promise<Grant> {
  checkShape(request);
  const role = roleFor(person, request.scope, request.actions);
  if (role === undefined) throw new Fault("not-allowed", "No role of this user allows this.", { reason: "role" });
  if (person.unit === null) throw new Fault("not-allowed", "This user belongs to no unit.", { reason: "unit" });
  const own = new Set<string>(await means.reach.camerasWithin(person.unit));
  const foreign = request.cameras.find((camera) => !own.has(camera));
  if (foreign !== undefined) throw new Fault("not-allowed", `Camera ${foreign} is not of this user's unit.`, { reason: "camera", camera: foreign });
  const id = request.id ?? (means.newId() as GrantId);
  const issuedAt = means.now();
  const [from, to] = spanColumns(request.scope);
  const lastsMs = request.scope.kind === "live" ? LIVE_GRANT_MS : SPAN_GRANT_MS;
  const cameras = [...new Set(request.cameras)].sort();
  const actions = [...new Set(request.actions)].sort();
  const values = [id, person.id, cameras, from, to, actions, request.purpose.trim(), `role:${role}`];
  // The person may have lost the role since they were read: the row is looked at, and held, as the grant is stored.
  await means.database.query(
    `insert into grants (id, user_id, cameras, span_from_ms, span_to_ms, actions, purpose, basis, issued_ms, expires_ms)
     select $1, u.id, $3::text[], $4::bigint, $5::bigint, $6::text[], $7, $8, $9::bigint, $10::bigint
     from users u where u.id = $2 and not u.disabled and $11 = any(u.roles) and u.unit = $12 for share
     on conflict (id) do nothing`,
    [...values, issuedAt, issuedAt + lastsMs, role, person.unit],
  );
  const [row] = await means.database.query<GrantRow>(
    `select ${GRANT_COLUMNS} from grants where id = $1 and user_id = $2 and cameras = $3::text[]
     and span_from_ms is not distinct from $4::bigint and span_to_ms is not distinct from $5::bigint
     and actions = $6::text[] and purpose = $7 and basis = $8`,
    values,
  );
  return row === undefined ? refuse(means.database, id) : grantOf(row);
}

async function refuse(database: Database, id: GrantId): Promise<never> {
  const [other] = await database.query("select 1 from grants where id = $1", [id]);
  if (other === undefined) throw new Fault("not-allowed", "This user has lost the role or the unit.", { reason: "changed" });
  throw new Fault("conflict", `There is another grant ${id} already.`, { grant: id });
}
