import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compare } from "../src/compare.ts";
import { judge } from "../src/judge.ts";
import { checkPack } from "../src/pack.ts";
import { parseQuestion } from "../src/question.ts";
import type { Question } from "../src/types.ts";
import { readPack } from "./files.ts";

function question(value: object): Question {
  const parsed = parseQuestion(JSON.stringify(value));
  assert.ok("question" in parsed, JSON.stringify(parsed));
  return parsed.question;
}

function place(pack: string, word: string, date: string): Question {
  return question({ id: 1, pack, kind: "place", input: { date, place: word, builder: "unit" } });
}

describe("what a text leaves open", () => {
  const xinjiang = readPack("xinjiang-2014");
  const national = readPack("national-2025");

  test("[L23] a word no rule answers keeps the default and carries the doubt", () => {
    const answer = judge(xinjiang, place("xinjiang-2014", "student-dormitory", "2024-01-01"));
    assert.ok("verdict" in answer);
    assert.equal(answer.verdict, "permitted");
    assert.deepEqual(answer.articles, []);
    assert.match(answer.doubt?.en ?? "", /8\(5\)/u);
  });

  test("a word the text is simply silent about carries no doubt", () => {
    const answer = judge(xinjiang, place("xinjiang-2014", "ordinary-factory-workshop", "2024-01-01"));
    assert.ok(!("error" in answer));
    assert.equal(answer.doubt, undefined);
  });

  test("before commencement nothing is open", () => {
    const answer = judge(xinjiang, place("xinjiang-2014", "student-dormitory", "2014-06-30"));
    assert.ok("applies" in answer);
    assert.equal(answer.doubt, undefined);
  });

  test("[L37] a ban of the superior text decides what the regional text leaves open", () => {
    const { combined } = compare(xinjiang, national, place("xinjiang-2014", "student-dormitory", "2025-04-01"));
    assert.equal(combined?.decidedBy, "rule");
  });

  test("[L37] a place the superior text lists is settled, whatever the regional text leaves open", () => {
    const { combined } = compare(xinjiang, national, place("xinjiang-2014", "stadium", "2025-04-01"));
    assert.equal(combined?.decidedBy, "rule");
  });

  test("[L37] a place neither text names and one leaves open goes to a person", () => {
    const { combined } = compare(xinjiang, national, place("xinjiang-2014", "oil-depot", "2025-04-01"));
    assert.equal(combined?.decidedBy, "person");
  });

  test("[L27] an open point with an unknown word, a missing article or a used id is refused", () => {
    const [first] = xinjiang.data.open ?? [];
    assert.ok(first !== undefined);
    const paths = (change: object): readonly string[] => checkPack({ ...xinjiang.data, open: [{ ...first, ...change }] }).map((problem) => problem.path);
    assert.deepEqual(paths({}), []);
    assert.deepEqual(paths({ words: ["pond"] }), ["/open/0/words/0"]);
    assert.deepEqual(paths({ articles: ["24"] }), ["/open/0/articles/0"]);
    assert.deepEqual(paths({ id: xinjiang.data.place[0]?.id }), ["/open/0/id"]);
    assert.deepEqual(paths({ from: "2015-02-29" }), ["/open/0/from"]);
  });
});

describe("one of two approvals", () => {
  const liaoning = readPack("liaoning-2008");

  test("[L27] a choice of one approval is refused", () => {
    const access = liaoning.data.access.map((rule) =>
      rule.needs?.eitherApproval === undefined
        ? rule
        : { ...rule, needs: { ...rule.needs, eitherApproval: { of: ["own-agency-head"], missing: "own-agency-head" } } },
    );
    const problems = checkPack({ ...liaoning.data, access });
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.path ?? "", /\/needs\/eitherApproval$/u);
  });
});
