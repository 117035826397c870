import assert from "node:assert/strict";
import { test } from "node:test";
import { fastify } from "fastify";
import { Type } from "typebox";
import { FAULT_CODES, Fault } from "@mingjian/vocab";
import type { FaultCode } from "@mingjian/vocab";
import { installProblems } from "../http/problems.ts";
import type { App } from "../http/station.ts";
import { createLog } from "../log.ts";

function app(thrown: () => unknown): App {
  const made = fastify({
    bodyLimit: 100,
    logger: false,
    ajv: { customOptions: { removeAdditional: false } },
  }) as unknown as App;
  installProblems(made, createLog("fatal", "test"));
  made.get("/", async () => {
    throw thrown() as Error;
  });
  made.post("/", { schema: { body: Type.Object({ name: Type.String({ maxLength: 3 }) }, { additionalProperties: false }) } }, async () => ({}));
  return made;
}

const quiet = app(() => new Error("secret words of an inner part"));

test("[H50] every fault is answered with its own status and code", async () => {
  for (const [code, status] of Object.entries(FAULT_CODES) as [FaultCode, number][]) {
    const answer = await app(() => new Fault(code, "words", { pointer: "/x", camera: "gate" })).inject("/");
    assert.equal(answer.statusCode, status);
    assert.equal(answer.headers["content-type"], "application/problem+json; charset=utf-8");
    const { details, ...problem } = answer.json() as { details: { camera: string; request: string } };
    assert.deepEqual(problem, {
      type: `urn:mingjian:fault:${code}`,
      title: code,
      status,
      code,
      detail: "words",
      pointer: "/x",
    });
    assert.equal(details.camera, "gate");
    assert.equal(typeof details.request, "string");
  }
});

test("[H50] a mistake of ours is told as internal and tells nothing else", async () => {
  const answer = await quiet.inject("/");
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.json().code, "internal");
  assert.ok(!answer.body.includes("secret"));
});

test("[H50] a wait is told as Retry-After too", async () => {
  const answer = await app(() => new Fault("locked-out", "wait", { retryAfterSeconds: 12.2 })).inject("/");
  assert.equal(answer.headers["retry-after"], "13");
});

test("[H50] input that is not valid names its place", async () => {
  const post = async (payload: unknown): Promise<{ code: string; pointer?: string }> =>
    (await quiet.inject({ method: "POST", url: "/", payload: payload as object })).json();
  for (const [payload, pointer] of [
    [{}, "/name"],
    [{ name: "long" }, "/name"],
    [{ name: "a", other: 1 }, "/other"],
  ] as const) {
    const problem = await post(payload);
    assert.equal(problem.code, "bad-input");
    assert.equal(problem.pointer, pointer);
  }
});

for (const [name, request, code] of [
  ["a body that is no JSON", { method: "POST", url: "/", payload: "{", headers: { "content-type": "application/json" } }, "bad-input"],
  ["a body of an unknown kind", { method: "POST", url: "/", payload: "x", headers: { "content-type": "image/png" } }, "bad-input"],
  ["a body over the limit", { method: "POST", url: "/", payload: { name: "x".repeat(200) } }, "too-large"],
  ["an unknown address", { method: "GET", url: "/nowhere" }, "not-found"],
] as const) {
  test(`[H50] ${name} is told as ${code}`, async () => {
    const answer = await quiet.inject({ ...request });
    assert.equal(answer.json().code, code);
    assert.equal(answer.statusCode, FAULT_CODES[code]);
  });
}
