import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "../src/fuzz/engine.ts";
import { TARGETS } from "../src/fuzz/targets.ts";
import { keptSeeds } from "../src/fuzz.ts";
import { plantedFault } from "./planted-fault.ts";

test("a fault three branches deep is found", () => {
  const options = {
    inputs: 400_000,
    seed: 7,
    starts: [Uint8Array.of(0, 0, 0, 0)],
    follows: (url: string) => url.includes("planted-fault"),
  };
  const result = fuzz(plantedFault, options);
  assert.ok(result.failure !== undefined, `${result.inputs} inputs found nothing`);
});

test("without coverage to follow the same fault is not found in as many inputs", () => {
  const guided = fuzz(plantedFault, {
    inputs: 400_000,
    seed: 7,
    starts: [],
    follows: (url) => url.includes("planted-fault"),
  });
  const blind = fuzz(plantedFault, { inputs: guided.inputs, seed: 7, starts: [], follows: () => false });
  assert.ok(guided.failure !== undefined);
  assert.equal(blind.failure, undefined);
});

for (const [name, target] of Object.entries(TARGETS)) {
  test(`${name} takes any bytes`, () => {
    const starts = [...target.starts, ...keptSeeds(name)];
    const { failure } = fuzz(target.property, {
      inputs: 3000,
      seed: 1,
      starts,
      follows: (url) => url.includes("/packages/"),
    });
    assert.equal(failure, undefined, failure === undefined ? "" : `${String(failure.error)} for ${Buffer.from(failure.input).toString("hex")}`);
  });
}
