import assert from "node:assert/strict";
import { test } from "node:test";
import fastify from "fastify";
import type { App } from "../http/station.ts";
import { lawRoutes } from "../http/law-routes.ts";
import { Fault } from "@mingjian/vocab";

async function compared(pack: string): Promise<unknown> {
  const app = fastify();
  lawRoutes(app as unknown as App);
  let fault: unknown;
  app.setErrorHandler(async (error) => {
    fault = error;
  });
  const input = { date: "2025-05-01", class: "ordinary", recordedOn: "2025-05-01" };
  const answer = await app.inject({ method: "POST", url: "/api/v1/law/compare", payload: { pack, kind: "retention", input } });
  await app.close();
  return fault ?? answer.json();
}

test("compare takes the superior text the pack names", async () => {
  const answer = await compared("lhasa-2024");
  assert.equal((answer as { combined: { superior: string } }).combined.superior, "national-2025");
});

test("a pack without a superior text has nothing to be compared with", async () => {
  const fault = await compared("national-2025");
  assert.ok(fault instanceof Fault);
  assert.equal(fault.code, "bad-input");
  assert.match(fault.message, /no known superior text/u);
});
