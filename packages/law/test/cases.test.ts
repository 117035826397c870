import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { ask } from "../src/ask.ts";
import { PACK_IDS, packFolder, readCases, readPack } from "./files.ts";
import type { Case } from "./files.ts";
import { differences } from "./matches.ts";

function checkCase(known: Case): void {
  const packs = new Map([[known.pack, readPack(known.pack)]]);
  const answer = ask(packs, JSON.stringify(known));
  const wrong = differences(known.expect, { ...answer });
  assert.deepEqual(wrong, [], `${known.why}\n expected ${JSON.stringify(known.expect)}\n answered ${JSON.stringify(answer)}`);
}

describe("[L29] the contract's samples", () => {
  for (const known of readCases(new URL("samples.ndjson", import.meta.url))) {
    test(`${known.id}: ${known.why}`, () => checkCase(known));
  }
});

for (const id of PACK_IDS) {
  const file = new URL("cases.ndjson", packFolder(id));
  describe(`[L29] cases of ${id}`, () => {
    for (const known of existsSync(file) ? readCases(file) : []) {
      test(`${known.id}: ${known.why}`, () => checkCase(known));
    }
  });
}
