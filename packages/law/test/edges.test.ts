import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Combined } from "../src/combine.ts";
import { compare } from "../src/compare.ts";
import { judge } from "../src/judge.ts";
import type { Pack } from "../src/pack.ts";
import type { Fine, PackData, PenaltyRule, PlaceRule } from "../src/types.ts";
import type { Text } from "../src/words.ts";
import { TEXT, examplePack, question } from "./example.ts";

const HEAD = { from: "2020-01-01", articles: ["3"], explanation: TEXT };
const EMPTY = { place: [], deadline: [], retention: [], access: [], penalty: [], duty: [] };
const DATE = "2022-01-01";
const PENALTY = { date: DATE, violation: "no-sign", subject: "unit", orderMissed: false, serious: false };

function reason(pack: Pack, kind: Parameters<typeof question>[0], input: object): Text {
  const answer = judge(pack, question(kind, input));
  assert.ok(!("error" in answer));
  return answer.reason;
}

function nation(changes: Partial<PackData>): Pack {
  return examplePack({ ...EMPTY, id: "nation", superior: null, ...changes });
}

function region(changes: Partial<PackData>): Pack {
  return examplePack({ ...EMPTY, ...changes });
}

function punish(measures: readonly string[], fine: Fine | null): PenaltyRule {
  const stage = { when: "always" as const, ...(measures.length === 0 ? {} : { measures }), ...(fine === null ? {} : { fines: [fine] }) };
  return { ...HEAD, id: "n", violations: ["no-sign"], stages: [stage] };
}

function punished(regional: PenaltyRule, national: PenaltyRule): Combined {
  const { combined } = compare(region({ penalty: [regional] }), nation({ penalty: [national] }), question("penalty", PENALTY));
  assert.ok(combined !== null);
  return combined;
}

describe("local penalties beside national ones", () => {
  const national = punish(["warning", "confiscation"], { min: 100, max: 1000 });

  test("[L36] a fine at both ends of the national range stands, one yuan outside does not", () => {
    for (const [min, max, decidedBy] of [
      [100, 1000, "rule"],
      [101, 999, "rule"],
      [99, 1000, "person"],
      [100, 1001, "person"],
      [1001, 2000, "person"],
      [0, 99, "person"],
    ] as const) {
      assert.equal(punished(punish(["warning"], { min, max }), national).decidedBy, decidedBy, `${min}-${max}`);
    }
  });

  test("[L36] a measure the national text does not know, or a fine only one text has, goes to a person with a reason", () => {
    const cases = [
      punish(["warning", "order-removal"], { min: 100, max: 1000 }),
      punish(["order-removal"], { min: 100, max: 1000 }),
      punish(["warning"], null),
    ];
    for (const regional of cases) {
      const result = punished(regional, national);
      assert.ok(result.decidedBy === "person");
      assert.match(result.why.en, /Administrative Penalty Law art\. 14/u);
    }
    assert.equal(punished(punish(["warning"], { min: 100, max: 1000 }), punish(["warning"], null)).decidedBy, "person");
    assert.equal(punished(punish(["warning"], null), punish(["warning"], null)).decidedBy, "rule");
    const alone = compare(region({ penalty: [punish(["warning"], { min: 1, max: 2 })] }), nation({}), question("penalty", PENALTY)).combined;
    assert.ok(alone?.decidedBy === "person");
    assert.match(alone.why.en, /whether the local fine stands/u);
  });

  test("[L36] only a measure of its own, or a fine, makes a pointer to other laws a penalty", () => {
    const pointer = ["per-other-law"];
    const decided = (regional: PenaltyRule, superior: PenaltyRule) => {
      const result = punished(regional, superior);
      return result.decidedBy === "rule" ? [result.rule.id, result.answer] : "person";
    };
    assert.deepEqual(decided(punish(pointer, null), national), ["only-national", { measures: ["warning", "confiscation"], fine: { min: 100, max: 1000 } }]);
    assert.deepEqual(decided(punish(pointer, null), punish([], { min: 5, max: 6 })), ["only-national", { measures: [], fine: { min: 5, max: 6 } }]);
    assert.deepEqual(decided(punish(pointer, null), punish(pointer, null)), ["only-other-law", { measures: pointer, fine: null }]);
    assert.equal(decided(punish(pointer, { min: 100, max: 1000 }), national), "person");
    assert.equal(decided(punish([...pointer, "warning"], null), national), "person");
    assert.equal(decided(punish(["warning"], null), punish(pointer, null)), "person");
    const unpunished = compare(region({ penalty: [punish(pointer, null)] }), nation({}), question("penalty", PENALTY)).combined;
    assert.deepEqual(unpunished?.answer, { measures: pointer, fine: null });
  });

  test("[L36] a fine without a measure is a penalty too", () => {
    const fineOnly = punish([], { min: 100, max: 200 });
    assert.equal(punished(fineOnly, national).decidedBy, "rule");
    assert.equal(compare(region({ penalty: [fineOnly] }), nation({}), question("penalty", PENALTY)).combined?.decidedBy, "person");
  });
});

describe("places beside each other", () => {
  const rule = (verdict: PlaceRule["verdict"], change: Partial<PlaceRule> = {}): PlaceRule => ({ ...HEAD, id: "p", verdict, places: ["hotel"], ...change });
  const unit = { who: "unit", articles: ["3"] };
  const together = (regional: PlaceRule[], national: PlaceRule[], open: Partial<PackData> = {}): Combined | null =>
    compare(region({ place: regional, ...open }), nation({ place: national }), question("place", { date: DATE, place: "hotel", builder: "unit" })).combined;

  test("[L33] a banned place has no builder and bars nobody beside", () => {
    const result = together([rule("mandatory-government-only", { responsible: unit })], [rule("prohibited")]);
    assert.ok(result?.decidedBy === "rule");
    assert.deepEqual(result.answer, { verdict: "prohibited", barred: false });
    assert.equal(result.open, undefined);
  });

  test("[L37] a doubt is settled by the other text's ban or listing, and by its own ban, else it goes to a person", () => {
    const doubt = { zh: "有疑。", en: "Doubtful." };
    const open = { open: [{ id: "o", from: "2020-01-01", to: "2022-12-31", kind: "place" as const, words: ["hotel"], articles: ["3"], doubt }] };
    assert.equal(together([], [], open)?.decidedBy, "person");
    assert.equal(together([], [rule("mandatory")], open)?.decidedBy, "rule");
    assert.equal(together([], [rule("prohibited")], open)?.decidedBy, "rule");
    assert.equal(together([rule("mandatory", { doubt })], [rule("mandatory")])?.decidedBy, "person");
    assert.equal(together([rule("mandatory", { doubt })], [rule("prohibited")])?.decidedBy, "rule");
    assert.equal(together([rule("prohibited", { doubt })], [])?.decidedBy, "rule");
  });

  test("a text that cites nothing stands in no basis", () => {
    assert.deepEqual(together([], [rule("mandatory")])?.basis, [{ pack: "nation", articles: ["3"] }]);
    assert.deepEqual(together([], [])?.basis, []);
  });
});

describe("open points", () => {
  const point = { id: "o", from: "2021-01-01", to: "2021-12-31", articles: ["3"], doubt: { zh: "有疑。", en: "Doubtful." } };
  const kinds = {
    place: ["hotel", { place: "hotel", builder: "unit" }],
    deadline: ["removed", { event: "removed" }],
    retention: ["ordinary", { class: "ordinary" }],
    access: ["judicial", { requester: "judicial", action: "view", staff: 2, documents: [], approvals: [], emergency: false }],
    penalty: ["no-sign", { violation: "no-sign", subject: "unit", orderMissed: false, serious: false }],
    duty: ["staff-training", { topic: "staff-training", actor: "operator" }],
  } as const;

  test("[L23] each kind is asked by its own word, from the first day of the point to the last", () => {
    for (const [kind, [word, input]] of Object.entries(kinds)) {
      const known = kind as keyof typeof kinds;
      const pack = region({ open: [{ ...point, kind: known, words: [word] }] });
      const doubt = (date: string) => {
        const answer = judge(pack, question(known, { ...input, date, ...(known === "retention" ? { recordedOn: date } : {}) }));
        return "doubt" in answer;
      };
      assert.deepEqual(["2020-12-31", "2021-01-01", "2021-12-31", "2022-01-01"].map(doubt), [false, true, true, false], kind);
      const elsewhere = region({ open: [{ ...point, kind: known === "place" ? "duty" : "place", words: [known === "place" ? "staff-training" : "hotel"] }] });
      assert.equal(
        "doubt" in judge(elsewhere, question(known, { ...input, date: "2021-06-01", ...(known === "retention" ? { recordedOn: "2021-06-01" } : {}) })),
        false,
      );
    }
  });
});

describe("reasons say what was decided", () => {
  test("[L21] penalties name measures and fine, in both languages", () => {
    const of = (rule: PenaltyRule) => reason(region({ penalty: [rule] }), "penalty", PENALTY);
    assert.deepEqual(of(punish(["warning", "confiscation"], { min: 100, max: 200 })), {
      zh: "测试。本情形：警告、没收相关设备设施、罚款100元至200元。",
      en: "Test. In this case: warning, confiscation, a fine of CNY 100-200.",
    });
    assert.equal(of(punish([], { min: 5, max: 5 })).zh, "测试。本情形：罚款5元。");
    assert.equal(of(punish([], { min: 5, max: 5 })).en, "Test. In this case: a fine of CNY 5.");
    const unreached: PenaltyRule = { ...punish([], null), stages: [{ when: "serious", measures: ["warning"] }] };
    assert.deepEqual(of(unreached), { zh: "测试。本情形：无处罚。", en: "Test. In this case: no penalty." });
  });

  test("[L21] deadlines name the day they run from and the day due", () => {
    const rule = { ...HEAD, id: "d", event: "removed", count: 3, unit: "days", start: "event", authority: "county-public-security" } as const;
    const of = (direction: "before" | "after") => reason(region({ deadline: [{ ...rule, direction }] }), "deadline", { date: DATE, event: "removed" });
    assert.deepEqual(of("after"), { zh: "测试。自2022-01-01起后3日，到期日为2022-01-04。", en: "Test. 3 days after 2022-01-01: due 2022-01-04." });
    assert.match(of("before").zh, /起前3日，到期日为2021-12-29。$/u);
    assert.match(of("before").en, /3 days before 2022-01-01: due 2021-12-29\.$/u);
    const older = region({ deadline: [{ ...rule, direction: "after", event: "pre-existing-filing", start: "commencement" }] });
    assert.match(reason(older, "deadline", { date: DATE, event: "pre-existing-filing" }).en, /not finished before commencement on 2020-01-01/u);
    assert.match(reason(older, "deadline", { date: DATE, event: "removed" }).en, /sets no period from this event/u);
  });

  test("[L21] access names what is missing and who has no right", () => {
    const input = { date: DATE, requester: "judicial", action: "view", staff: 1, documents: [], approvals: [], emergency: false };
    const grant = { ...HEAD, id: "a", right: "grant", requesters: ["judicial"], actions: ["view"], needs: { staff: 2, documents: ["work-id"] } } as const;
    assert.deepEqual(reason(region({ access: [grant] }), "access", input), {
      zh: "测试。尚缺：两名以上工作人员、工作证件。",
      en: "Test. Missing: two staff, work ID.",
    });
    assert.deepEqual(reason(region({}), "access", input), {
      zh: "本文未赋予检察、审判机关查阅的权利。",
      en: "The text gives no right to this action (view) to this requester (judicial).",
    });
  });

  test("[L8] a period set to none keeps its article and its order to delete", () => {
    const rule = { ...HEAD, id: "r", classes: ["ordinary"], minimum: null, thenDelete: true } as const;
    const answer = judge(region({ retention: [rule] }), question("retention", { date: DATE, class: "ordinary", recordedOn: DATE }));
    assert.deepEqual(answer, { minimum: null, mayDeleteFrom: null, thenDelete: true, articles: ["3"], reason: TEXT, rules: ["r"] });
    assert.deepEqual(reason(region({}), "retention", { date: DATE, class: "important", recordedOn: DATE }), {
      zh: "本文未规定重要视频图像信息的留存期限。",
      en: "The text sets no period for important footage.",
    });
  });

  test("[L1] the reason tells before commencement from after the end", () => {
    const ended = region({ effective: { from: "2020-01-01", to: "2021-12-31", article: "12" } });
    const input = { place: "hotel", builder: "unit" };
    assert.match(reason(ended, "place", { ...input, date: "2019-12-31" }).en, /before commencement on 2020-01-01/u);
    assert.match(reason(ended, "place", { ...input, date: "2022-01-01" }).en, /after the last day in force, 2021-12-31/u);
    assert.match(reason(region({}), "deadline", { date: "2019-12-31", event: "removed" }).en, /before commencement/u);
  });
});

describe("rules with an end of their own", () => {
  test("[L3] an earlier `to` stays although a follower begins later", () => {
    const duty = { ...HEAD, id: "one", to: "2020-06-30", topics: ["staff-training"], actors: ["operator"], binding: true };
    const pack = region({ duty: [duty, { ...duty, id: "two", from: "2021-01-01", to: "2021-12-31", follows: "one" }] });
    const binding = (date: string) => {
      const answer = judge(pack, question("duty", { date, actor: "operator", topic: "staff-training" }));
      return "binding" in answer && answer.binding;
    };
    assert.deepEqual(["2020-06-30", "2020-07-01", "2020-12-31", "2021-01-01", "2021-12-31", "2022-01-01"].map(binding), [
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});
