import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ask } from "../src/ask.ts";
import { packs } from "../src/builtin.ts";
import { ID_LENGTH_MAX, LIST_LENGTH_MAX, QUESTION_BYTES_MAX, STAFF_MAX } from "../src/question.ts";

const PLACE = { date: "2025-05-01", place: "hotel", builder: "unit" };
const ACCESS = { date: "2025-05-01", requester: "public-security", action: "view", staff: 2, documents: ["work-id"], approvals: [], emergency: false };

function errorOf(value: unknown): { code: string; path: string; message: string } | undefined {
  const answer = ask(packs, typeof value === "string" ? value : JSON.stringify(value));
  return "error" in answer ? answer.error : undefined;
}

function codeAndPath(value: unknown): string {
  const error = errorOf(value);
  return error === undefined ? "answered" : `${error.code} ${error.path}`;
}

const place = (input: object, top: object = {}) => ({ id: "q", pack: "yunnan-2016", kind: "place", input, ...top });
const access = (change: object) => ({ id: "q", pack: "yunnan-2016", kind: "access", input: { ...ACCESS, ...change } });

describe("bad input", () => {
  test("[L24] not a question at all", () => {
    for (const line of ["", "{", "null", "[]", "7", '"text"', "nul", "{}}"]) assert.equal(codeAndPath(line), "bad-json ", line);
    assert.equal(codeAndPath({}), "missing-field /id");
    assert.equal(codeAndPath({ id: "q" }), "missing-field /pack");
    assert.equal(codeAndPath({ id: "q", pack: "yunnan-2016" }), "missing-field /kind");
    assert.equal(codeAndPath({ id: "q", pack: "yunnan-2016", kind: "place" }), "missing-field /input");
  });

  test("[L24] unknown packs, kinds, fields and words, each at its path", () => {
    assert.equal(codeAndPath(place(PLACE, { pack: "yunnan-2017" })), "unknown-pack /pack");
    assert.equal(codeAndPath(place(PLACE, { kind: "places" })), "unknown-kind /kind");
    assert.equal(codeAndPath(place(PLACE, { extra: 1 })), "unknown-field /extra");
    assert.equal(codeAndPath(place({ ...PLACE, colour: "red" })), "unknown-field /input/colour");
    assert.equal(codeAndPath(place({ ...PLACE, "a/b~c": 1 })), "unknown-field /input/a~1b~0c");
    assert.equal(codeAndPath(place({ ...PLACE, place: "hotell" })), "unknown-word /input/place");
    assert.equal(codeAndPath(place({ ...PLACE, spot: "roof" })), "unknown-word /input/spot");
    assert.equal(codeAndPath(place({ ...PLACE, builder: "constructor" })), "unknown-word /input/builder");
    assert.equal(codeAndPath(access({ documents: ["work-id", "passport"] })), "unknown-word /input/documents/1");
    assert.equal(codeAndPath(access({ approvals: ["minister"] })), "unknown-word /input/approvals/0");
    assert.equal(
      codeAndPath({ id: "q", pack: "yunnan-2016", kind: "deadline", input: { date: "2025-05-01", event: "birthday" } }),
      "unknown-word /input/event",
    );
  });

  test("[L24] words every object inherits are unknown too", () => {
    for (const word of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.equal(codeAndPath(place({ ...PLACE, place: word })), "unknown-word /input/place");
      assert.equal(codeAndPath(place(PLACE, { pack: word })), "unknown-pack /pack");
      assert.equal(codeAndPath(place(PLACE, { kind: word })), "unknown-kind /kind");
    }
    assert.equal(
      codeAndPath('{"id":1,"pack":"yunnan-2016","kind":"place","input":{"date":"2025-05-01","place":"hotel","builder":"unit","__proto__":{}}}'),
      "unknown-field /input/__proto__",
    );
  });

  test("[L24] wrong types and missing fields", () => {
    assert.equal(codeAndPath(place({ date: "2025-05-01", place: "hotel" })), "missing-field /input/builder");
    assert.equal(codeAndPath(place([])), "bad-type /input");
    assert.equal(codeAndPath(place({ ...PLACE, place: 7 })), "bad-type /input/place");
    assert.equal(codeAndPath(place({ ...PLACE, spot: null })), "bad-type /input/spot");
    assert.equal(codeAndPath(place({ ...PLACE, date: 20250501 })), "bad-type /input/date");
    assert.equal(codeAndPath(place(PLACE, { pack: 7 })), "bad-type /pack");
    assert.equal(codeAndPath(place(PLACE, { kind: null })), "bad-type /kind");
    assert.equal(codeAndPath(place(PLACE, { id: true })), "bad-type /id");
    assert.equal(codeAndPath(access({ staff: "2" })), "bad-type /input/staff");
    assert.equal(codeAndPath(access({ staff: 1.5 })), "bad-type /input/staff");
    assert.equal(codeAndPath(access({ emergency: "no" })), "bad-type /input/emergency");
    assert.equal(codeAndPath(access({ documents: "work-id" })), "bad-type /input/documents");
    assert.equal(codeAndPath(access({ documents: [null] })), "bad-type /input/documents/0");
  });

  test("[L24] days that do not exist", () => {
    for (const date of ["2025-02-29", "2025-02-30", "2025-5-1", "yesterday", "", "2025-05-01T00:00:00Z"])
      assert.equal(codeAndPath(place({ ...PLACE, date })), "bad-date /input/date", date);
    assert.equal(codeAndPath(place({ ...PLACE, date: "2024-02-29" })), "answered");
    assert.equal(codeAndPath(place({ ...PLACE, date: "0001-01-01" })), "answered");
  });

  test("[L24] retention asks about the day of recording", () => {
    const retention = (input: object) => ({ id: "q", pack: "yunnan-2016", kind: "retention", input: { class: "ordinary", ...input } });
    assert.equal(codeAndPath(retention({ date: "2025-05-01", recordedOn: "2025-05-01" })), "answered");
    assert.equal(codeAndPath(retention({ date: "2025-05-02", recordedOn: "2025-05-01" })), "bad-value /input/recordedOn");
  });

  test("[L24] limits, at the limit and one past", () => {
    assert.equal(codeAndPath(access({ staff: STAFF_MAX })), "answered");
    assert.equal(codeAndPath(access({ staff: STAFF_MAX + 1 })), "bad-value /input/staff");
    assert.equal(codeAndPath(access({ staff: -1 })), "bad-value /input/staff");
    assert.equal(codeAndPath(access({ documents: Array(LIST_LENGTH_MAX).fill("work-id") })), "answered");
    assert.equal(codeAndPath(access({ documents: Array(LIST_LENGTH_MAX + 1).fill("work-id") })), "bad-value /input/documents");
    assert.equal(codeAndPath(place(PLACE, { id: "i".repeat(ID_LENGTH_MAX) })), "answered");
    assert.equal(codeAndPath(place(PLACE, { id: "i".repeat(ID_LENGTH_MAX + 1) })), "bad-value /id");
  });

  test("[L25] a line of exactly 1 MiB is read, one byte more is not", () => {
    const line = JSON.stringify(place(PLACE));
    assert.equal(codeAndPath(line.padEnd(QUESTION_BYTES_MAX, " ")), "answered");
    assert.equal(codeAndPath(line.padEnd(QUESTION_BYTES_MAX + 1, " ")), "too-large ");
    assert.equal(codeAndPath(place({ ...PLACE, place: "x".repeat(500_000) })), "unknown-word /input/place");
  });

  test("errors keep the id, speak Chinese and English, hint at the nearest word and stay short", () => {
    const answer = ask(packs, JSON.stringify(place({ ...PLACE, place: "hotell" }, { id: 17 })));
    assert.ok("error" in answer);
    assert.equal(answer.id, 17);
    assert.equal(answer.error.message, '未知的词 "hotell"，是否想写 hotel / unknown word "hotell", did you mean hotel');
    assert.equal(errorOf(place({ ...PLACE, place: "zzzzzzzzzzzzzz" }))?.message, '未知的词 "zzzzzzzzzzzzzz" / unknown word "zzzzzzzzzzzzzz"');
    assert.ok((errorOf(place({ ...PLACE, place: "x".repeat(500_000) }))?.message.length ?? 0) < 200);
    assert.equal(errorOf(place({ ...PLACE, date: "2025-02-30" }))?.message, "不是存在的日期，应写作 YYYY-MM-DD / is not a day that exists, written YYYY-MM-DD");
  });

  test("the notes of a case file are let through", () => {
    assert.equal(codeAndPath(place(PLACE, { expect: {}, why: "7(7)" })), "answered");
  });

  test("[L26] no text and no value makes it throw", () => {
    const words = fc.constantFrom("yunnan-2016", "place", "access", "hotel", "2025-05-01", "unit", "id", "pack", "kind", "input", "date", "__proto__");
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 3 }, fc.anything({ maxDepth: 1 }), words, fc.dictionary(words, tie("any")), fc.array(tie("any"))),
    })).any;
    const check = (line: string): void => {
      const answer = ask(packs, line);
      assert.ok("id" in answer);
      assert.equal(typeof JSON.stringify(answer), "string");
    };
    fc.assert(fc.property(fc.string(), check), { seed: 7, numRuns: 1000 });
    fc.assert(
      fc.property(value, (any) => check(JSON.stringify(any, (_key, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)) ?? "null")),
      { seed: 7, numRuns: 2000 },
    );
  });
});
