import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judge } from "../src/judge.ts";
import type { AccessRule, DeadlineRule, DutyRule, PenaltyRule, PlaceRule } from "../src/types.ts";
import { TEXT, examplePack, fields, question } from "./example.ts";

const HEAD = { from: "2020-01-01", articles: ["3(1)"], explanation: TEXT };

describe("when a text applies", () => {
  const pack = examplePack();
  const before = { date: "2019-12-31" };
  const inputs = {
    place: { ...before, place: "hotel", builder: "unit" },
    deadline: { ...before, event: "commissioned" },
    retention: { ...before, class: "ordinary", recordedOn: "2019-12-31" },
    access: { ...before, requester: "public-security", action: "view", staff: 2, documents: [], approvals: [], emergency: false },
    penalty: { ...before, violation: "prohibited-place-install", subject: "unit", orderMissed: false, serious: false },
    duty: { ...before, actor: "operator", topic: "visible-sign-public-place" },
  } as const;

  test("[L1] the day before commencement nothing applies", () => {
    for (const [kind, input] of Object.entries(inputs)) assert.deepEqual(fields(pack, kind as keyof typeof inputs, input), { applies: false }, kind);
  });

  test("[L1] on the day of commencement everything applies", () => {
    for (const [kind, input] of Object.entries(inputs)) {
      const day = { ...input, date: "2020-01-01", ...(kind === "retention" ? { recordedOn: "2020-01-01" } : {}) };
      assert.equal("applies" in fields(pack, kind as keyof typeof inputs, day), false, kind);
    }
  });

  test("[L1] on the last day in force the text applies, the day after not", () => {
    const ended = examplePack({ effective: { from: "2020-01-01", to: "2024-06-30", article: "12" } });
    assert.equal(fields(ended, "place", { date: "2024-06-30", place: "hotel", builder: "unit" })["verdict"], "mandatory");
    assert.deepEqual(fields(ended, "place", { date: "2024-07-01", place: "hotel", builder: "unit" }), { applies: false });
  });

  test("[L2] a system finished on the day of commencement was not finished before it", () => {
    const older: DeadlineRule = {
      ...HEAD,
      id: "old",
      event: "pre-existing-filing",
      count: 6,
      unit: "months",
      direction: "after",
      start: "commencement",
      authority: "county-public-security",
    };
    const withOlder = examplePack({ deadline: [older] });
    assert.equal(fields(withOlder, "deadline", { date: "2019-12-31", event: "pre-existing-filing" })["due"], "2020-07-01");
    assert.equal(fields(withOlder, "deadline", { date: "1990-02-28", event: "pre-existing-filing" })["due"], "2020-07-01");
    assert.deepEqual(fields(withOlder, "deadline", { date: "2020-01-01", event: "pre-existing-filing" }), { applies: false });
    assert.deepEqual(fields(withOlder, "deadline", { date: "2019-12-31", event: "pre-existing-upgrade" }), { applies: false });
  });

  test("[L3] footage of 31 December 2022 falls under the old period, of 1 January 2023 under the new", () => {
    assert.deepEqual(fields(pack, "retention", { date: "2022-12-31", class: "ordinary", recordedOn: "2022-12-31" })["minimum"], { count: 15, unit: "days" });
    assert.deepEqual(fields(pack, "retention", { date: "2023-01-01", class: "ordinary", recordedOn: "2023-01-01" })["minimum"], { count: 30, unit: "days" });
  });

  test("[L3] a rule without an end of its own ends the day before its follower", () => {
    const rules = [
      { ...HEAD, id: "a", classes: ["ordinary"], minimum: { count: 1, unit: "months" } },
      { ...HEAD, id: "b", from: "2021-03-01", follows: "a", classes: ["ordinary"], minimum: { count: 2, unit: "years" } },
    ] as const;
    const followed = examplePack({ retention: rules });
    assert.equal(fields(followed, "retention", { date: "2021-02-28", class: "ordinary", recordedOn: "2021-02-28" })["mayDeleteFrom"], "2021-03-29");
    assert.equal(fields(followed, "retention", { date: "2021-03-01", class: "ordinary", recordedOn: "2021-03-01" })["mayDeleteFrom"], "2023-03-02");
  });

  test("[L8] a class without a period gives null twice and no article", () => {
    const silent = examplePack({ retention: [] });
    assert.deepEqual(fields(silent, "retention", { date: "2021-01-01", class: "important", recordedOn: "2021-01-01" }), {
      minimum: null,
      mayDeleteFrom: null,
      thenDelete: false,
      articles: [],
    });
  });
});

describe("places", () => {
  const lobby: PlaceRule = { ...HEAD, id: "lobby", verdict: "mandatory", places: ["hotel"], spots: ["lobby"], responsible: { who: "unit", articles: ["3"] } };
  const kept: PlaceRule = {
    ...HEAD,
    id: "kept",
    verdict: "mandatory-government-only",
    places: ["hotel", "plaza"],
    responsible: { who: "government", articles: ["3", "8"] },
  };
  const banned: PlaceRule = { ...HEAD, id: "banned", articles: ["4"], verdict: "prohibited", places: ["hotel"], spots: ["waiting-hall"] };
  const ask = (place: readonly PlaceRule[], input: object) => fields(examplePack({ place }), "place", { date: "2021-01-01", builder: "unit", ...input });

  test("[L11] a ban prevails over a place kept for the government, and that over a duty", () => {
    assert.equal(ask([lobby, kept, banned], { place: "hotel", spot: "waiting-hall" })["verdict"], "prohibited");
    assert.equal(ask([banned, lobby, kept], { place: "hotel", spot: "lobby" })["verdict"], "mandatory-government-only");
    assert.equal(ask([kept, lobby], { place: "hotel" })["verdict"], "mandatory-government-only");
    assert.equal(ask([lobby], { place: "hotel", spot: "lobby" })["verdict"], "mandatory");
  });

  test("[L11] a factory workshop is on no list", () => {
    assert.deepEqual(ask([lobby, kept, banned], { place: "ordinary-factory-workshop" }), { verdict: "permitted", articles: [], barred: false });
  });

  test("the article that names the builder is cited after the one that lists the place, each once", () => {
    assert.deepEqual(ask([lobby], { place: "hotel" }), { verdict: "mandatory", articles: ["3(1)", "3"], responsible: "unit", barred: false });
    assert.deepEqual(ask([{ ...kept, articles: ["8"] }], { place: "plaza" })["articles"], ["8", "3"]);
  });

  test("[L12] a plaza kept for the government bars units and individuals, not the government", () => {
    for (const [builder, barred] of [
      ["unit", true],
      ["individual", true],
      ["government", false],
    ] as const) {
      assert.deepEqual(ask([kept], { place: "plaza", builder }), {
        verdict: "mandatory-government-only",
        articles: ["3(1)", "3", "8"],
        responsible: "government",
        barred,
      });
    }
    assert.equal(ask([lobby], { place: "hotel" })["barred"], false);
    assert.deepEqual(ask([banned], { place: "hotel", spot: "waiting-hall", builder: "government" }), { verdict: "prohibited", articles: ["4"], barred: false });
  });

  test("[L13] a hotel named for its lobby: the hotel and its lobby are meant, its perimeter is not", () => {
    assert.equal(ask([lobby], { place: "hotel" })["verdict"], "mandatory");
    assert.equal(ask([lobby], { place: "hotel", spot: "perimeter" })["verdict"], "permitted");
    assert.equal(ask([banned], { place: "hotel" })["verdict"], "permitted");
    const inside: PlaceRule = { ...HEAD, id: "inside", verdict: "prohibited", places: ["student-dormitory"], exceptSpots: ["main-passage"] };
    assert.equal(ask([inside], { place: "student-dormitory" })["verdict"], "prohibited");
    assert.equal(ask([inside], { place: "student-dormitory", spot: "lobby" })["verdict"], "prohibited");
    assert.equal(ask([inside], { place: "student-dormitory", spot: "main-passage" })["verdict"], "permitted");
  });

  test("the reason tells an unlisted place from an unlisted spot, and that the builder is barred", () => {
    const reason = (place: readonly PlaceRule[], input: object): string => {
      const answer = judge(examplePack({ place }), question("place", { date: "2021-01-01", builder: "unit", ...input }));
      assert.ok(!("error" in answer));
      return answer.reason.en;
    };
    assert.match(reason([lobby], { place: "hotel", spot: "perimeter" }), /but not its perimeter/u);
    assert.match(reason([lobby], { place: "plaza", spot: "perimeter" }), /does not list this place \(plaza\)/u);
    assert.match(reason([kept], { place: "plaza" }), /may not build here/u);
    assert.equal(reason([kept], { place: "plaza", builder: "government" }), "Test.");
  });
});

describe("access", () => {
  const complete = {
    date: "2021-01-01",
    requester: "public-security",
    action: "view",
    staff: 2,
    documents: ["work-id", "unit-letter"],
    approvals: ["own-agency-head"],
    emergency: false,
  };
  const pack = examplePack();

  test("[L14] police with two staff, work ID, a letter and their head's approval may view", () => {
    assert.deepEqual(fields(pack, "access", complete), { decision: "allow", missing: [], articles: ["7", "8"] });
    assert.equal(fields(pack, "access", { ...complete, documents: ["approval-document", "work-id"] })["decision"], "allow");
  });

  test("[L14] each condition alone is missed by its own word", () => {
    const missing = (change: object) => fields(pack, "access", { ...complete, ...change });
    assert.deepEqual(missing({ staff: 1 }), { decision: "incomplete", missing: ["two-staff"], articles: ["7", "8"] });
    assert.deepEqual(missing({ documents: ["unit-letter"] })["missing"], ["work-id"]);
    assert.deepEqual(missing({ documents: ["work-id", "identity-card"] })["missing"], ["unit-letter-or-approval-document"]);
    assert.deepEqual(missing({ approvals: ["manager-consent"] })["missing"], ["own-agency-head"]);
    assert.deepEqual(missing({ staff: 0, documents: [], approvals: [] })["missing"], [
      "two-staff",
      "work-id",
      "unit-letter-or-approval-document",
      "own-agency-head",
    ]);
  });

  test("[L14] either of two approvals is enough", () => {
    const rule: AccessRule = {
      ...HEAD,
      id: "either",
      right: "grant",
      requesters: ["public-security"],
      actions: ["view"],
      needs: { eitherApproval: { of: ["own-agency-head", "county-public-security"], missing: "own-agency-head" } },
    };
    const either = examplePack({ access: [rule] });
    assert.equal(fields(either, "access", { ...complete, approvals: ["county-public-security"] })["decision"], "allow");
    assert.deepEqual(fields(either, "access", { ...complete, approvals: [] })["missing"], ["own-agency-head"]);
  });

  test("[L15] direct access looks at approvals only", () => {
    const rule: AccessRule = {
      ...HEAD,
      id: "direct",
      right: "grant",
      requesters: ["public-security"],
      actions: ["direct-access"],
      needs: { approvals: ["own-agency-head"] },
    };
    const direct = examplePack({ access: [rule] });
    const bare = { ...complete, action: "direct-access", staff: 0, documents: [] };
    assert.deepEqual(fields(direct, "access", bare), { decision: "allow", missing: [], articles: ["3(1)"] });
    assert.deepEqual(fields(direct, "access", { ...bare, approvals: [] })["missing"], ["own-agency-head"]);
  });

  test("[L16] an individual is refused by article 7; a court finds no article", () => {
    assert.deepEqual(fields(pack, "access", { ...complete, requester: "individual" }), { decision: "deny", missing: [], articles: ["7"] });
    assert.deepEqual(fields(pack, "access", { ...complete, requester: "judicial" }), { decision: "deny", missing: [], articles: [] });
    assert.deepEqual(fields(pack, "access", { ...complete, action: "retrieve" }), { decision: "deny", missing: [], articles: [] });
  });

  test("[L16] a right prevails over a refusal whichever stands first", () => {
    const refuse: AccessRule = { ...HEAD, id: "refuse", right: "refuse", requesters: ["judicial"], actions: ["view"] };
    const grant: AccessRule = { ...HEAD, id: "grant", right: "grant", requesters: ["judicial"], actions: ["view"], emergency: true };
    for (const access of [
      [refuse, grant],
      [grant, refuse],
    ]) {
      assert.equal(fields(examplePack({ access }), "access", { ...complete, requester: "judicial", emergency: true })["decision"], "allow");
    }
  });

  test("[L17] an emergency department has its right in an emergency only", () => {
    const grant: AccessRule = { ...HEAD, id: "em", right: "grant", requesters: ["emergency-authority"], actions: ["copy"], emergency: true };
    const calm: AccessRule = {
      ...HEAD,
      id: "calm",
      articles: ["8"],
      right: "refuse",
      requesters: ["emergency-authority"],
      actions: ["copy"],
      emergency: false,
    };
    const emergencies = examplePack({ access: [grant, calm] });
    const input = { ...complete, requester: "emergency-authority", action: "copy" };
    assert.deepEqual(fields(emergencies, "access", { ...input, emergency: true }), { decision: "allow", missing: [], articles: ["3(1)"] });
    assert.deepEqual(fields(emergencies, "access", input), { decision: "deny", missing: [], articles: ["8"] });
  });
});

describe("penalties", () => {
  const input = { date: "2021-01-01", violation: "no-sign", subject: "unit", orderMissed: false, serious: false };
  const rule: PenaltyRule = {
    ...HEAD,
    id: "staged",
    violations: ["no-sign"],
    stages: [
      { when: "always", measures: ["order-correction"], fines: [{ min: 100, max: 100, subjects: ["unit"] }] },
      { when: "order-missed", measures: ["warning", "order-correction"], fines: [{ min: 0, max: 500 }] },
      { when: "serious", measures: ["confiscation"], subjects: ["unit"], fines: [{ min: 900, max: 1000, subjects: ["individual"] }] },
      { when: "order-missed-or-serious", measures: ["public-criticism"] },
    ],
  };
  const ask = (change: object) => fields(examplePack({ penalty: [rule] }), "penalty", { ...input, ...change });

  test("[L18] stages add their measures, the last fine for the subject counts", () => {
    const articles = ["3(1)"];
    assert.deepEqual(ask({}), { measures: ["order-correction"], fine: { min: 100, max: 100 }, articles });
    assert.deepEqual(ask({ subject: "individual" }), { measures: ["order-correction"], fine: null, articles });
    assert.deepEqual(ask({ orderMissed: true }), { measures: ["order-correction", "warning", "public-criticism"], fine: { min: 0, max: 500 }, articles });
    assert.deepEqual(ask({ serious: true }), { measures: ["order-correction", "confiscation", "public-criticism"], fine: { min: 100, max: 100 }, articles });
    assert.deepEqual(ask({ serious: true, subject: "individual" }), {
      measures: ["order-correction", "public-criticism"],
      fine: { min: 900, max: 1000 },
      articles,
    });
    assert.deepEqual(ask({ serious: true, orderMissed: true, subject: "individual" })["fine"], { min: 900, max: 1000 });
  });

  test("[L19] a breach the text does not punish, or not for this subject", () => {
    const none = { measures: [], fine: null, articles: [] };
    assert.deepEqual(ask({ violation: "no-archive" }), none);
    const officials = examplePack({ penalty: [{ ...rule, subjects: ["official"] }] });
    assert.deepEqual(fields(officials, "penalty", input), none);
    assert.deepEqual(fields(officials, "penalty", { ...input, subject: "official" })["measures"], ["order-correction"]);
    const pointer = examplePack({ penalty: [{ ...rule, stages: [{ when: "always", measures: ["per-other-law"] }] }] });
    assert.deepEqual(fields(pointer, "penalty", { ...input, orderMissed: true, serious: true }), {
      measures: ["per-other-law"],
      fine: null,
      articles: ["3(1)"],
    });
  });
});

describe("duties", () => {
  const everyone: DutyRule = { ...HEAD, id: "everyone", topics: ["tree-planting-not-obstruct"], actors: ["anyone"], binding: true };

  test("[L20] a duty of anyone is everybody's, an operator's duty is his alone", () => {
    const pack = examplePack({ duty: [everyone, ...examplePack().data.duty] });
    const ask = (actor: string, topic: string) => fields(pack, "duty", { date: "2021-01-01", actor, topic });
    for (const actor of ["operator", "builder", "public-security", "official", "anyone"])
      assert.deepEqual(ask(actor, "tree-planting-not-obstruct"), { binding: true, articles: ["3(1)"] });
    assert.deepEqual(ask("operator", "visible-sign-public-place"), { binding: true, articles: ["10"] });
    assert.deepEqual(ask("anyone", "visible-sign-public-place"), { binding: false, articles: [] });
    assert.deepEqual(ask("operator", "build-surrounding-public-area"), { binding: false, articles: ["11"] });
    assert.deepEqual(ask("operator", "staff-training"), { binding: false, articles: [] });
  });
});

describe("every answer", () => {
  test("[L21] a draft's answers say so, and name the rule and the reason", () => {
    const draft = examplePack({ status: "draft", note: TEXT });
    const answer = judge(draft, question("place", { date: "2021-01-01", place: "hotel", builder: "unit" }));
    assert.ok(!("error" in answer));
    assert.equal(answer.draft, true);
    assert.deepEqual(answer.rules, ["place-hotel"]);
    assert.deepEqual(answer.reason, { zh: "旅馆大厅、出入口应当建设。", en: "Hotel lobbies and entrances." });
    const adopted = judge(examplePack(), question("place", { date: "2021-01-01", place: "hotel", builder: "unit" }));
    assert.equal("draft" in adopted, false);
  });

  test("[L23] a doubt goes with the answer and changes nothing else", () => {
    const doubtful: DutyRule = { ...HEAD, id: "d", topics: ["staff-training"], actors: ["operator"], binding: true, doubt: { zh: "有疑。", en: "Doubtful." } };
    const input = { date: "2021-01-01", actor: "operator", topic: "staff-training" };
    const answer = judge(examplePack({ duty: [doubtful] }), question("duty", input));
    assert.ok("binding" in answer);
    assert.deepEqual(answer.doubt, { zh: "有疑。", en: "Doubtful." });
    assert.equal(answer.binding, true);
  });
});
