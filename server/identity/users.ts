import { Fault } from "@mingjian/vocab";
import type { UnitId, UserId, UtcMs } from "@mingjian/vocab";
import type { Database, Queries } from "../ports/index.ts";
import { unlock } from "./failures.ts";
import type { Library } from "./library.ts";
import type { NewUser, Role, User, UserChange } from "./model.ts";
import { checkDisplayName, checkPassword, checkUserName, signInName } from "./passwords.ts";

export const ROLES: readonly Role[] = ["administrator", "security-chief", "duty", "auditor"];
export const USERS_MAX = 5_000;
/** Writers of users take turns: the last administrator cannot leave twice at once. */
const USERS_LOCK = "select pg_advisory_xact_lock(7224014)";
export const SESSION_CHANNEL = "sign_in_ended";

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly display_username: string;
  readonly unit: string | null;
  readonly roles: readonly Role[];
  readonly two_factor_enabled: boolean;
  readonly disabled: boolean;
  readonly locked_until_ms: number | null;
}

export const USER_COLUMNS = `u.id, u.name, u.display_username, u.unit, u.roles, u.two_factor_enabled, u.disabled,
  (select f.locked_until_ms from sign_in_failures f where f.kind = 'account' and f.subject = u.username) as locked_until_ms`;

export function userOf(row: UserRow, now: UtcMs): User {
  return {
    id: row.id as UserId,
    name: row.display_username,
    displayName: row.name,
    unit: row.unit as UnitId | null,
    roles: row.roles,
    totp: row.two_factor_enabled,
    disabled: row.disabled,
    lockedUntil: row.locked_until_ms !== null && row.locked_until_ms > now ? row.locked_until_ms : null,
  };
}

interface Means {
  readonly database: Database;
  readonly library: Library;
  readonly now: () => UtcMs;
  readonly newId: () => string;
}

export async function findUser(database: Queries, by: { readonly id: string } | { readonly name: string }, now: UtcMs): Promise<User | undefined> {
  const [row] =
    "id" in by
      ? await database.query<UserRow>(`select ${USER_COLUMNS} from users u where u.id = $1`, [by.id])
      : await database.query<UserRow>(`select ${USER_COLUMNS} from users u where u.username = $1`, [signInName(by.name)]);
  return row === undefined ? undefined : userOf(row, now);
}

export async function listUsers(database: Queries, now: UtcMs): Promise<readonly User[]> {
  return (await database.query<UserRow>(`select ${USER_COLUMNS} from users u order by u.username`)).map((row) => userOf(row, now));
}

/** What is to be stored of a new user, checked, the password hashed. Hashing takes a tenth of a second, so it is done outside transactions. */
export async function prepareUser(library: Library, input: NewUser): Promise<NewUser & { readonly hash: string }> {
  const name = checkUserName(input.name);
  checkPassword(input.password, name);
  const roles = checkRoles(input.roles);
  const displayName = checkDisplayName(input.displayName);
  const hash = await (await library.$context).password.hash(input.password);
  return { ...input, name, displayName, roles, hash };
}

export async function insertUser(tx: Queries, means: Pick<Means, "newId" | "now">, user: NewUser & { readonly hash: string }): Promise<User> {
  const id = means.newId();
  const [taken] = await tx.query("select 1 from users where username = $1", [signInName(user.name)]);
  if (taken !== undefined) throw new Fault("conflict", `The name ${user.name} is taken.`, { pointer: "/name", name: user.name });
  if (user.unit !== null) await checkUnit(tx, user.unit);
  await tx.query("insert into users (id, name, email, username, display_username, unit, roles) values ($1, $2, $3, $3, $4, $5, $6)", [
    id,
    user.displayName,
    signInName(user.name),
    user.name,
    user.unit,
    user.roles,
  ]);
  await tx.query("insert into accounts (id, account_id, provider_id, user_id, password) values ($1, $2, 'credential', $2, $3)", [means.newId(), id, user.hash]);
  const created = await findUser(tx, { id }, means.now());
  if (created === undefined) throw new Fault("internal", "A user just stored is not there.");
  return created;
}

export async function addUser(means: Means, input: NewUser): Promise<User> {
  const prepared = await prepareUser(means.library, input);
  return means.database.transaction(async (tx) => {
    await tx.query(USERS_LOCK);
    const [row] = await tx.query<{ count: number }>("select count(*)::int as count from users");
    if ((row?.count ?? 0) >= USERS_MAX) throw new Fault("too-many", `There are ${USERS_MAX} users already.`, { limit: USERS_MAX });
    return insertUser(tx, means, prepared);
  });
}

export async function changeUser(means: Means, id: UserId, change: UserChange): Promise<User> {
  const current = await findUser(means.database, { id }, means.now());
  if (current === undefined) throw missing(id);
  if (change.password !== undefined) checkPassword(change.password, current.name);
  if (change.unlock === false) throw new Fault("bad-input", "unlock can only be true.", { pointer: "/unlock" });
  const hash = change.password === undefined ? undefined : await (await means.library.$context).password.hash(change.password);
  const displayName = change.displayName === undefined ? undefined : checkDisplayName(change.displayName);
  const roles = change.roles === undefined ? undefined : checkRoles(change.roles);
  return means.database.transaction(async (tx) => {
    await tx.query(USERS_LOCK);
    const before = await findUser(tx, { id }, means.now());
    if (before === undefined) throw missing(id);
    const after = { unit: change.unit === undefined ? before.unit : change.unit, roles: roles ?? before.roles, disabled: change.disabled ?? before.disabled };
    if (after.unit !== null) await checkUnit(tx, after.unit);
    await keepAnAdministrator(tx, id, after);
    await tx.query("update users set name = $2, unit = $3, roles = $4, disabled = $5, updated_at = now() where id = $1", [
      id,
      displayName ?? before.displayName,
      after.unit,
      after.roles,
      after.disabled,
    ]);
    if (hash !== undefined)
      await tx.query("update accounts set password = $2, updated_at = now() where user_id = $1 and provider_id = 'credential'", [id, hash]);
    if (change.resetTotp === true) {
      await tx.query("delete from second_factors where user_id = $1", [id]);
      await tx.query("update users set two_factor_enabled = false where id = $1", [id]);
    }
    if (change.unlock === true || hash !== undefined) await unlock(tx, signInName(before.name));
    const moved = before.unit !== after.unit || before.disabled !== after.disabled || [...before.roles].sort().join() !== [...after.roles].sort().join();
    if (moved || hash !== undefined || change.resetTotp === true) await endSessions(tx, id);
    return (await findUser(tx, { id }, means.now())) ?? before;
  });
}

/** All sign-ins of a user end; every process hears of it when the transaction is stored. */
export async function endSessions(tx: Queries, user: string): Promise<void> {
  await tx.query("delete from sessions where user_id = $1", [user]);
  await tx.query("delete from verifications where value = $1", [user]);
  await tx.query("select pg_notify($1, $2)", [SESSION_CHANNEL, user]);
}

async function keepAnAdministrator(tx: Queries, id: string, after: { readonly roles: readonly Role[]; readonly disabled: boolean }): Promise<void> {
  if (after.roles.includes("administrator") && !after.disabled) return;
  const [was] = await tx.query("select 1 from users where id = $1 and not disabled and 'administrator' = any(roles)", [id]);
  const [other] = await tx.query("select 1 from users where id <> $1 and not disabled and 'administrator' = any(roles) limit 1", [id]);
  if (was !== undefined && other === undefined) throw new Fault("conflict", "This is the last administrator.", { reason: "last-administrator" });
}

async function checkUnit(tx: Queries, unit: string): Promise<void> {
  const [row] = await tx.query("select 1 from units where id = $1", [unit]);
  if (row === undefined) throw new Fault("bad-input", `There is no unit ${unit}.`, { pointer: "/unit" });
}

function checkRoles(roles: readonly Role[]): readonly Role[] {
  const unknown = roles.find((role) => !ROLES.includes(role));
  if (unknown !== undefined) throw new Fault("bad-input", `There is no role ${unknown}.`, { pointer: "/roles" });
  return ROLES.filter((role) => roles.includes(role));
}

function missing(id: string): Fault {
  return new Fault("not-found", `There is no user ${id}.`, { user: id });
}
