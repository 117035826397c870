import { Fault } from "@mingjian/vocab";
import type { SessionId } from "@mingjian/vocab";
import type { Clock, Database } from "../ports/index.ts";
import { issueFromRole } from "./issue.ts";
import { GrantMemory } from "./memory.ts";
import type { Access, CheckQuestion, GrantFilter, UseBegun } from "./model.ts";
import type { Reach } from "./needs.ts";
import { Register } from "./register.ts";
import { GRANT_COLUMNS, grantOf } from "./rows.ts";
import type { GrantRow } from "./rows.ts";

export const GRANTS_PAGE_MAX = 500;

export interface AccessMeans {
  readonly database: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly reach: Reach;
  /** A name of this server that outlives it, one per data folder: whose open uses `closeLeftOpen` ends. */
  readonly station: string;
}

/** Opens the door of grants and register. */
export async function createAccess(means: AccessMeans): Promise<Access> {
  const { database, clock, newId, reach } = means;
  const memory = new GrantMemory(database, clock);
  const register = new Register(database, clock, means.station);
  await memory.open();
  return {
    issueFromRole: (person, request) => issueFromRole({ database, now: () => clock.utcMs(), newId, reach }, person, request),
    check: (question) => memory.check(question),
    checkNow: (question) => memory.checkNow(question),
    async grant(id) {
      const [row] = await database.query<GrantRow>(`select ${GRANT_COLUMNS} from grants where id = $1`, [id]);
      return row === undefined ? undefined : grantOf(row);
    },
    grants: (filter) => listGrants(database, filter, clock.utcMs()),
    async revoke(id, by) {
      memory.revokeHere([id], by);
      const known = await database.query("update grants set revoked_ms = $2, revoked_by = $3 where id = $1 and revoked_ms is null returning id", [
        id,
        clock.utcMs(),
        by,
      ]);
      if (known.length > 0) return;
      const [row] = await database.query("select 1 from grants where id = $1", [id]);
      if (row === undefined) throw new Fault("not-found", `There is no grant ${id}.`, { grant: id });
    },
    async revokeAllOf(user, by) {
      memory.revokeHere(memory.heldOf(user), by);
      await database.query("update grants set revoked_ms = $2, revoked_by = $3 where user_id = $1 and revoked_ms is null and expires_ms > $2", [
        user,
        clock.utcMs(),
        by,
      ]);
    },
    onEnded: (heard) => memory.onEnded(heard),
    beginUse: (use) => beginUse(memory, register, newId, use),
    endUse: (id, end) => register.end(id, end),
    register: (filter) => register.page(filter),
    closeLeftOpen: () => register.closeLeftOpen(),
    async close() {
      await register.close();
      memory.close();
    },
  };
}

/**
 * 1. The grant is checked. 2. The use is stored. 3. The grant is checked again: it may have ended while the row was
 * on its way; then the use ends unserved. Only after 3 may a byte leave.
 */
async function beginUse(memory: GrantMemory, register: Register, newId: () => string, use: UseBegun): Promise<SessionId> {
  const question: CheckQuestion = { grant: use.grant, user: use.user, camera: use.camera, action: use.action === "copy" ? "copy" : "view", scope: use.scope };
  const before = await memory.check(question);
  if (!before.allowed) throw refused(before.code);
  if ((use.action === "live") !== (use.scope.kind === "live")) throw refused("grant-needed");
  const id = use.id ?? (newId() as SessionId);
  await register.begin(id, use);
  const after = memory.checkNow(question);
  if (!after.allowed) {
    register.end(id, { bytes: 0, frames: 0, servedFrom: null, servedTo: null, cause: after.code });
    throw refused(after.code);
  }
  return id;
}

function refused(code: "grant-needed" | "grant-expired" | "grant-revoked" | "not-allowed" | "database-away"): Fault {
  return new Fault(code, "The grant does not allow this.", { code });
}

async function listGrants(database: Database, filter: GrantFilter, now: number): Promise<ReturnType<typeof grantOf>[]> {
  const rows = await database.query<GrantRow>(
    `select ${GRANT_COLUMNS} from grants where ($1::text is null or user_id = $1) and (not $2::boolean or (revoked_ms is null and expires_ms > $3))
     order by issued_ms desc, id limit $4`,
    [filter.user ?? null, filter.activeOnly ?? false, now, Math.max(1, Math.min(filter.limit ?? 100, GRANTS_PAGE_MAX))],
  );
  return rows.map(grantOf);
}
