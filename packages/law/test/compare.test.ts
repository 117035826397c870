import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { packs } from "../src/builtin.ts";
import { compare } from "../src/compare.ts";
import type { Comparison } from "../src/compare.ts";
import type { Combined } from "../src/combine.ts";
import { readQuestion } from "../src/question.ts";
import type { Kind, PackData } from "../src/types.ts";
import { exampleData, examplePack } from "./example.ts";

function sides(pack: string, kind: Kind, input: object): Comparison {
  const [regional, national] = [packs.get(pack), packs.get("national-2025")];
  const parsed = readQuestion({ id: 1, pack, kind, input });
  assert.ok(regional !== undefined && national !== undefined && "question" in parsed, JSON.stringify(parsed));
  return compare(regional, national, parsed.question);
}

function combined(pack: string, kind: Kind, input: object): Combined {
  const result = sides(pack, kind, input).combined;
  assert.ok(result !== null);
  return result;
}

/** The rule and the merged answer, or "person". */
function outcome(pack: string, kind: Kind, input: object): unknown {
  const result = combined(pack, kind, input);
  return result.decidedBy === "person" ? "person" : [result.rule.id, result.answer];
}

const AFTER = "2025-04-01";
const retention = (date: string, name = "ordinary") => ({ date, class: name, recordedOn: date });
const place = (word: string, date = AFTER, builder = "unit") => ({ date, place: word, builder });
const penalty = (violation: string, change: object = {}) => ({ date: AFTER, violation, subject: "unit", orderMissed: false, serious: false, ...change });
const access = (requester: string, action: string, change: object = {}) => ({
  date: AFTER,
  requester,
  action,
  staff: 2,
  documents: ["work-id", "unit-letter", "registration-form"],
  approvals: [],
  emergency: false,
  ...change,
});

describe("the superior text", () => {
  test("[L31] on 31 March 2025 only the regional text answers", () => {
    const before = sides("yunnan-2016", "retention", retention("2025-03-31"));
    assert.equal(before.national, null);
    assert.deepEqual(outcome("yunnan-2016", "retention", retention("2025-03-31")), [
      "only-regional",
      { minimum: { count: 15, unit: "days" }, mayDeleteFrom: "2025-04-16", thenDelete: false, articles: ["22(6)"] },
    ]);
    const result = combined("yunnan-2016", "retention", retention("2025-03-31"));
    assert.deepEqual(result.basis, [{ pack: "yunnan-2016", articles: ["22(6)"] }]);
    assert.deepEqual(outcome("lhasa-2024", "place", place("hotel", "2024-04-30")), ["only-regional", { applies: false }]);
  });

  test("[L32] Yunnan's 15 days become 30, two years in Xinjiang stay, Guangdong's gap is filled", () => {
    assert.deepEqual(outcome("yunnan-2016", "retention", retention(AFTER)), [
      "longer-retention",
      { minimum: { count: 30, unit: "days" }, mayDeleteFrom: "2025-05-02", thenDelete: true },
    ]);
    assert.deepEqual(outcome("xinjiang-2014", "retention", retention(AFTER, "important")), [
      "longer-retention",
      { minimum: { count: 2, unit: "years" }, mayDeleteFrom: "2027-04-02", thenDelete: true },
    ]);
    assert.deepEqual(outcome("guangdong-2009", "retention", retention(AFTER)), [
      "longer-retention",
      { minimum: { count: 30, unit: "days" }, mayDeleteFrom: "2025-05-02", thenDelete: true },
    ]);
    assert.deepEqual(combined("yunnan-2016", "retention", retention(AFTER)).basis, [
      { pack: "yunnan-2016", articles: ["22(6)"] },
      { pack: "national-2025", articles: ["17"] },
    ]);
  });

  test("[L33] a ban or a bar of either text holds", () => {
    assert.deepEqual(outcome("yunnan-2016", "place", place("restaurant-private-room")), ["stricter-place", { verdict: "prohibited", barred: false }]);
    assert.deepEqual(outcome("yunnan-2016", "place", place("ballot-box")), ["stricter-place", { verdict: "prohibited", barred: false }]);
    assert.deepEqual(
      outcome("yunnan-2016", "place", place("large-bridge")),
      "person" === outcome("yunnan-2016", "place", place("large-bridge"))
        ? "person"
        : ["stricter-place", { verdict: "mandatory-government-only", barred: true }],
    );
    assert.deepEqual(outcome("liaoning-2008", "place", place("junction")), [
      "stricter-place",
      { verdict: "mandatory-government-only", responsible: "government", barred: true },
    ]);
    assert.deepEqual(outcome("liaoning-2008", "place", place("junction", AFTER, "government")), [
      "stricter-place",
      { verdict: "mandatory-government-only", responsible: "government", barred: false },
    ]);
    assert.deepEqual(outcome("xinjiang-2014", "place", place("park")), [
      "stricter-place",
      { verdict: "mandatory-government-only", responsible: "unit", barred: true },
    ]);
  });

  test("[L33] two different builders are left open beside the verdict", () => {
    const result = combined("yunnan-2016", "place", place("hospital"));
    assert.ok(result.decidedBy === "rule");
    assert.deepEqual(result.answer, { verdict: "mandatory", barred: false });
    assert.match(result.open?.en ?? "", /who builds/u);
    const agreed = combined("xinjiang-2014", "place", place("hospital"));
    assert.ok(agreed.decidedBy === "rule");
    assert.deepEqual(agreed.answer, { verdict: "mandatory", responsible: "unit", barred: false });
    assert.equal(agreed.open, undefined);
  });

  test("[L34] conditions of both; rights of one are left to a person", () => {
    assert.deepEqual(outcome("yunnan-2016", "access", access("public-security", "view")), ["conditions-of-both", { decision: "allow", missing: [] }]);
    assert.deepEqual(outcome("yunnan-2016", "access", access("public-security", "view", { staff: 1 })), [
      "conditions-of-both",
      { decision: "incomplete", missing: ["two-staff"] },
    ]);
    assert.deepEqual(outcome("yunnan-2016", "access", access("individual", "view")), [
      "conditions-of-both",
      { decision: "incomplete", missing: ["manager-consent"] },
    ]);
    assert.deepEqual(outcome("yunnan-2016", "access", access("individual", "copy")), ["both-deny", { decision: "deny", missing: [] }]);
    for (const [pack, who] of [
      ["guangdong-2009", "superior text gives"],
      ["yunnan-2016", "regional text gives"],
    ] as const) {
      const result = combined(pack, "access", pack === "guangdong-2009" ? access("individual", "view") : access("public-security", "direct-access"));
      assert.ok(result.decidedBy === "person");
      assert.match(result.why.en, new RegExp(who, "u"));
      assert.equal(result.superior, "national-2025");
    }
  });

  test("[L35] the earliest period counts and the other is shown", () => {
    const input = { date: "2025-06-02", event: "commissioned" };
    assert.deepEqual(outcome("xinjiang-2014", "deadline", input), [
      "earliest-deadline",
      { due: "2025-07-02", unit: "days", count: 30, direction: "after", authority: "county-public-security", articles: ["12"], alsoDue: "2025-07-02" },
    ]);
    assert.deepEqual(outcome("yunnan-2016", "deadline", input), [
      "only-national",
      { due: "2025-07-02", unit: "days", count: 30, direction: "after", authority: "county-public-security", articles: ["14"] },
    ]);
    assert.deepEqual(outcome("lhasa-2024", "deadline", { date: "2025-06-02", event: "removal-planned" }), [
      "only-regional",
      { due: "2025-05-18", unit: "days", count: 15, direction: "before", authority: "county-public-security", articles: ["18"] },
    ]);
    assert.deepEqual(outcome("guangdong-2009", "deadline", { date: "2025-06-02", event: "removed" }), ["neither-applies", { applies: false }]);
  });

  test("[L35] a system of 2010 in Yunnan had to be filed by 2017 and again by 30 June 2025", () => {
    const old = sides("yunnan-2016", "deadline", { date: "2010-05-01", event: "pre-existing-filing" });
    assert.ok("due" in old.regional && old.national !== null && "due" in old.national);
    assert.deepEqual([old.regional.due, old.national.due], ["2017-04-01", "2025-06-30"]);
    assert.deepEqual(
      { ...old.combined?.answer, articles: [] },
      { due: "2017-04-01", unit: "months", count: 6, direction: "after", authority: "county-public-security", alsoDue: "2025-06-30", articles: [] },
    );
    assert.equal(sides("yunnan-2016", "deadline", { date: "2010-05-01", event: "pre-existing-upgrade" }).national, null);
  });

  test("[L35] the nearer of two periods is chosen from either side, and two directions from neither", () => {
    const deadline = (from: string, count: number, direction: "after" | "before"): PackData["deadline"] => [
      {
        id: "d",
        from,
        articles: ["5"],
        explanation: { zh: "期限。", en: "Period." },
        event: "removed",
        count,
        unit: "days",
        direction,
        start: "event",
        authority: "county-public-security",
      },
    ];
    const region = (count: number) => examplePack({ deadline: deadline("2020-01-01", count, "after") });
    const nation = (count: number, direction: "after" | "before" = "after") =>
      examplePack({
        id: "nation",
        effective: { from: "2021-01-01", article: "1" },
        deadline: deadline("2021-01-01", count, direction),
        superior: null,
        ...rest(),
      });
    const rest = () => ({ place: [], retention: [], access: [], penalty: [], duty: [] });
    const parsed = readQuestion({ id: 1, pack: exampleData().id, kind: "deadline", input: { date: "2022-01-01", event: "removed" } });
    assert.ok("question" in parsed);
    const due = (regional: number, national: number) =>
      compare(region(regional), nation(national), parsed.question).combined?.answer as { due: string; alsoDue: string };
    assert.deepEqual([due(3, 9).due, due(3, 9).alsoDue], ["2022-01-04", "2022-01-10"]);
    assert.deepEqual([due(9, 3).due, due(9, 3).alsoDue], ["2022-01-04", "2022-01-10"]);
    assert.equal(compare(region(3), nation(3, "before"), parsed.question).combined?.decidedBy, "person");
  });

  test("[L36] fines above or below the national range are left to a person", () => {
    assert.equal(outcome("yunnan-2016", "penalty", penalty("prohibited-place-install", { orderMissed: true })), "person");
    assert.equal(outcome("xinjiang-2014", "penalty", penalty("prohibited-place-install", { orderMissed: true })), "person");
    assert.equal(outcome("yunnan-2016", "penalty", penalty("prohibited-place-install")), "person");
    assert.equal(outcome("yunnan-2016", "penalty", penalty("not-built", { orderMissed: true })), "person");
    assert.deepEqual(outcome("yunnan-2016", "penalty", penalty("not-built")), ["only-regional", { measures: ["order-correction", "warning"], fine: null }]);
  });

  test("[L36] a region that only points to other laws leaves the national penalty, with that reason", () => {
    for (const orderMissed of [false, true]) {
      const question = penalty("not-filed", { orderMissed });
      const { regional, national, combined: result } = sides("lhasa-2024", "penalty", question);
      assert.ok("measures" in regional && national !== null && "measures" in national && result?.decidedBy === "rule");
      assert.deepEqual([regional.measures, regional.fine], [["per-other-law"], null]);
      assert.equal(result.rule.id, "only-national");
      assert.match(result.rule.en, /no penalty of its own .* only points to other laws/u);
      assert.deepEqual(result.answer, { measures: national.measures, fine: national.fine });
      assert.deepEqual(result.basis, [
        { pack: "lhasa-2024", articles: ["41"] },
        { pack: "national-2025", articles: national.articles },
      ]);
    }
    assert.deepEqual(outcome("lhasa-2024", "penalty", penalty("no-security-management-system")), [
      "only-other-law",
      { measures: ["per-other-law"], fine: null },
    ]);
    assert.deepEqual(outcome("lhasa-2024", "penalty", penalty("refuse-state-organ")), ["only-other-law", { measures: ["per-other-law"], fine: null }]);
  });

  test("[L36] a fine within the range stands; a silent region leaves the national penalty", () => {
    assert.deepEqual(outcome("xinjiang-2014", "penalty", penalty("not-filed", { orderMissed: true })), [
      "within-national-range",
      { measures: ["order-correction"], fine: { min: 200, max: 1000 } },
    ]);
    assert.deepEqual(outcome("xinjiang-2014", "penalty", penalty("not-filed")), ["within-national-range", { measures: ["order-correction"], fine: null }]);
    assert.deepEqual(outcome("yunnan-2016", "penalty", penalty("not-filed", { orderMissed: true })), [
      "only-national",
      { measures: ["order-correction"], fine: { min: 0, max: 10000 } },
    ]);
    assert.deepEqual(outcome("lhasa-2024", "penalty", penalty("not-filed", { orderMissed: true })), [
      "only-national",
      { measures: ["order-correction"], fine: { min: 0, max: 10000 } },
    ]);
    assert.deepEqual(outcome("yunnan-2016", "penalty", penalty("used-without-acceptance")), ["neither-punishes", { measures: [], fine: null }]);
  });

  test("duties of either text are duties", () => {
    const duty = (topic: string) => ({ date: AFTER, actor: "operator", topic });
    assert.deepEqual(outcome("yunnan-2016", "duty", duty("delete-after-purpose-met")), ["duties-of-both", { binding: true }]);
    assert.deepEqual(outcome("yunnan-2016", "duty", duty("duty-monitoring")), ["duties-of-both", { binding: true }]);
    assert.deepEqual(outcome("yunnan-2016", "duty", duty("no-profit-from-access")), ["duties-of-both", { binding: false }]);
  });

  test("[L37] trading footage in Liaoning falls under two articles: a person decides", () => {
    const result = combined("liaoning-2008", "penalty", penalty("trade-footage"));
    assert.equal(result.decidedBy, "person");
    assert.equal(result.answer, null);
  });

  test("a year without a calendar leaves nothing to combine", () => {
    const result = sides("liaoning-2008", "deadline", { date: "2031-03-03", event: "changed" });
    assert.ok("error" in result.regional);
    assert.equal(result.regional.error.code, "calendar-missing");
    assert.equal(result.combined, null);
  });
});
