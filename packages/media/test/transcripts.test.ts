import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { readTestdata, TESTDATA } from "./harness.ts";
import { factsOf, parseTranscript, play } from "./transcript.ts";

const NAMES = readdirSync(TESTDATA)
  .filter((name) => name.endsWith(".rtsp"))
  .sort();

test("testdata holds transcripts", () => {
  assert.ok(NAMES.length >= 14, NAMES.join(" "));
});

for (const name of NAMES) {
  const transcript = parseTranscript(readTestdata(name));

  test(`[M1] ${name} is played as its outcome says`, () => {
    const { bed, wrongRequest } = play(transcript);
    assert.equal(wrongRequest, undefined);
    const facts = factsOf(bed);
    for (const [field, wanted] of Object.entries(transcript.outcome)) assert.deepEqual(facts[field], wanted, `${field} (${bed.detail})`);
  });

  test(`[M2] ${name} gives the same samples however its bytes are split`, () => {
    const whole = play(transcript).bed;
    whole.client.closeSink("no-data");
    const runs = Math.max(3, Math.min(60, Math.floor(400_000 / readTestdata(name).length)));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 0, max: 40 }), (step, first) => {
        const { bed, wrongRequest } = play(transcript, (bytes) => {
          const splits: number[] = [];
          for (let at = Math.min(first, bytes.length); at < bytes.length; at += step) splits.push(at);
          return splits;
        });
        bed.client.closeSink("no-data");
        assert.equal(wrongRequest, undefined);
        assert.deepEqual(
          bed.sink?.tracks.map((track) => track.samples),
          whole.sink?.tracks.map((track) => track.samples),
        );
      }),
      { seed: 28181, numRuns: runs },
    );
  });
}
