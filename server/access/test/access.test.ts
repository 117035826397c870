import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isFault } from "@mingjian/vocab";
import type { CameraId, FaultCode, GrantId, SessionId, UnitId, UserId } from "@mingjian/vocab";
import { FaultyDatabase, TestClock, newId, seededChance, startTestCluster } from "../../ports/index.ts";
import type { Database, TestCluster } from "../../ports/index.ts";
import { createAccess } from "../index.ts";
import type { Access, CheckQuestion, Grant, GrantEnded, GrantRequest, Person, UseBegun, UseEnded } from "../index.ts";
import { BLIND_MS_MAX } from "../memory.ts";
import { GRANT_CAMERAS_MAX, LIVE_GRANT_MS, PURPOSE_CHARS_MAX } from "../issue.ts";

let cluster: TestCluster;
const opened: Access[] = [];
before(async () => {
  cluster = await startTestCluster();
});
after(async () => {
  for (const access of opened) await access.close();
  await cluster.close();
});

const GATE = "gate" as CameraId;
const YARD = "yard" as CameraId;
const FOREIGN = "foreign" as CameraId;
const UNIT = "school" as UnitId;
const CHIEF: Person = { id: "chief" as UserId, unit: UNIT, roles: ["security-chief"] };
const DUTY: Person = { id: "duty" as UserId, unit: UNIT, roles: ["duty"] };
const LIVE = { kind: "live" } as const;
const DAY = Date.UTC(2026, 10, 21);
const SPAN = { kind: "span", span: { from: DAY, to: DAY + 3_600_000 } } as const;
const NOTHING: UseEnded = { bytes: 0, frames: 0, servedFrom: null, servedTo: null, cause: "client-left" };
let seed = 0;

interface Fixture {
  readonly database: Database;
  readonly faulty: FaultyDatabase;
  readonly clock: TestClock;
  readonly access: Access;
  readonly ended: GrantEnded[];
}

async function open(database: Database, station = "main", clock = new TestClock()): Promise<Fixture> {
  const faulty = new FaultyDatabase(database);
  const chance = seededChance((seed += 1));
  const access = await createAccess({
    database: faulty,
    clock,
    newId: () => newId(chance),
    station,
    reach: { camerasWithin: async (unit) => (unit === UNIT ? [GATE, YARD] : [FOREIGN]) },
  });
  opened.push(access);
  const ended: GrantEnded[] = [];
  access.onEnded((one) => ended.push(one));
  return { database, faulty, clock, access, ended };
}

async function fixture(): Promise<Fixture> {
  const database = await cluster.fresh();
  await database.query("insert into units (id, name, kind, created_ms) values ('school', 'school', 'operator', 0)");
  for (const [id, role] of [
    ["chief", "security-chief"],
    ["duty", "duty"],
    ["other", "duty"],
  ]) {
    await database.query("insert into users (id, name, email, username, display_username, unit, roles) values ($1, $1, $1, $1, $1, 'school', array[$2])", [
      id,
      role,
    ]);
  }
  return open(database);
}

function request(more: Partial<GrantRequest> = {}): GrantRequest {
  return { cameras: [GATE], scope: LIVE, actions: ["view"], purpose: "值班", ...more };
}

function ask(grant: Grant, more: Partial<CheckQuestion> = {}): CheckQuestion {
  return { grant: grant.id, user: grant.user, camera: GATE, action: "view", scope: LIVE, ...more };
}

function use(grant: Grant, more: Partial<UseBegun> = {}): UseBegun {
  return { grant: grant.id, user: grant.user, camera: GATE, action: "live", scope: LIVE, address: "192.0.2.1", ...more };
}

function fault(code: FaultCode, details: Readonly<Record<string, unknown>> = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isFault(error), String(error));
    assert.equal(error.code, code);
    for (const [key, value] of Object.entries(details)) assert.equal(error.details[key], value);
    return true;
  };
}

async function answer(access: Access, question: CheckQuestion): Promise<string> {
  const given = await access.check(question);
  const now = access.checkNow(question);
  assert.deepEqual(given, now);
  return given.allowed ? "allowed" : given.code;
}

/** Resolves when the condition holds; looked at each time the database has answered something. */
async function until(database: Database, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    if (await holds()) return;
    await database.query("select 1").catch(() => undefined);
  }
  assert.fail("this never came");
}

test("[A1] [A2] roles allow what they are for, on the cameras of the own unit", async () => {
  const { access } = await fixture();
  const may = async (person: Person, wanted: Partial<GrantRequest>): Promise<string> =>
    access.issueFromRole(person, request(wanted)).then(
      (grant) => grant.basis,
      (error: unknown) => (isFault(error) ? String(error.details["reason"]) : "?"),
    );
  const chief = (roles: readonly string[]): Person => ({ ...CHIEF, roles });
  assert.equal(await may(DUTY, {}), "role:duty");
  assert.equal(await may(DUTY, { scope: SPAN }), "role");
  assert.equal(await may(DUTY, { actions: ["copy"] }), "role");
  assert.equal(await may(CHIEF, {}), "role:security-chief");
  assert.equal(await may(CHIEF, { scope: SPAN, actions: ["view", "copy"] }), "role:security-chief");
  assert.equal(await may(CHIEF, { actions: ["view", "copy"] }), "role");
  assert.equal(await may(chief(["administrator", "auditor"]), {}), "role");
  assert.equal(await may({ ...DUTY, roles: ["administrator", "duty"] }, {}), "role:duty");
  assert.equal(await may(chief([]), {}), "role");
  assert.equal(await may(CHIEF, { cameras: [GATE, FOREIGN] }), "camera");
  assert.equal(await may({ ...DUTY, unit: null }, {}), "unit");
  assert.equal(await may({ ...DUTY, unit: "elsewhere" as UnitId }, {}), "camera");
});

test("[A3] a grant opens what it names and nothing beside it", async () => {
  const { access } = await fixture();
  const live = await access.issueFromRole(CHIEF, request({ cameras: [GATE, YARD] }));
  const span = await access.issueFromRole(CHIEF, request({ scope: SPAN, actions: ["view"] }));
  assert.equal(await answer(access, ask(live)), "allowed");
  assert.equal(await answer(access, ask(live, { camera: YARD })), "allowed");
  assert.equal(await answer(access, ask(live, { camera: FOREIGN })), "grant-needed");
  assert.equal(await answer(access, ask(live, { user: DUTY.id })), "grant-needed");
  assert.equal(await answer(access, ask(live, { action: "copy" })), "grant-needed");
  assert.equal(await answer(access, ask(live, { scope: SPAN })), "grant-needed");
  assert.equal(await answer(access, ask(live, { grant: "nonsense" as GrantId })), "grant-needed");
  const inside = (fromMs: number, toMs: number): CheckQuestion => ask(span, { scope: { kind: "span", span: { from: DAY + fromMs, to: DAY + toMs } } });
  assert.equal(await answer(access, inside(0, 3_600_000)), "allowed");
  assert.equal(await answer(access, inside(5, 6)), "allowed");
  for (const [from, to] of [
    [-1, 10],
    [0, 3_600_001],
    [10, 10],
    [10, 5],
    [-10, -5],
  ] as const)
    assert.equal(await answer(access, inside(from, to)), "grant-needed");
  assert.equal(await answer(access, ask(span)), "grant-needed");
});

test("[A4] [A12] a grant ends with its time, tells so, and a clock set back does not bring it back", async () => {
  const { access, clock, ended } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  assert.equal(await answer(access, ask(grant)), "allowed");
  clock.advance(LIVE_GRANT_MS - 1);
  assert.equal(await answer(access, ask(grant)), "allowed");
  assert.deepEqual(ended, []);
  clock.advance(300);
  assert.equal(await answer(access, ask(grant)), "grant-expired");
  assert.deepEqual(ended, [{ grant: grant.id, code: "grant-expired" }]);
  clock.step(-3_600_000);
  assert.equal(await answer(access, ask(grant)), "grant-expired");
  clock.step(-2 * LIVE_GRANT_MS);
  const other = await access.issueFromRole(DUTY, request());
  clock.step(-3_600_000);
  assert.equal(await answer(access, ask(other)), "grant-expired");
});

test("[A5] limits of a request: granted at them, refused past them", async () => {
  const { access } = await fixture();
  const many = Array.from({ length: GRANT_CAMERAS_MAX }, () => GATE);
  assert.deepEqual((await access.issueFromRole(DUTY, request({ cameras: many }))).cameras, [GATE]);
  await access.issueFromRole(DUTY, request({ purpose: "x".repeat(PURPOSE_CHARS_MAX) }));
  const from = DAY;
  const refused: readonly (readonly [Partial<GrantRequest>, string])[] = [
    [{ cameras: [...many, GATE] }, "/cameras"],
    [{ cameras: [] }, "/cameras"],
    [{ purpose: " " }, "/purpose"],
    [{ purpose: "x".repeat(PURPOSE_CHARS_MAX + 1) }, "/purpose"],
    [{ actions: [] }, "/actions"],
    [{ id: "Nein!" as GrantId }, "/id"],
    [{ scope: { kind: "span", span: { from, to: from } } }, "/to"],
    [{ scope: { kind: "span", span: { from, to: from + 401 * 86_400_000 } } }, "/to"],
    [{ scope: { kind: "span", span: { from: Number.NaN, to: from } } }, "/to"],
  ];
  for (const [wanted, pointer] of refused) await assert.rejects(access.issueFromRole(CHIEF, request(wanted)), fault("bad-input", { pointer }));
});

for (const failure of ["failed", "failed-but-stored"] as const) {
  test(`[A6] a grant whose storing ${failure} is given by the same request again`, async () => {
    const { access, faulty } = await fixture();
    const wanted = request({ id: "g1" as GrantId });
    faulty.plan(failure);
    await assert.rejects(access.issueFromRole(DUTY, wanted), fault("database-away"));
    const grant = await access.issueFromRole(DUTY, wanted);
    assert.deepEqual(await access.issueFromRole(DUTY, wanted), grant);
    assert.deepEqual(await access.grants({ user: DUTY.id }), [grant]);
    await assert.rejects(access.issueFromRole(DUTY, { ...wanted, purpose: "别的" }), fault("conflict"));
    await assert.rejects(access.issueFromRole({ ...DUTY, id: "other" as UserId }, wanted), fault("conflict"));
  });
}

test("[A7] a stored grant cannot be widened, revived or deleted", async () => {
  const { access, database } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  for (const set of ["expires_ms = expires_ms + 1", "cameras = '{foreign}'", "user_id = 'other'", "actions = '{copy}'", "span_from_ms = 1, span_to_ms = 2"]) {
    await assert.rejects(database.query(`update grants set ${set}`), /only revoked/, set);
  }
  await access.revoke(grant.id, "chief");
  await assert.rejects(database.query("update grants set revoked_ms = null, revoked_by = null"), /only revoked/);
  await assert.rejects(database.query("delete from grants"), /never deleted/);
  const stored = await access.grant(grant.id);
  assert.equal(stored?.revokedBy, "chief");
  await access.revoke(grant.id, "somebody");
  assert.deepEqual(await access.grant(grant.id), stored);
  await assert.rejects(access.revoke("none" as GrantId, "x"), fault("not-found"));
});

for (const failure of ["failed", "failed-but-stored"] as const) {
  test(`[A10] a revocation ends pictures here at once, also when storing it ${failure}`, async () => {
    const { access, ended, faulty } = await fixture();
    const grant = await access.issueFromRole(DUTY, request());
    assert.equal(await answer(access, ask(grant)), "allowed");
    faulty.plan(failure);
    const revoking = access.revoke(grant.id, "chief");
    assert.deepEqual(ended, [{ grant: grant.id, code: "grant-revoked" }]);
    assert.deepEqual(access.checkNow(ask(grant)), { allowed: false, code: "grant-revoked" });
    await assert.rejects(revoking, fault("database-away"));
    await access.revoke(grant.id, "chief");
    assert.equal((await access.grant(grant.id))?.revokedBy, "chief");
    assert.equal(ended.length, 1);
  });
}

test("[A11] [A15] a revocation in one process ends what runs in another", async () => {
  const { access } = await fixture();
  const second = await open(await cluster.again(), "second");
  const heard = new Promise<GrantEnded>((resolve) => {
    second.access.onEnded(resolve);
  });
  const grant = await access.issueFromRole(DUTY, request());
  assert.equal(await answer(second.access, ask(grant)), "allowed");
  await access.revoke(grant.id, "chief");
  assert.deepEqual(await heard, { grant: grant.id, code: "grant-revoked" });
  assert.equal(await answer(second.access, ask(grant)), "grant-revoked");
  const [one, two] = [await access.issueFromRole(DUTY, request()), await access.issueFromRole(CHIEF, request())];
  assert.equal(await answer(second.access, ask(one)), "allowed");
  assert.equal(await answer(second.access, ask(two)), "allowed");
  const next = new Promise<GrantEnded>((resolve) => {
    second.access.onEnded(resolve);
  });
  await access.revokeAllOf(DUTY.id, "system:roles");
  assert.deepEqual(await next, { grant: one.id, code: "grant-revoked" });
  assert.equal(await answer(second.access, ask(two)), "allowed");
});

test("[A16] a person who loses the role, the unit or the account loses the grants with it, and gets none on the old word", async () => {
  const { access, database, ended } = await fixture();
  for (const change of ["roles = '{auditor}'", "unit = null", "disabled = true"]) {
    await database.query("update users set roles = '{duty}', unit = 'school', disabled = false where id = 'duty'");
    const grant = await access.issueFromRole(DUTY, request());
    assert.equal(await answer(access, ask(grant)), "allowed");
    await database.query("update users set name = 'Wang' where id = 'duty'");
    assert.equal((await access.grant(grant.id))?.revokedAt, null);
    await database.query(`update users set ${change} where id = 'duty'`);
    assert.equal((await access.grant(grant.id))?.revokedBy, "system:user-changed");
    await until(database, () => ended.some((one) => one.grant === grant.id && one.code === "grant-revoked"));
    await assert.rejects(access.issueFromRole(DUTY, request()), fault("not-allowed", { reason: "changed" }));
  }
});

test("[A13] a revocation missed while the listener was cut off is found when it hears again", async () => {
  const { access, database, ended } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  assert.equal(await answer(access, ask(grant)), "allowed");
  await database.query("alter table grants disable trigger grants_revoked");
  await database.query("update grants set revoked_ms = issued_ms + 1, revoked_by = 'elsewhere'");
  assert.equal(await answer(access, ask(grant)), "allowed");
  await database.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mingjian-listener' and datname = current_database()");
  await until(database, () => ended.length > 0);
  assert.deepEqual(ended, [{ grant: grant.id, code: "grant-revoked" }]);
});

test("[A14] without word from the database pictures end after BLIND_MS_MAX, and come back with it", async () => {
  const { access, clock, database, ended, faulty } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  assert.equal(await answer(access, ask(grant)), "allowed");
  // Connections are cut, and reading again fails.
  faulty.setAway(true);
  await database.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mingjian-listener' and datname = current_database()");
  const deaf = async (): Promise<boolean> => {
    clock.advance(BLIND_MS_MAX / 4);
    return ended.length > 0;
  };
  const startedMs = clock.monotonicMs();
  await until(database, deaf);
  assert.ok(clock.monotonicMs() - startedMs >= BLIND_MS_MAX);
  assert.deepEqual(ended, [{ grant: grant.id, code: "database-away" }]);
  assert.deepEqual(access.checkNow(ask(grant)), { allowed: false, code: "database-away" });
  faulty.setAway(false);
  await until(database, () => {
    clock.advance(250);
    return access.checkNow(ask(grant)).allowed;
  });
});

for (const failure of ["failed", "failed-but-stored"] as const) {
  test(`[A20] [A21] a use whose storing ${failure} does not begin, and no open use is left`, async () => {
    const { access, clock, database, faulty } = await fixture();
    const grant = await access.issueFromRole(DUTY, request());
    await access.check(ask(grant));
    faulty.plan(failure);
    await assert.rejects(access.beginUse(use(grant, { id: "u1" as SessionId })), fault("register-failed"));
    const id = await access.beginUse(use(grant));
    assert.deepEqual((await database.query("select 1 from register_begun where id = $1", [id])).length, 1);
    access.endUse(id, NOTHING);
    await until(database, async () => {
      clock.advance(500);
      return (await access.register({ openOnly: true })).lines.length === 0;
    });
    const causes = (await access.register({})).lines.map((line) => line.endCause);
    assert.deepEqual(causes, failure === "failed" ? ["client-left"] : ["client-left", "not-begun"]);
  });
}

test("[A22] no use begins without a good grant, nor when it is revoked while the use is stored", async () => {
  const { access, clock, database } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  await assert.rejects(access.beginUse(use(grant, { camera: YARD })), fault("grant-needed"));
  await assert.rejects(access.beginUse(use(grant, { action: "playback" })), fault("grant-needed"));
  await assert.rejects(access.beginUse(use(grant, { user: CHIEF.id })), fault("grant-needed"));
  const beginning = access.beginUse(use(grant));
  await access.check(ask(grant));
  const revoking = access.revoke(grant.id, "chief");
  await assert.rejects(beginning, fault("grant-revoked"));
  await revoking;
  await assert.rejects(access.beginUse(use(grant)), fault("grant-revoked"));
  await until(database, async () => {
    clock.advance(500);
    return (await access.register({ openOnly: true })).lines.length === 0;
  });
});

test("[A23] an end that could not be stored is stored once when the database is back", async () => {
  const { access, clock, database, faulty } = await fixture();
  const grant = await access.issueFromRole(CHIEF, request({ scope: SPAN }));
  const id = await access.beginUse(use(grant, { action: "playback", scope: SPAN }));
  faulty.plan("failed", "failed-but-stored");
  access.endUse(id, { bytes: 123, frames: 4, servedFrom: DAY, servedTo: DAY + 40, cause: "finished" });
  access.endUse(id, { ...NOTHING, cause: "again" });
  await until(database, async () => {
    clock.advance(500);
    return (await database.query("select 1 from register_ended")).length > 0;
  });
  clock.advance(5_000);
  const { lines } = await access.register({});
  assert.deepEqual(
    lines.map((line) => [line.id, line.bytes, line.frames, line.servedFrom, line.servedTo, line.endCause]),
    [[id, 123, 4, DAY, DAY + 40, "finished"]],
  );
});

test("[A24] uses that a crash left open are closed at the next start", async () => {
  const { access, database } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  await access.beginUse(use(grant));
  const elsewhere = await open(database, "elsewhere");
  await elsewhere.access.beginUse(use(grant, { camera: GATE, address: "192.0.2.9" }));
  const restarted = await open(database);
  assert.equal(await restarted.access.closeLeftOpen(), 1);
  assert.equal(await restarted.access.closeLeftOpen(), 0);
  const { lines } = await restarted.access.register({});
  assert.deepEqual(
    lines.map((line) => [line.address, line.endCause]),
    [
      ["192.0.2.9", null],
      ["192.0.2.1", "our-restart"],
    ],
  );
});

test("[A25] the register cannot be rewritten", async () => {
  const { access, database } = await fixture();
  const grant = await access.issueFromRole(DUTY, request());
  const id = await access.beginUse(use(grant));
  access.endUse(id, NOTHING);
  await until(database, async () => (await access.register({ openOnly: true })).lines.length === 0);
  for (const statement of [
    "update register_begun set camera = 'x'",
    "delete from register_begun",
    "update register_ended set bytes = 0",
    "delete from register_ended",
    "truncate register_ended",
  ]) {
    await assert.rejects(database.query(statement), /only ever added/, statement);
  }
});

test("[A26] the register in pages, and by camera, person, grant and time", async () => {
  const { access, clock } = await fixture();
  const duty = await access.issueFromRole(DUTY, request({ cameras: [GATE, YARD] }));
  const chief = await access.issueFromRole(CHIEF, request());
  const ids: SessionId[] = [];
  for (const [grant, camera] of [
    [duty, GATE],
    [duty, YARD],
    [chief, GATE],
  ] as const) {
    ids.push(await access.beginUse(use(grant, { camera })));
    clock.advance(1_000);
  }
  const listed = async (filter: Parameters<Access["register"]>[0]): Promise<readonly SessionId[]> =>
    (await access.register(filter)).lines.map((line) => line.id);
  assert.deepEqual(await listed({}), ids.toReversed());
  const first = await access.register({ limit: 2 });
  assert.deepEqual(
    first.lines.map((line) => line.id),
    [ids[2], ids[1]],
  );
  const rest = await access.register({ limit: 2, before: first.next ?? "" });
  assert.deepEqual([rest.lines.map((line) => line.id), rest.next], [[ids[0]], null]);
  assert.deepEqual(await listed({ camera: YARD }), [ids[1]]);
  assert.deepEqual(await listed({ user: CHIEF.id }), [ids[2]]);
  assert.deepEqual(await listed({ grant: duty.id }), [ids[1], ids[0]]);
  const start = first.lines[1]?.startedAt ?? 0;
  assert.deepEqual(await listed({ from: start, to: start + 1 }), [ids[1]]);
  assert.equal(first.lines[0]?.basis, "role:security-chief");
  await assert.rejects(access.register({ before: "x" }), fault("bad-input"));
});
