import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ask } from "../src/ask.ts";
import { builtInProblems, packs } from "../src/builtin.ts";
import { hasArticle, rulesCiting } from "../src/cited.ts";
import { diffPacks } from "../src/diff.ts";
import { explain } from "../src/explain.ts";
import { judge } from "../src/judge.ts";
import { packManifest } from "../src/manifest.ts";
import type { Pack } from "../src/pack.ts";
import { readQuestion } from "../src/question.ts";
import type { Kind, Question } from "../src/types.ts";
import { label, wordList } from "../src/words.ts";
import type { WordList } from "../src/words.ts";
import { PACK_IDS, readPack } from "./files.ts";

const SEED = 799;
const word = (list: WordList) => fc.constantFrom(...wordList(list).keys());
const date = fc
  .integer({ min: 2005, max: 2026 })
  .chain((year) => fc.integer({ min: 0, max: 364 }).map((day) => new Date(Date.UTC(year, 0, 1 + day)).toISOString().slice(0, 10)));

const inputs: Readonly<Record<Kind, fc.Arbitrary<object>>> = {
  place: fc.record({ date, place: word("place"), spot: word("spot"), builder: word("builder") }, { requiredKeys: ["date", "place", "builder"] }),
  deadline: fc.record({ date, event: word("event") }),
  retention: fc.tuple(date, word("retentionClass")).map(([day, name]) => ({ date: day, class: name, recordedOn: day })),
  access: fc.record({
    date,
    requester: word("requester"),
    action: word("action"),
    staff: fc.nat(3),
    documents: fc.array(word("document"), { maxLength: 6 }),
    approvals: fc.array(word("approval"), { maxLength: 5 }),
    emergency: fc.boolean(),
  }),
  penalty: fc.record({ date, violation: word("violation"), subject: word("subject"), orderMissed: fc.boolean(), serious: fc.boolean() }),
  duty: fc.record({ date, actor: word("actor"), topic: word("topic") }),
};

const questions: fc.Arbitrary<Question> = fc
  .tuple(fc.constantFrom(...PACK_IDS), fc.constantFrom<Kind>("place", "deadline", "retention", "access", "penalty", "duty"))
  .chain(([pack, kind]) =>
    inputs[kind].map((input) => {
      const parsed = readQuestion({ id: 1, pack, kind, input });
      assert.ok("question" in parsed, JSON.stringify(parsed));
      return parsed.question;
    }),
  );

function packOf(question: Question): Pack {
  const pack = packs.get(question.pack);
  assert.ok(pack !== undefined);
  return pack;
}

/** Whether an answer is what a silent text gives. */
function isSilent(answer: object): boolean {
  const { verdict, minimum, decision, measures, fine, binding } = answer as Readonly<Record<string, unknown>>;
  return (
    verdict === "permitted" ||
    minimum === null ||
    decision === "deny" ||
    binding === false ||
    (Array.isArray(measures) && measures.length === 0 && fine === null)
  );
}

describe("every question any pack can be asked", () => {
  test("[L27] the built-in packs are sound and all there", () => {
    assert.deepEqual(builtInProblems, []);
    assert.deepEqual([...packs.keys()], [...PACK_IDS]);
  });

  test("[L22] no answer without an article, unless the text is silent", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const answer = judge(packOf(question), question);
        if ("error" in answer || "applies" in answer) return;
        for (const article of answer.articles) assert.ok(hasArticle(packOf(question), article), article);
        assert.ok(answer.articles.length > 0 || isSilent(answer), JSON.stringify(answer));
        assert.equal(new Set(answer.articles).size, answer.articles.length);
      }),
      { seed: SEED, numRuns: 6000 },
    );
  });

  test("[L21] a reason in both languages, rules that exist, drafts marked", () => {
    const ids = new Map(
      [...packs].map(([id, { data }]) => [
        id,
        new Set([data.place, data.deadline, data.retention, data.access, data.penalty, data.duty].flat().map((rule) => rule.id)),
      ]),
    );
    fc.assert(
      fc.property(questions, (question) => {
        const answer = judge(packOf(question), question);
        if ("error" in answer) return;
        assert.ok(/[\u4e00-\u9fff]/u.test(answer.reason.zh) && /[a-z]/u.test(answer.reason.en));
        for (const rule of answer.rules) assert.ok(ids.get(question.pack)?.has(rule));
        assert.equal(answer.draft === true, question.pack === "guangdong-2009");
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test("[L26] only a missing calendar year keeps a sound question from an answer", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const answer = judge(packOf(question), question);
        if ("error" in answer) assert.equal(answer.error.code, "calendar-missing");
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test("[L38] an explanation answers as the judgement does and shows what decided", () => {
    fc.assert(
      fc.property(questions, (question) => {
        const answer = judge(packOf(question), question);
        const explained = explain(packOf(question), question);
        assert.deepEqual(explained.answer, answer);
        const shown = new Set(explained.steps.filter((step) => step.decides).map((step) => step.rule));
        assert.deepEqual(shown, new Set("error" in answer ? [] : answer.rules));
        for (const step of explained.steps) assert.ok(step.note.zh !== "" && step.note.en !== "");
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test("[L9] a recording of a later day never may be deleted earlier", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PACK_IDS), word("retentionClass"), date, date, (pack, name, one, two) => {
        const [first, second] = [one, two].sort();
        const until = (day: string | undefined) =>
          ask(packs, JSON.stringify({ id: 1, pack, kind: "retention", input: { date: day, class: name, recordedOn: day } }));
        const [a, b] = [until(first), until(second)];
        if (!("mayDeleteFrom" in a) || !("mayDeleteFrom" in b) || a.mayDeleteFrom === null || b.mayDeleteFrom === null) return;
        assert.ok(a.mayDeleteFrom <= b.mayDeleteFrom);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

describe("looking closer", () => {
  const yunnan = readPack("yunnan-2016");
  const steps = (pack: Pack, kind: Kind, input: object): string[] => {
    const parsed = readQuestion({ id: 1, pack: pack.data.id, kind, input });
    assert.ok("question" in parsed);
    return explain(pack, parsed.question).steps.map((step) => `${step.decides ? "→" : "·"} ${step.rule ?? ""} [${step.articles.join()}] ${step.note.en}`);
  };

  test("[L38] why a rule did not decide", () => {
    assert.deepEqual(steps(readPack("guangdong-2009"), "place", { date: "2025-01-01", place: "residential-compound", spot: "lobby", builder: "unit" }), [
      "·  [30] In force from 2009-04-01; 2025-01-01 is not before it.",
      "· place-residential [6(9)] Does not name the spot asked about.",
      "·  [] C7: the verdict classes the place, whoever builds.",
    ]);
    const early = steps(yunnan, "place", { date: "2016-09-30", place: "hotel", builder: "unit" });
    assert.deepEqual(early, ["·  [28] 2016-09-30 is before commencement on 2016-10-01.", "· place-residential [7(7)] Does not apply before commencement."]);
    const individual = steps(yunnan, "access", {
      date: "2025-01-01",
      requester: "individual",
      action: "copy",
      staff: 1,
      documents: [],
      approvals: [],
      emergency: false,
    });
    assert.ok(individual.includes("· access-own-rights [16] Speaks of another action."));
    assert.ok(individual.includes("→ access-own-rights-view-only [16] Other units and individuals may only view, not copy or retrieve."));
    assert.ok(
      steps(yunnan, "deadline", { date: "2020-01-01", event: "pre-existing-filing" }).includes(
        "· deadline-pre-existing-filing [20] Holds only for systems finished before commencement.",
      ),
    );
    const emergency = steps(readPack("liaoning-2008"), "access", {
      date: "2025-01-01",
      requester: "other-administrative",
      action: "view",
      staff: 2,
      documents: [],
      approvals: [],
      emergency: false,
    });
    assert.ok(emergency.some((step) => step.endsWith("Holds only in an emergency.")));
    const granted = steps(readPack("liaoning-2008"), "access", {
      date: "2025-01-01",
      requester: "other-administrative",
      action: "view",
      staff: 2,
      documents: [],
      approvals: [],
      emergency: true,
    });
    assert.ok(granted.some((step) => step.endsWith("A rule that grants the right prevails over it.")));
  });

  test("[L38] stages and conventions are told", () => {
    const penalty = steps(yunnan, "penalty", {
      date: "2025-01-01",
      violation: "delete-or-destroy-footage",
      subject: "unit",
      orderMissed: true,
      serious: false,
    });
    assert.ok(penalty.includes('·  [25] The stage "at once" is reached.') && penalty.includes('·  [25] The stage "with serious consequences" is not reached.'));
    const due = steps(readPack("liaoning-2008"), "deadline", { date: "2024-09-30", event: "changed" });
    assert.ok(due.some((step) => step.includes("C4:")) && due.some((step) => step.includes("C3:")));
    assert.ok(steps(yunnan, "deadline", { date: "2024-09-30", event: "accepted" }).some((step) => step.includes("C1:")));
    assert.ok(steps(yunnan, "deadline", { date: "2010-09-30", event: "pre-existing-upgrade" }).some((step) => step.includes("C2:")));
    assert.ok(steps(yunnan, "retention", { date: "2024-09-30", class: "ordinary", recordedOn: "2024-09-30" }).some((step) => step.includes("C5:")));
  });

  test("[L39] a pack does not differ from itself", () => {
    for (const id of PACK_IDS) assert.deepEqual(diffPacks(readPack(id), readPack(id), "2026-01-01"), []);
  });

  test("the table of Yunnan and the national text holds what the matrix names", () => {
    const rows = diffPacks(yunnan, readPack("national-2025"), "2025-06-01");
    const row = (topic: string) => rows.find((found) => found.topic.en === topic);
    assert.deepEqual([row("ordinary footage")?.left.en, row("ordinary footage")?.right.en], ["15 days [22(6)]", "30 days [17]"]);
    assert.equal(row("restaurant private room")?.left.en, "permitted");
    assert.match(row("restaurant private room")?.right.en ?? "", /^prohibited \[8\(1\)/u);
    assert.equal(row("no filing · unit · order missed")?.left.en, "nothing");
    assert.match(row("no filing · unit · order missed")?.right.en ?? "", /CNY 0-10000 \[29\]$/u);
    assert.equal(row("hotel guest room"), undefined);
    assert.equal(new Set(rows.map((found) => found.kind)).size, 6);
  });

  test("rules are found by article, by item and by the article alone", () => {
    const ids = (article: string) => rulesCiting(yunnan, article).map(({ rule }) => rule.id);
    assert.ok(ids("22(6)").includes("retention-general") && !ids("22(6)").includes("duty-monitoring"));
    assert.ok(ids("17").includes("access-state-organ") && !ids("17").includes("access-direct"));
    assert.ok(ids("22").includes("retention-general") && ids("22").includes("duty-monitoring"));
    assert.ok(ids("9").includes("place-crowds"));
    assert.deepEqual(ids("1"), []);
    assert.deepEqual(
      [
        hasArticle(yunnan, "28"),
        hasArticle(yunnan, "29"),
        hasArticle(yunnan, "22(7)"),
        hasArticle(yunnan, "22(8)"),
        hasArticle(yunnan, "x"),
        hasArticle(yunnan, "0"),
      ],
      [true, false, true, false, false, false],
    );
  });

  test("a word outside its list stands for itself", () => {
    assert.deepEqual(label("place", "moon-base"), { zh: "moon-base", en: "moon-base" });
    assert.deepEqual(label("place", "hotel"), { zh: "旅馆", en: "hotel" });
  });
});

describe("the manifest of a pack", () => {
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const bytes = (text: string) => new TextEncoder().encode(text);

  test("[L30] files in any order, the signature left out", () => {
    const a = { name: "pack.json", bytes: bytes("{}") };
    const b = { name: "SOURCES.md", bytes: bytes("") };
    const manifest = packManifest([a, b], sha256);
    assert.equal(
      manifest,
      "mingjian-law-pack-1\n" +
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  SOURCES.md\n" +
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  pack.json\n",
    );
    assert.equal(packManifest([b, { name: "pack.sig", bytes: bytes("x") }, a], sha256), manifest);
  });

  test("[L30] any byte and any name counts", () => {
    const file = (name: string, text: string) => ({ name, bytes: bytes(text) });
    const manifests = [[file("a", "1")], [file("a", "2")], [file("b", "1")], [file("a", "1"), file("b", "")], []].map((files) => packManifest(files, sha256));
    assert.equal(new Set(manifests).size, manifests.length);
  });
});
