import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { lineFinder } from "../src/locate.ts";
import { PACK_TEXT_MAX, checkPack, loadPack } from "../src/pack.ts";
import { DEPTH_MAX, PROBLEMS_MAX, checkSchema, nearest } from "../src/schema.ts";
import type { PackData } from "../src/types.ts";
import { wordList } from "../src/words.ts";
import type { WordList } from "../src/words.ts";
import { packSkeleton } from "../src/skeleton.ts";
import { TEXT, exampleData, exampleText } from "./example.ts";

function problemsOf(changes: object): string[] {
  return checkPack({ ...exampleData(), ...changes }).map((problem) => `${problem.path}: ${problem.message.en}`);
}

const HEAD = { from: "2020-01-01", articles: ["3"], explanation: TEXT };
const DUTY = { ...HEAD, id: "duty", topics: ["staff-training"], actors: ["operator"], binding: true };

describe("the pack format", () => {
  test("[L28] the worked example of PACK-FORMAT.md is sound", () => {
    const result = loadPack(exampleText());
    assert.ok("pack" in result, JSON.stringify(result));
    assert.equal(result.pack.data.id, "example-2020");
  });

  test("the skeleton of a new pack is sound and names itself", () => {
    const files = packSkeleton("hunan-2030", "2030-02-01");
    assert.deepEqual(Object.keys(files).sort(), ["SOURCES.md", "cases.ndjson", "pack.json"]);
    const result = loadPack(files["pack.json"] ?? "");
    assert.ok("pack" in result);
    assert.equal(result.pack.data.id, "hunan-2030");
    assert.equal(result.pack.data.effective.from, "2030-02-01");
    assert.match(files["SOURCES.md"] ?? "", /^# hunan-2030/u);
  });

  test("the schema's words are those of words.json, and every word is named twice", () => {
    const schema = JSON.parse(readFileSync(new URL("../schema/pack.schema.json", import.meta.url), "utf8")) as { $defs: Record<string, { enum?: string[] }> };
    const lists: WordList[] = [
      "place",
      "spot",
      "event",
      "retentionClass",
      "requester",
      "action",
      "document",
      "approval",
      "missing",
      "measure",
      "violation",
      "topic",
      "actor",
      "subject",
      "responsible",
      "authority",
    ];
    for (const list of lists) {
      assert.deepEqual(schema.$defs[list]?.enum, [...wordList(list).keys()], list);
      for (const [word, text] of wordList(list)) assert.ok(text.zh !== "" && text.en !== "", word);
    }
  });
});

describe("unsound packs", () => {
  test("[L27] a rule without an article, or with one the text does not have", () => {
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, articles: [] }] }), ["/duty/0/articles: needs at least 1 entry"]);
    const { articles: _articles, ...without } = DUTY;
    assert.deepEqual(problemsOf({ duty: [without] }), ["/duty/0: lacks the field articles"]);
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, articles: ["12", "13"] }] }), ["/duty/0/articles/1: the text has no article 13"]);
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, articles: ["7(2)", "7(3)", "8(1)"] }] }), [
      "/duty/0/articles/1: the text has no article 7(3)",
      "/duty/0/articles/2: the text has no article 8(1)",
    ]);
    assert.deepEqual(problemsOf({ effective: { from: "2020-01-01", article: "13" } }), ["/effective/article: the text has no article 13"]);
    const place = { ...HEAD, id: "p", verdict: "mandatory", places: ["hotel"], responsible: { who: "unit", articles: ["99"] } };
    assert.deepEqual(problemsOf({ place: [place] }), ["/place/0/responsible/articles/0: the text has no article 99"]);
    const access = { ...HEAD, id: "a", right: "grant", requesters: ["judicial"], actions: ["view"], procedure: ["8", "14"] };
    assert.deepEqual(problemsOf({ access: [access] }), ["/access/0/procedure/1: the text has no article 14"]);
  });

  test("[L27] two rules for one question on one day, told by both names", () => {
    const overlap = (second: object) => problemsOf({ duty: [DUTY, { ...DUTY, id: "second", ...second }] });
    assert.deepEqual(overlap({}), ["/duty/1: answers the same question (staff-training operator) on the same day as duty"]);
    assert.equal(overlap({ actors: ["anyone"] }).length, 1);
    assert.deepEqual(overlap({ actors: ["builder"] }), []);
    assert.deepEqual(overlap({ topics: ["duty-monitoring"] }), []);
    assert.deepEqual(
      problemsOf({
        duty: [
          { ...DUTY, to: "2021-06-30" },
          { ...DUTY, id: "second", from: "2021-07-01" },
        ],
      }),
      [],
    );
    assert.equal(
      problemsOf({
        duty: [
          { ...DUTY, to: "2021-07-01" },
          { ...DUTY, id: "second", from: "2021-07-01" },
        ],
      }).length,
      1,
    );
    assert.deepEqual(problemsOf({ duty: [DUTY, { ...DUTY, id: "second", from: "2021-07-01", follows: "duty" }] }), []);
  });

  test("[L27] overlaps of places, requesters, subjects and classes", () => {
    const place = { ...HEAD, id: "p", verdict: "mandatory", places: ["hotel"], spots: ["lobby"] };
    const places = (second: object) => problemsOf({ place: [place, { ...place, id: "second", ...second }] }).length;
    assert.equal(places({}), 1);
    assert.equal(places({ spots: ["entrance"] }), 0);
    const { spots: _spots, ...anySpot } = place;
    assert.equal(problemsOf({ place: [place, { ...anySpot, id: "second", exceptSpots: ["lobby"] }] }).length, 0);
    assert.equal(problemsOf({ place: [place, { ...anySpot, id: "second", exceptSpots: ["entrance"] }] }).length, 1);
    assert.equal(places({ verdict: "prohibited" }), 0);
    const access = { ...HEAD, id: "a", right: "grant", requesters: ["judicial"], actions: ["view"] };
    const accesses = (first: object, second: object) =>
      problemsOf({
        access: [
          { ...access, ...first },
          { ...access, id: "second", ...second },
        ],
      }).length;
    assert.equal(accesses({}, { emergency: true }), 1);
    assert.equal(accesses({ emergency: false }, { emergency: true }), 0);
    assert.equal(accesses({}, { right: "refuse" }), 0);
    const penalty = { ...HEAD, id: "n", violations: ["no-sign"], stages: [{ when: "always", measures: ["warning"] }] };
    const penalties = (first: object, second: object) =>
      problemsOf({
        penalty: [
          { ...penalty, ...first },
          { ...penalty, id: "second", ...second },
        ],
      }).length;
    assert.equal(penalties({}, { subjects: ["unit"] }), 1);
    assert.equal(penalties({ subjects: ["individual"] }, { subjects: ["unit"] }), 0);
    const retention = { ...HEAD, id: "r", classes: ["ordinary", "important"], minimum: { count: 1, unit: "days" } };
    assert.equal(problemsOf({ retention: [retention, { ...retention, id: "second", classes: ["important"] }] }).length, 1);
    const deadline = { ...HEAD, id: "d", event: "removed", count: 1, unit: "days", direction: "after", start: "event", authority: "county-public-security" };
    assert.equal(problemsOf({ deadline: [deadline, { ...deadline, id: "second" }] }).length, 1);
  });

  test("[L27] circles, strangers and wrong order of `follows`", () => {
    const chain = (...follows: (string | undefined)[]) =>
      problemsOf({ duty: follows.map((before, i) => ({ ...DUTY, id: `d${i}`, from: `202${i}-01-01`, ...(before === undefined ? {} : { follows: before }) })) });
    assert.deepEqual(chain(undefined, "d0", "d1"), []);
    assert.deepEqual(chain("d2", "d0", "d1"), [
      "/duty/0/follows: `follows` goes in a circle",
      "/duty/1/follows: `follows` goes in a circle",
      "/duty/2/follows: `follows` goes in a circle",
    ]);
    assert.deepEqual(chain("d0"), ["/duty/0/follows: `follows` goes in a circle"]);
    assert.deepEqual(chain("gone"), ["/duty/0/follows: there is no duty rule gone"]);
    assert.deepEqual(chain("place-hotel"), ["/duty/0/follows: there is no duty rule place-hotel"]);
    assert.deepEqual(
      problemsOf({
        duty: [
          { ...DUTY, to: "2020-12-31" },
          { ...DUTY, id: "second", from: "2020-01-01", follows: "duty" },
        ],
      }),
      ["/duty/1/follows: a rule begins after the one it follows"],
    );
  });

  test("[L27] unknown words and fields, with the nearest one as remedy", () => {
    const problems = checkPack({ ...exampleData(), duty: [{ ...DUTY, topics: ["staf-training"], bindng: true }] });
    assert.deepEqual(
      problems.map((problem) => `${problem.path}: ${problem.message.en}; ${problem.remedy.en}`),
      ['/duty/0/topics/0: unknown word "staf-training"; did you mean "staff-training"', "/duty/0/bindng: unknown field bindng; did you mean binding"],
    );
    assert.equal(problemsOf({ format: 2 })[0], "/format: should be 1");
    assert.equal(problemsOf({ superior: 7 })[0], "/superior: fits none of the allowed forms");
    assert.equal(problemsOf({ id: "Hunan" })[0], '/id: has the wrong form: "Hunan"');
  });

  test("[L27] dates that do not exist, stand in the wrong order or lie before commencement", () => {
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, from: "2021-02-29" }] }), ["/duty/0/from: there is no day 2021-02-29"]);
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, to: "2021-02-29" }] }), ["/duty/0/to: there is no day 2021-02-29"]);
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, from: "2019-12-31" }] }), ["/duty/0/from: the rule begins before the regulation"]);
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, to: "2019-12-31" }] }), ["/duty/0/to: the rule ends before it begins"]);
    assert.deepEqual(problemsOf({ effective: { from: "2020-01-01", to: "2019-12-31", article: "12" } }), ["/effective/to: the last day is before the first"]);
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, to: "2020-01-01" }] }), []);
  });

  test("[L27] ids twice, needs that make no sense, empty stages, a draft without a note", () => {
    assert.deepEqual(problemsOf({ duty: [{ ...DUTY, id: "place-hotel" }] }), ["/duty/0/id: the id place-hotel is used twice"]);
    const access = { ...HEAD, id: "a", right: "grant", requesters: ["judicial"], actions: ["direct-access"], needs: { staff: 2 } };
    assert.deepEqual(problemsOf({ access: [access] }), ["/access/0: direct access takes no staff, documents or procedure"]);
    assert.deepEqual(problemsOf({ access: [{ ...access, right: "refuse", actions: ["view"] }] }), ["/access/0: a refusal takes no needs and no procedure"]);
    assert.deepEqual(problemsOf({ access: [{ ...access, actions: ["view"], needs: { eitherDocument: { of: ["work-id"], missing: "work-id" } } }] }), [
      "/access/0/needs/eitherDocument: a choice needs two documents",
    ]);
    const penalty = { ...HEAD, id: "n", violations: ["no-sign"] };
    assert.deepEqual(problemsOf({ penalty: [{ ...penalty, stages: [{ when: "always" }] }] }), [
      "/penalty/0/stages/0: the stage has neither measures nor fines",
    ]);
    assert.deepEqual(problemsOf({ penalty: [{ ...penalty, stages: [{ when: "always", fines: [{ min: 2, max: 1 }] }] }] }), [
      "/penalty/0/stages/0/fines/0: min is above max",
    ]);
    assert.deepEqual(problemsOf({ status: "draft" }), ["/status: a draft needs a note"]);
    assert.deepEqual(problemsOf({ superior: "example-2020" }), ["/superior: a pack cannot rank above itself"]);
  });

  test("[L27] each problem names the line it stands on", () => {
    const text = exampleText().replace('"articles": ["10"]', '"articles": ["77"]').replace('"hotel-guest-room"', '"hotel-guestroom"');
    const schemaFirst = loadPack(text);
    assert.ok("problems" in schemaFirst);
    const lineOf = (part: string) => text.split("\n").findIndex((line) => line.includes(part)) + 1;
    assert.deepEqual(
      schemaFirst.problems.map((problem) => [problem.path, problem.line]),
      [["/place/0/places/0", lineOf("hotel-guestroom")]],
    );
    const sense = loadPack(exampleText().replace('"articles": ["10"]', '"articles": ["77"]'));
    assert.ok("problems" in sense);
    assert.deepEqual(
      sense.problems.map((problem) => [problem.path, problem.line]),
      [["/duty/0/articles/0", lineOf('["77"]')]],
    );
  });

  test("[L27] broken JSON names the line, a missing field its owner", () => {
    const broken = loadPack('{\n  "format": 1,\n  "id": oops\n}');
    assert.ok("problems" in broken);
    assert.equal(broken.problems[0]?.line, 3);
    for (const [text, line] of [
      ["[\n1,\n]", 3],
      ["{\n\n,}", 3],
      ['{"a":\n}', 2],
      ["\n\n  nul", 3],
      ["[\n1,\n,\n2]", 3],
      ["", 1],
      ["[1]\n\n x", 3],
    ] as const) {
      const result = loadPack(text);
      assert.ok("problems" in result);
      assert.equal(result.problems[0]?.line, line, text);
    }
    const cut = loadPack('{\n  "format": 1,\n');
    assert.ok("problems" in cut);
    assert.equal(cut.problems[0]?.line, 3);
    const missing = loadPack(exampleText().replace('"binding": true,', ""));
    assert.ok("problems" in missing);
    assert.equal(missing.problems[0]?.path, "/duty/0");
    assert.ok((missing.problems[0]?.line ?? 0) > 40);
  });

  test("values of the wrong shape are problems, never exceptions", () => {
    for (const value of [
      null,
      7,
      "pack",
      [],
      [{}],
      { place: {} },
      { ...exampleData(), place: [null] },
      { ...exampleData(), articles: { last: 3, items: { x: 1 } } },
    ]) {
      assert.ok(checkPack(value).length > 0);
    }
    const names = checkPack({ ...exampleData(), articles: { last: 12, items: { "3": 2, "7": 2, x: 1 } } });
    assert.match(names[0]?.path ?? "", /^\/articles\/items\/x$/u);
  });

  test("limits: file length, number of problems", () => {
    const long = loadPack(exampleText().padEnd(PACK_TEXT_MAX, " "));
    assert.ok("pack" in long);
    const tooLong = loadPack(exampleText().padEnd(PACK_TEXT_MAX + 1, " "));
    assert.ok("problems" in tooLong);
    const many: Partial<PackData> = JSON.parse(JSON.stringify({ duty: Array.from({ length: PROBLEMS_MAX + 20 }, () => ({ ...DUTY, topics: ["x"] })) }));
    assert.equal(checkPack({ ...exampleData(), ...many }).length, PROBLEMS_MAX);
  });
});

describe("the schema checker", () => {
  const check = (schema: object, value: unknown) => checkSchema(schema, value).map((problem) => problem.path);

  test("each keyword of the part of JSON Schema we use", () => {
    assert.deepEqual(check({ type: "integer", minimum: 2, maximum: 3 }, 2), []);
    assert.deepEqual(check({ type: "integer", minimum: 2, maximum: 3 }, 3), []);
    assert.deepEqual(check({ type: "integer", minimum: 2 }, 1), [""]);
    assert.deepEqual(check({ type: "integer", maximum: 3 }, 4), [""]);
    assert.deepEqual(check({ type: "integer" }, 1.5), [""]);
    assert.deepEqual(check({ type: "null" }, null), []);
    assert.deepEqual(check({ type: "boolean" }, 0), [""]);
    assert.deepEqual(check({ type: "object" }, []), [""]);
    assert.deepEqual(check({ type: "string", minLength: 1, maxLength: 2 }, "ab"), []);
    assert.deepEqual(check({ type: "string", minLength: 1 }, ""), [""]);
    assert.deepEqual(check({ type: "string", maxLength: 2 }, "abc"), [""]);
    assert.deepEqual(check({ type: "array", minItems: 1, maxItems: 2, uniqueItems: true }, [1, 2]), []);
    assert.deepEqual(check({ type: "array", maxItems: 2 }, [1, 2, 3]), [""]);
    assert.deepEqual(check({ type: "array", uniqueItems: true }, [1, 1]), [""]);
    assert.deepEqual(check({ items: { type: "string" } }, ["a", 1]), ["/1"]);
    assert.deepEqual(check({ anyOf: [{ type: "string" }, { type: "null" }] }, null), []);
    assert.deepEqual(check({ additionalProperties: { type: "integer" } }, { a: 1, "b/c": "x" }), ["/b~1c"]);
    assert.deepEqual(check({ $defs: { n: { type: "integer" } }, properties: { a: { $ref: "#/$defs/n" } } }, { a: "x" }), ["/a"]);
  });

  test("a keyword nobody checks fails loudly", () => {
    assert.throws(() => checkSchema({ multipleOf: 2 }, 4), /multipleOf/u);
  });

  test("depth, at the limit and one past", () => {
    const schema = { $ref: "#/$defs/list", $defs: { list: { items: { $ref: "#/$defs/list" } } } };
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)]);
    assert.deepEqual(checkSchema(schema, nest(DEPTH_MAX)), []);
    assert.equal(checkSchema(schema, nest(DEPTH_MAX + 1)).length, 1);
  });

  test("the spelling hint is near or absent", () => {
    assert.equal(nearest("hotle", ["hotel", "hospital"]), "hotel");
    assert.equal(nearest("hotel", ["hotel", "hotels"]), "hotel");
    assert.equal(nearest("xyz", ["hotel", "hospital"]), undefined);
    assert.equal(nearest("h".repeat(65), ["h".repeat(65)]), undefined);
    assert.equal(nearest("h".repeat(64), ["h".repeat(64)]), "h".repeat(64));
  });
});

describe("lines of a JSON text", () => {
  test("keys, values, nested lists and escapes", () => {
    const lineOf = lineFinder('{\r\n "a": [\n  1,\n  {"b\\"/~": "x,]}"},\n  null ],\n "c":\n  -1.5e3, "d": {}, "e": [], "f": true\n}\n');
    const wanted: readonly [string, number][] = [
      ["", 1],
      ["/a", 2],
      ["/a/0", 3],
      ["/a/1", 4],
      ['/a/1/b"~1~0', 4],
      ["/a/2", 5],
      ["/c", 6],
      ["/d", 7],
      ["/e", 7],
      ["/f", 7],
      ["/a/1/gone", 4],
      ["/gone/deep", 1],
    ];
    for (const [pointer, line] of wanted) assert.equal(lineOf(pointer), line, pointer);
  });
});
