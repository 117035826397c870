import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { isFault } from "@mingjian/vocab";
import type { FaultCode, UnitId, UserId } from "@mingjian/vocab";
import { FaultyDatabase, TestClock, newId, secretBox, seededChance, sha256, startTestCluster } from "../../ports/index.ts";
import type { Database, TestCluster } from "../../ports/index.ts";
import { ACCOUNT_FAILURES_MAX, ADDRESS_FAILURES_MAX, LOCK_MS, createIdentity } from "../index.ts";
import type { Entered, Identity, NewUser } from "../index.ts";
import { checkPassword } from "../passwords.ts";

const GOOD = "correct horse 7";
const OTHER = "battery staple 9";
const UNIT = "school" as UnitId;
const HOME = { address: "192.0.2.1", agent: "Firefox" };
let cluster: TestCluster;
let seed = 0;
const opened: Identity[] = [];
before(async () => {
  cluster = await startTestCluster();
});
after(async () => {
  for (const identity of opened) identity.close();
  await cluster.close();
});

interface Fixture {
  readonly database: Database;
  readonly faulty: FaultyDatabase;
  readonly clock: TestClock;
  readonly identity: Identity;
}

async function open(database: Database, secure = false): Promise<Fixture> {
  const faulty = new FaultyDatabase(database);
  const chance = seededChance((seed += 1));
  // The library reads the system's clock: ours stands beside it.
  const clock = new TestClock(Date.now());
  const keys = secretBox(new Uint8Array(32).fill(3));
  const identity = await createIdentity({ database: faulty, clock, chance, hash: sha256, newId: () => newId(chance), keys, secure });
  opened.push(identity);
  return { database, faulty, clock, identity };
}

/** No user yet. */
async function empty(): Promise<Fixture> {
  const database = await cluster.fresh();
  await database.query("insert into units (id, name, kind, created_ms) values ('school', '学校', 'operator', 0)");
  return open(database);
}

async function setUp(identity: Identity): Promise<Entered> {
  const token = await identity.issueSetupToken();
  return identity.setup({ token: token ?? "", name: "Chief", displayName: "管理员", password: GOOD, makeUnit: async () => UNIT }, HOME);
}

/** With one administrator, Chief. */
async function fixture(): Promise<Fixture & { readonly cookie: string; readonly chief: UserId }> {
  const made = await empty();
  const entered = await setUp(made.identity);
  return { ...made, cookie: cookieOf(entered), chief: entered.session.user.id };
}

function cookieOf(entered: Entered): string {
  return entered.setCookies.map((cookie) => cookie.split(";")[0]).join("; ");
}

function someone(more: Partial<NewUser> = {}): NewUser {
  return { name: "wang", displayName: "王五", password: GOOD, unit: UNIT, roles: ["duty"], ...more };
}

function fault(code: FaultCode, details: Readonly<Record<string, unknown>> = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isFault(error), String(error));
    assert.equal(error.code, code);
    for (const [key, value] of Object.entries(details)) assert.equal(error.details[key], value);
    return true;
  };
}

/** RFC 6238 with SHA-1, 30 s, 6 digits; `ahead` steps from now. */
function totp(uri: string, ahead = 0): string {
  const secret = new URL(uri).searchParams.get("secret") ?? "";
  let bits = "";
  for (const letter of secret) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

test("[D1] [D2] [D3] the token makes one administrator, once", async () => {
  const { database, identity } = await empty();
  assert.equal(await identity.setupNeeded(), true);
  const old = await identity.issueSetupToken();
  const token = (await identity.issueSetupToken()) ?? "";
  assert.ok(!JSON.stringify(await database.query("select * from setup_token")).includes(token));
  let units = 0;
  const makeUnit = async (): Promise<UnitId> => {
    units += 1;
    return UNIT;
  };
  const input = { token, name: "Chief", displayName: "管理员", password: GOOD, makeUnit };
  for (const wrong of [old ?? "", "", `${token}0`]) await assert.rejects(identity.setup({ ...input, token: wrong }, HOME), fault("setup-token-wrong"));
  await assert.rejects(identity.setup({ ...input, password: "short" }, HOME), fault("bad-input", { pointer: "/password" }));
  await assert.rejects(identity.setup({ ...input, roles: ["duty"] }, HOME), fault("bad-input"));
  assert.equal(units, 0);
  const { session } = await identity.setup({ ...input, roles: ["administrator", "security-chief"] }, HOME);
  assert.deepEqual([session.user.name, session.user.roles, session.user.unit], ["Chief", ["administrator", "security-chief"], UNIT]);
  assert.equal(await identity.setupNeeded(), false);
  assert.equal(await identity.issueSetupToken(), undefined);
  await assert.rejects(identity.setup({ ...input, name: "second" }, HOME), fault("setup-done"));
  assert.deepEqual(await database.query("select 1 from setup_token"), []);
});

test("[D1] of two who use the token at the same time one is made administrator", async () => {
  const { identity } = await empty();
  const token = (await identity.issueSetupToken()) ?? "";
  const both = await Promise.allSettled(["one", "two"].map((name) => identity.setup({ token, name, displayName: name, password: GOOD }, HOME)));
  assert.deepEqual(both.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
  assert.equal((await identity.users()).length, 1);
});

for (const failure of ["failed", "failed-but-stored"] as const) {
  test(`[D4] a set-up whose storing ${failure} leaves one administrator in the end`, async () => {
    const { identity, faulty } = await empty();
    const token = (await identity.issueSetupToken()) ?? "";
    const input = {
      token,
      name: "Chief",
      displayName: "管理员",
      password: GOOD,
      makeUnit: async (): Promise<UnitId> => {
        faulty.plan(failure);
        return UNIT;
      },
    };
    await assert.rejects(identity.setup(input, HOME), fault("database-away"));
    if (failure === "failed") await identity.setup({ ...input, makeUnit: undefined }, HOME);
    else await assert.rejects(identity.setup(input, HOME), fault("setup-done"));
    assert.equal((await identity.users()).length, 1);
    assert.equal((await identity.signIn({ name: "chief", password: GOOD }, HOME)).kind, "entered");
  });
}

test("[D10] [D16] [D20] [D44] a session by name and password, its cookie, its list", async () => {
  const { database, identity, chief } = await fixture();
  const entered = await identity.signIn({ name: "CHIEF", password: GOOD }, { address: "2001:db8::7", agent: "Chrome 王" });
  assert.ok(entered.kind === "entered");
  assert.match(entered.setCookies[0] ?? "", /^mingjian\.session_token=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  const cookie = cookieOf(entered);
  assert.equal((await identity.session(`theme=dark; ${cookie}`))?.user.id, chief);
  const changed = cookie.replace(/.$/, (last) => (last === "D" ? "E" : "D"));
  for (const nobody of [undefined, "", "theme=dark", changed, cookie.replace("=", "=x"), `${cookie}${"x".repeat(9_000)}`])
    assert.equal(await identity.session(nobody), undefined);
  const listed = await identity.sessions(chief);
  assert.equal(listed.length, 2);
  assert.equal(listed[0]?.agent, "Chrome ?");
  const [secrets] = await database.query<{ token: string; password: string }>("select s.token, a.password from sessions s, accounts a limit 1");
  const shown = JSON.stringify([listed, await identity.users(), entered.session]);
  assert.ok(!shown.includes(secrets?.token ?? "?") && !shown.includes(secrets?.password ?? "?"));
  const behindTls = await open(database, true);
  const secure = await behindTls.identity.signIn({ name: "chief", password: GOOD }, HOME);
  assert.ok(secure.kind === "entered" && /; Secure/.test(secure.setCookies[0] ?? ""));
  assert.equal((await behindTls.identity.session(cookieOf(secure)))?.user.id, chief);
});

test("[D11] unknown, wrong and disabled are refused in the same words", async () => {
  const { identity } = await fixture();
  const user = await identity.addUser(someone());
  await identity.changeUser(user.id, { disabled: true });
  const words = new Set<string>();
  for (const [name, password] of [
    ["nobody", GOOD],
    ["chief", "wrong"],
    ["wang", GOOD],
    ["x".repeat(100), GOOD],
    ["chief", "x".repeat(200)],
  ] as const) {
    await assert.rejects(identity.signIn({ name, password }, HOME), (error) => {
      words.add(error instanceof Error ? error.message : "?");
      return fault("sign-in-wrong")(error);
    });
  }
  assert.equal(words.size, 1);
  assert.deepEqual(await identity.sessions(user.id), []);
});

test("[D12] [D15] an account locks after so many failures, for its time, until an administrator lifts it", async () => {
  const { clock, identity, chief } = await fixture();
  const tryWith = (password: string): Promise<unknown> => identity.signIn({ name: "chief", password }, HOME);
  for (let failures = 1; failures < ACCOUNT_FAILURES_MAX; failures += 1) await assert.rejects(tryWith("wrong"), fault("sign-in-wrong"));
  await tryWith(GOOD);
  for (let failures = 1; failures <= ACCOUNT_FAILURES_MAX; failures += 1) await assert.rejects(tryWith("wrong"), fault("sign-in-wrong"));
  await assert.rejects(tryWith(GOOD), fault("locked-out", { kind: "account", retryAfterSeconds: LOCK_MS / 1000 }));
  assert.equal((await identity.user(chief))?.lockedUntil, clock.utcMs() + LOCK_MS);
  clock.advance(LOCK_MS - 1);
  await assert.rejects(tryWith(GOOD), fault("locked-out", { retryAfterSeconds: 1 }));
  clock.advance(1);
  await tryWith(GOOD);
  for (let failures = 1; failures <= ACCOUNT_FAILURES_MAX; failures += 1) await assert.rejects(tryWith("wrong"), fault("sign-in-wrong"));
  assert.equal((await identity.changeUser(chief, { unlock: true })).lockedUntil, null);
  await tryWith(GOOD);
});

test("[D13] an address locks after so many failures under any names", async () => {
  const { database, identity } = await fixture();
  await database.query("insert into sign_in_failures (kind, subject, failures, last_ms) values ('address', $1, $2, $3)", [
    HOME.address,
    ADDRESS_FAILURES_MAX - 1,
    Date.now(),
  ]);
  await assert.rejects(identity.signIn({ name: "anybody", password: "wrong" }, HOME), fault("sign-in-wrong"));
  await assert.rejects(identity.signIn({ name: "chief", password: GOOD }, HOME), fault("locked-out", { kind: "address" }));
  assert.equal((await identity.signIn({ name: "chief", password: GOOD }, { ...HOME, address: "192.0.2.2" })).kind, "entered");
});

test("[D14] guesses at the same time are all counted", async () => {
  const { identity } = await fixture();
  const many = await Promise.allSettled(
    Array.from({ length: ACCOUNT_FAILURES_MAX + 3 }, (_, n) => identity.signIn({ name: "chief", password: `guess ${n}` }, HOME)),
  );
  const codes = many.map((one) => (one.status === "rejected" && isFault(one.reason) ? one.reason.code : "?"));
  assert.equal(codes.filter((code) => code === "sign-in-wrong").length, ACCOUNT_FAILURES_MAX);
  assert.equal(codes.filter((code) => code === "locked-out").length, 3);
});

test("[D21] a session revoked or signed out is over, and other processes hear of it", async () => {
  const { cookie, chief, identity } = await fixture();
  const second = await open(await cluster.again());
  const heard: string[] = [];
  let wake: () => void = () => undefined;
  second.identity.onSessionsEnded((ended) => {
    heard.push(`${ended.user} ${ended.session ?? ""}`);
    wake();
  });
  const other = await identity.signIn({ name: "chief", password: GOOD }, HOME);
  assert.ok(other.kind === "entered");
  let next = new Promise<void>((resolve) => {
    wake = resolve;
  });
  await identity.revokeSession(chief, other.session.id);
  await next;
  assert.equal(await second.identity.session(cookieOf(other)), undefined);
  await assert.rejects(identity.revokeSession(chief, other.session.id), fault("not-found"));
  const mine = await identity.session(cookie);
  next = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const cleared = await identity.signOut(cookie);
  await next;
  assert.match(cleared.join(), /Max-Age=0/);
  assert.equal(await identity.session(cookie), undefined);
  assert.deepEqual(heard, [`${chief} ${other.session.id}`, `${chief} ${mine?.id ?? ""}`]);
  assert.deepEqual(await identity.sessions(chief), []);
});

test("[D22] new roles, unit or password, or a disabled account, end the sessions", async () => {
  const { identity } = await fixture();
  const user = await identity.addUser(someone());
  let password = GOOD;
  for (const change of [{ roles: ["auditor"] }, { unit: null }, { password: OTHER }, { disabled: true }] as const) {
    const entered = await identity.signIn({ name: "wang", password }, HOME);
    assert.ok(entered.kind === "entered");
    await identity.changeUser(user.id, { displayName: "王六" });
    assert.notEqual(await identity.session(cookieOf(entered)), undefined);
    await identity.changeUser(user.id, change);
    assert.equal(await identity.session(cookieOf(entered)), undefined, JSON.stringify(change));
    if ("password" in change) password = change.password;
  }
});

test("[D30] [D31] [D32] [D33] [D34] TOTP from beginning to end", async () => {
  const { cookie, identity, chief } = await fixture();
  await assert.rejects(identity.beginTotp(cookie, "wrong"), fault("sign-in-wrong"));
  const { uri, backupCodes } = await identity.beginTotp(cookie, GOOD);
  assert.match(uri, /^otpauth:\/\/totp\/Mingjian:chief\?/);
  assert.equal(backupCodes.length, 10);
  const enter = (code?: string): Promise<{ readonly kind: string }> => identity.signIn({ name: "chief", password: GOOD, code }, HOME);
  assert.equal((await enter()).kind, "entered");
  const wrong = totp(uri) === "000000" ? "000001" : "000000";
  await assert.rejects(identity.confirmTotp(cookie, wrong, HOME), fault("second-factor-wrong"));
  const fresh = await identity.confirmTotp(cookie, totp(uri), HOME);
  assert.equal(fresh.session.user.totp, true);
  assert.equal(await identity.session(cookie), undefined);
  await assert.rejects(identity.beginTotp(cookieOf(fresh), GOOD), fault("conflict"));
  assert.equal((await enter()).kind, "second-factor-needed");
  const code = totp(uri);
  assert.equal((await enter(code)).kind, "entered");
  await assert.rejects(enter(code), fault("second-factor-wrong"));
  assert.equal((await enter(backupCodes[0])).kind, "entered");
  await assert.rejects(enter(backupCodes[0]), fault("second-factor-wrong"));
  for (let failures = 2; failures <= ACCOUNT_FAILURES_MAX; failures += 1) {
    assert.equal((await enter()).kind, "second-factor-needed");
    await assert.rejects(enter("never-this"), fault("second-factor-wrong"));
  }
  await assert.rejects(enter(totp(uri, 1)), fault("locked-out"));
  await identity.changeUser(chief, { unlock: true });
  await assert.rejects(identity.disableTotp(cookieOf(fresh), "wrong", HOME), fault("sign-in-wrong"));
  const off = await identity.disableTotp(cookieOf(fresh), GOOD, HOME);
  assert.equal(off.session.user.totp, false);
  assert.equal((await enter()).kind, "entered");
  const again = await identity.beginTotp(cookieOf(off), GOOD);
  await identity.confirmTotp(cookieOf(off), totp(again.uri), HOME);
  assert.equal((await identity.changeUser(chief, { resetTotp: true })).totp, false);
  assert.equal((await enter()).kind, "entered");
});

test("[D40] [D41] users are made and changed within their rules", async () => {
  const { identity, chief } = await fixture();
  const user = await identity.addUser(someone({ name: "Wáng", roles: ["auditor", "duty"] }));
  assert.deepEqual([user.name, user.roles, user.totp, user.disabled], ["Wáng", ["duty", "auditor"], false, false]);
  assert.equal((await identity.userByName("wáng"))?.id, user.id);
  await assert.rejects(identity.addUser(someone({ name: "WA\u0301NG" })), fault("conflict"));
  for (const bad of [{ name: "a" }, { name: "a b" }, { displayName: " " }, { unit: "nowhere" as UnitId }, { roles: ["king" as "duty"] }]) {
    await assert.rejects(identity.addUser(someone({ name: "new", ...bad })), fault("bad-input"));
  }
  await assert.rejects(identity.changeUser(chief, { disabled: true }), fault("conflict", { reason: "last-administrator" }));
  await assert.rejects(identity.changeUser(chief, { roles: ["duty"] }), fault("conflict"));
  await identity.changeUser(user.id, { roles: ["administrator"] });
  const both = await Promise.allSettled([chief, user.id].map((id) => identity.changeUser(id, { disabled: true })));
  assert.deepEqual(both.map((one) => one.status).toSorted(), ["fulfilled", "rejected"]);
  await assert.rejects(identity.changeUser("none" as UserId, {}), fault("not-found"));
});

test("[D42] passwords that are refused, by rule", () => {
  const rules = {
    Ab1defgh9: "too-short",
    abcdefghijk: "one-kind",
    "1212121212a1": "repeated",
    "wangwu-2026!": "holds-name",
    Password1234: "common",
    "Admin@123456": "common",
  };
  for (const [password, rule] of Object.entries(rules)) assert.throws(() => checkPassword(password, "WangWu"), fault("bad-input", { rule }), password);
  assert.throws(() => checkPassword("Ab1".repeat(43), "x"), fault("bad-input", { rule: "too-long" }));
  for (const good of [GOOD, "Ab1defgh9k", "床前明月光疑是地上霜1", "x7".repeat(62) + "abcd"]) checkPassword(good, "WangWu");
});

test("[D43] a person changes their own password", async () => {
  const { cookie, chief, identity } = await fixture();
  const other = await identity.signIn({ name: "chief", password: GOOD }, HOME);
  assert.ok(other.kind === "entered");
  await assert.rejects(identity.changePassword(cookie, "wrong", OTHER, HOME), fault("sign-in-wrong"));
  await assert.rejects(identity.changePassword(cookie, GOOD, "short", HOME), fault("bad-input"));
  const fresh = await identity.changePassword(cookie, GOOD, OTHER, HOME);
  assert.equal((await identity.session(cookieOf(fresh)))?.user.id, chief);
  assert.equal(await identity.session(cookie), undefined);
  assert.equal(await identity.session(cookieOf(other)), undefined);
  await assert.rejects(identity.signIn({ name: "chief", password: GOOD }, HOME), fault("sign-in-wrong"));
  assert.equal((await identity.signIn({ name: "chief", password: OTHER }, HOME)).kind, "entered");
  await assert.rejects(identity.changePassword("none=1", GOOD, OTHER, HOME), fault("not-signed-in"));
});
