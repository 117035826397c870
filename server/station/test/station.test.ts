import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Health, Me, Problem, User } from "@mingjian/contract";
import { formatUtc } from "@mingjian/vocab";
import { CONSOLE_FOLDER } from "../main.ts";
import { Browser, PASSWORD, codeOf, everybody, setUp, startHouse, watching } from "./running.ts";
import type { TestHouse } from "./running.ts";

let house: TestHouse;
let nobody: Browser;
let first: Browser;
let people: ReadonlyMap<string, Browser> = new Map();

function as(name: string): Browser {
  const person = people.get(name);
  assert.ok(person, name);
  return person;
}

before(async () => {
  house = await startHouse();
  nobody = new Browser(house.running.address);
});
after(() => house.end());

test("[H10] the set-up link makes the first administrator, once and only once", async () => {
  const token = new URL(house.running.setupLink ?? "").searchParams.get("token");
  const account = { token, name: "other", displayName: "Other", password: PASSWORD };
  assert.deepEqual((await nobody.get("/api/v1/setup")).body, { needed: true, demo: true });
  assert.equal(codeOf(await nobody.post("/api/v1/setup", { ...account, token: "0".repeat(48) })), "setup-token-wrong");
  assert.equal(codeOf(await nobody.post("/api/v1/setup", { ...account, password: "short" })), "bad-input");
  first = await setUp(house);
  const me = await first.good<Me>("GET", "/api/v1/me");
  assert.deepEqual(me.user.roles.toSorted(), ["administrator", "duty", "security-chief"]);
  assert.equal(me.demo, true);
  assert.equal(codeOf(await nobody.post("/api/v1/setup", account)), "setup-done");
  assert.equal((await first.good<User[]>("GET", "/api/v1/users")).length, 1);
});

test("people of every role come in", async () => {
  people = await everybody(first);
});

test("[H11] a wrong password and an unknown name are told alike", async () => {
  const wrong = await nobody.signIn("duty", "not this pass phrase");
  const unknown = await nobody.signIn("nobody-at-all", "not this pass phrase");
  for (const answer of [wrong, unknown]) assert.equal(codeOf(answer), "sign-in-wrong");
  assert.equal((wrong.body as unknown as Problem).detail, (unknown.body as unknown as Problem).detail);
});

test("[H11] after five wrong passwords in a row the account waits, whatever the password, until an administrator lifts it", async () => {
  await first.good("POST", "/api/v1/users", {
    name: "locked",
    displayName: "L",
    password: PASSWORD,
    unit: null,
    roles: [],
  });
  for (let turn = 0; turn < 5; turn++) assert.equal(codeOf(await nobody.signIn("locked", "wrong pass phrase")), "sign-in-wrong");
  const answer = await nobody.signIn("locked");
  assert.equal(codeOf(answer), "locked-out");
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
  const user = (await first.good<User[]>("GET", "/api/v1/users")).find(({ name }) => name === "locked");
  assert.ok(user?.lockedUntil);
  await first.good("PATCH", `/api/v1/users/${user.id}`, { unlock: true });
  assert.equal((await new Browser(nobody.base).signIn("locked")).status, 200);
});

/** Who may ask for what: `all` is every signed-in person. A new route must be entered here before this test passes. */
const PUBLIC = ["GET /api/v1/setup", "POST /api/v1/setup", "POST /api/v1/sign-in", "POST /api/v1/sign-out"];
const MANAGERS = ["chief", "admin", "stranger"];
const MAY: Readonly<Record<string, "all" | readonly string[]>> = {
  "GET /api/v1/me": "all",
  "GET /api/v1/me/sessions": "all",
  "DELETE /api/v1/me/sessions/{id}": "all",
  "POST /api/v1/me/totp": "all",
  "DELETE /api/v1/me/totp": "all",
  "POST /api/v1/me/totp/confirm": "all",
  "POST /api/v1/me/password": "all",
  "GET /api/v1/users": ["admin", "auditor"],
  "POST /api/v1/users": ["admin"],
  "PATCH /api/v1/users/{id}": ["admin"],
  "GET /api/v1/units": "all",
  "POST /api/v1/units": ["admin"],
  "GET /api/v1/cameras": "all",
  "GET /api/v1/cameras/{id}": "all",
  "GET /api/v1/cameras/{id}/days": "all",
  "POST /api/v1/cameras": MANAGERS,
  "PATCH /api/v1/cameras/{id}": MANAGERS,
  "DELETE /api/v1/cameras/{id}": MANAGERS,
  "POST /api/v1/cameras/probe": MANAGERS,
  "POST /api/v1/grants": "all",
  "GET /api/v1/grants": "all",
  "DELETE /api/v1/grants/{id}": "all",
  "GET /api/v1/register": ["auditor", "chief", "admin", "stranger"],
  "GET /api/v1/timeline": "all",
  "GET /api/v1/health": "all",
  "GET /api/v1/events": "all",
  "GET /api/v1/law/packs": "all",
  "GET /api/v1/law/packs/{id}": "all",
  "POST /api/v1/law/ask": "all",
  "POST /api/v1/law/explain": "all",
  "POST /api/v1/law/compare": "all",
  "GET /media/v1/span.mp4": "all",
};

async function operations(): Promise<string[]> {
  const api = await nobody.good<{ openapi: string; paths: Record<string, Record<string, unknown>> }>("GET", "/api/v1/openapi.json");
  assert.match(api.openapi, /^3\.1/);
  return Object.entries(api.paths).flatMap(([url, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`));
}

function call(browser: Browser, operation: string): ReturnType<Browser["ask"]> {
  const [method = "", url = ""] = operation.split(" ");
  return browser.ask(method, url.replace("{id}", "no-such-one"), method === "GET" || method === "DELETE" ? undefined : {});
}

test("[H12] the API names exactly the routes whose rights are known here", async () => {
  assert.deepEqual((await operations()).toSorted(), [...PUBLIC, ...Object.keys(MAY)].toSorted());
});

test("[H12] without a sign-in every route but the public ones is refused, and so are forged cookies", async () => {
  const forged = new Browser(nobody.base);
  for (const operation of Object.keys(MAY)) {
    forged.cookie = `${first.cookie.split("=")[0]}=forged.${"a".repeat(40)}`;
    for (const browser of [new Browser(nobody.base), forged]) assert.equal(codeOf(await call(browser, operation)), "not-signed-in", operation);
  }
  for (const url of ["/api/docs", "/api/docs/json", "/api/docs/static/index.html"]) assert.equal((await new Browser(nobody.base).get(url)).status, 401, url);
});

test("[H12] without a sign-in no media path opens", async () => {
  const query = { camera: "demo-1", grant: "g", at: formatUtc(Date.now()) };
  for (const kind of ["live", "playback"] as const) assert.equal(await new Browser(nobody.base).watch(query, kind).refused(), 401, kind);
  assert.equal(await first.watch(query, "else" as "live").refused(), 404);
});

test("[H12] pages of the console and what they are made of are public, and hold no data", async () => {
  const open = ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"];
  const files = consoleFiles();
  for (const url of [...open, ...files]) assert.equal((await new Browser(nobody.base).get(url)).status, 200, url);
});

function consoleFiles(): string[] {
  try {
    const [script] = readdirSync(path.join(CONSOLE_FOLDER, "assets")).filter((name) => name.endsWith(".js"));
    return ["/", "/setup", "/wall", `/assets/${script}`];
  } catch {
    return [];
  }
}

test("[H13] each role is let in where it belongs and refused elsewhere", async () => {
  for (const [operation, may] of Object.entries(MAY)) {
    for (const [name, browser] of people) {
      const answer = await call(browser, operation);
      if (may !== "all" && !may.includes(name)) assert.equal(codeOf(answer), "not-allowed", `${name} ${operation}`);
      else assert.ok(answer.status !== 401 && answer.status !== 403, `${name} ${operation}: ${answer.status}`);
    }
  }
});

test("[H13] pictures are for duty and security chiefs of the unit: others get no grant", async () => {
  const span = { live: false, from: formatUtc(Date.now() - 60_000), to: formatUtc(Date.now()) };
  const wants = { live: {}, playback: span, copy: { ...span, actions: ["copy"] } };
  const may: Readonly<Record<string, readonly string[]>> = {
    duty: ["live"],
    chief: ["live", "playback", "copy"],
    auditor: [],
    admin: [],
    stranger: [],
    nothing: [],
  };
  for (const [name, allowed] of Object.entries(may)) {
    for (const [what, request] of Object.entries(wants)) {
      const answer = await as(name).grant(request);
      if (allowed.includes(what)) assert.equal(answer.status, 200, `${name} ${what}`);
      else assert.equal(codeOf(answer), "not-allowed", `${name} ${what}`);
    }
  }
});

test("[H14] cameras of another unit are not there", async () => {
  const stranger = as("stranger");
  assert.deepEqual(await stranger.cameras(), []);
  assert.equal((await as("duty").cameras()).length, 2);
  const times = { from: formatUtc(Date.now() - 60_000), to: formatUtc(Date.now()) };
  for (const [method, url, body] of [
    ["GET", "/api/v1/cameras/demo-1", undefined],
    ["GET", "/api/v1/cameras/demo-1/days?month=2026-11", undefined],
    ["GET", `/api/v1/timeline?${new URLSearchParams({ camera: "demo-1", ...times }).toString()}`, undefined],
    ["PATCH", "/api/v1/cameras/demo-1", { version: 1, name: "mine" }],
    ["DELETE", "/api/v1/cameras/demo-1?version=1", undefined],
  ] as const)
    assert.equal(codeOf(await stranger.ask(method, url, body)), "not-found", url);
  assert.equal(codeOf(await stranger.post("/api/v1/cameras", { unit: "demo", name: "x", main: { url: "rtsp://127.0.0.1:9/x" } })), "not-allowed");
  const health = await stranger.good<Health>("GET", "/api/v1/health");
  assert.deepEqual(health.perCamera, []);
  assert.ok(health.alarms.every(({ camera }) => camera === null));
});

test("[H14] another person's grant opens nothing", async () => {
  const grant = (await as("duty").grant({})).body;
  for (const name of ["chief", "stranger", "admin"]) {
    const watcher = as(name).watch({ camera: "demo-1", grant: grant.id });
    assert.equal(await watcher.end(), "grant-needed", name);
    assert.ok(watcher.heard.every(({ frame }) => frame === undefined));
  }
  assert.equal(codeOf(await as("stranger").ask("DELETE", `/api/v1/grants/${grant.id}`)), "not-found");
});

test("[H14] a security chief sees grants and register lines of the own unit alone", async () => {
  const watcher = await watching(as("duty"));
  const of = async (name: string): Promise<[number, number]> => [
    (await as(name).good<unknown[]>("GET", "/api/v1/grants")).length,
    (await as(name).register()).length,
  ];
  assert.deepEqual(await of("stranger"), [0, 0]);
  for (const name of ["chief", "auditor", "admin"])
    assert.ok(
      (await of(name)).every((count) => count > 0),
      name,
    );
  watcher.close();
});

test("[H15] a write or a socket from another site's page is refused", async () => {
  const grant = (await as("duty").grant({})).body;
  for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
    const answer = await as("duty").post("/api/v1/grants", { cameras: ["demo-1"], live: true, actions: ["view"], purpose: "x" }, { origin });
    assert.equal(codeOf(answer), "not-allowed", origin);
    assert.equal(codeOf(await nobody.post("/api/v1/sign-in", { name: "duty", password: PASSWORD }, { origin })), "not-allowed", origin);
    assert.equal(await as("duty").watch({ camera: "demo-1", grant: grant.id }, "live", { origin }).refused(), 403, origin);
  }
  const own = as("duty").watch({ camera: "demo-1", grant: grant.id }, "live", { origin: nobody.base });
  await own.told("start");
  own.close();
});
