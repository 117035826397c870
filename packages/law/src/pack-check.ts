import { parseDay } from "./dates.ts";
import { PROBLEMS_MAX } from "./schema.ts";
import type { Problem } from "./schema.ts";
import { KINDS } from "./types.ts";
import type { Kind, PackData, Rule, RulesByKind } from "./types.ts";
import { ruleSpans } from "./spans.ts";
import { wordList } from "./words.ts";
import type { WordList } from "./words.ts";

type Report = (path: string, message: Problem["message"], remedy: Problem["remedy"]) => void;

/**
 * What the schema cannot say: ids once, days that exist, articles the text has, chains of `follows` without a
 * cycle, rules that do not answer the same question on the same day, needs that make sense.
 */
export function checkPackSense(pack: PackData): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, message, remedy) => {
    if (problems.length < PROBLEMS_MAX) problems.push({ path, message, remedy });
  };
  checkHead(pack, report);
  checkRules(pack, report);
  checkOpen(pack, report);
  for (const kind of KINDS) checkFollows(kind, pack[kind], report);
  if (problems.length === 0) for (const kind of KINDS) checkOverlaps(kind, pack, report);
  return problems;
}

function checkDate(path: string, date: string | undefined, report: Report): void {
  if (date === undefined || parseDay(date) !== undefined) return;
  report(path, { zh: `没有 ${date} 这一天`, en: `there is no day ${date}` }, { zh: "改为存在的日期", en: "write a day that exists" });
}

function checkArticle(pack: PackData, path: string, article: string, report: Report): void {
  const open = article.indexOf("(");
  const number = open === -1 ? article : article.slice(0, open);
  const item = open === -1 ? 0 : Number(article.slice(open + 1, -1));
  if (Number(number) <= pack.articles.last && item <= (pack.articles.items[number] ?? 0)) return;
  report(
    path,
    { zh: `本文没有第 ${article} 条（项）`, en: `the text has no article ${article}` },
    { zh: "核对条文，或者更正 articles 中的条数、项数", en: "check the text, or correct the counts in `articles`" },
  );
}

function checkHead(pack: PackData, report: Report): void {
  checkDate("/effective/from", pack.effective.from, report);
  checkDate("/effective/to", pack.effective.to, report);
  checkArticle(pack, "/effective/article", pack.effective.article, report);
  if (pack.effective.to !== undefined && pack.effective.to < pack.effective.from) {
    report("/effective/to", { zh: "终止日早于施行日", en: "the last day is before the first" }, { zh: "更正日期", en: "correct the dates" });
  }
  if (pack.superior === pack.id) {
    report(
      "/superior",
      { zh: "上位法不能是自身", en: "a pack cannot rank above itself" },
      { zh: "写上位法的编号或者 null", en: "name the superior pack, or null" },
    );
  }
  if (pack.status === "draft" && pack.note === undefined) {
    report("/status", { zh: "草案须有 note 说明", en: "a draft needs a note" }, { zh: "补上 note", en: "add `note` in both languages" });
  }
}

function checkRules(pack: PackData, report: Report): void {
  const seen = new Set<string>();
  for (const kind of KINDS) {
    pack[kind].forEach((rule, index) => {
      const path = `/${kind}/${index}`;
      if (seen.has(rule.id))
        report(`${path}/id`, { zh: `编号 ${rule.id} 重复`, en: `the id ${rule.id} is used twice` }, { zh: "另取编号", en: "take another id" });
      seen.add(rule.id);
      checkDate(`${path}/from`, rule.from, report);
      checkDate(`${path}/to`, rule.to, report);
      if (rule.from < pack.effective.from)
        report(
          `${path}/from`,
          { zh: "规则早于施行日", en: "the rule begins before the regulation" },
          { zh: `不早于 ${pack.effective.from}`, en: `not before ${pack.effective.from}` },
        );
      if (rule.to !== undefined && rule.to < rule.from)
        report(`${path}/to`, { zh: "终止日早于起始日", en: "the rule ends before it begins" }, { zh: "更正日期", en: "correct the dates" });
      rule.articles.forEach((article, i) => checkArticle(pack, `${path}/articles/${i}`, article, report));
    });
  }
  pack.place.forEach((rule, index) =>
    rule.responsible?.articles.forEach((article, i) => checkArticle(pack, `/place/${index}/responsible/articles/${i}`, article, report)),
  );
  pack.place.forEach((rule, index) => {
    if (rule.spots === undefined || rule.exceptSpots === undefined) return;
    report(
      `/place/${index}/exceptSpots`,
      { zh: "spots 与 exceptSpots 不能并用", en: "`spots` and `exceptSpots` exclude each other" },
      { zh: "只留一个", en: "keep one of them" },
    );
  });
  pack.access.forEach((rule, index) => checkAccess(pack, rule, `/access/${index}`, report));
  pack.penalty.forEach((rule, index) => rule.stages.forEach((stage, at) => checkStage(stage, `/penalty/${index}/stages/${at}`, report)));
}

function checkAccess(pack: PackData, rule: PackData["access"][number], path: string, report: Report): void {
  rule.procedure?.forEach((article, i) => checkArticle(pack, `${path}/procedure/${i}`, article, report));
  if (rule.right === "refuse" && (rule.needs !== undefined || rule.procedure !== undefined)) {
    report(
      path,
      { zh: "拒绝规则不能有条件", en: "a refusal takes no needs and no procedure" },
      { zh: "删去 needs、procedure", en: "remove `needs` and `procedure`" },
    );
  }
  const { staff, documents, eitherDocument, eitherApproval } = rule.needs ?? {};
  if (
    rule.actions.includes("direct-access") &&
    (staff !== undefined || documents !== undefined || eitherDocument !== undefined || rule.procedure !== undefined)
  ) {
    report(
      path,
      { zh: "直接使用不看人数和证件", en: "direct access takes no staff, documents or procedure" },
      { zh: "把 direct-access 单列一条规则", en: "give direct-access a rule of its own" },
    );
  }
  if (eitherDocument !== undefined && eitherDocument.of.length < 2) {
    report(
      `${path}/needs/eitherDocument`,
      { zh: "任一文件至少列两种", en: "a choice needs two documents" },
      { zh: "只有一种时用 documents", en: "use `documents` for one" },
    );
  }
  if (eitherApproval !== undefined && eitherApproval.of.length < 2) {
    report(
      `${path}/needs/eitherApproval`,
      { zh: "任一批准至少列两种", en: "a choice needs two approvals" },
      { zh: "只有一种时用 approvals", en: "use `approvals` for one" },
    );
  }
}

const WORDS_OF = {
  place: "place",
  deadline: "event",
  retention: "retentionClass",
  access: "requester",
  penalty: "violation",
  duty: "topic",
} as const satisfies Record<Kind, WordList>;

function checkOpen(pack: PackData, report: Report): void {
  const ids = new Set(KINDS.flatMap((kind) => pack[kind].map((rule) => rule.id)));
  pack.open?.forEach((point, index) => {
    const path = `/open/${index}`;
    if (ids.has(point.id))
      report(`${path}/id`, { zh: `编号 ${point.id} 重复`, en: `the id ${point.id} is used twice` }, { zh: "另取编号", en: "take another id" });
    ids.add(point.id);
    checkDate(`${path}/from`, point.from, report);
    checkDate(`${path}/to`, point.to, report);
    point.articles.forEach((article, i) => checkArticle(pack, `${path}/articles/${i}`, article, report));
    point.words.forEach((word, i) => {
      if (wordList(WORDS_OF[point.kind]).has(word)) return;
      report(
        `${path}/words/${i}`,
        { zh: `未知的词 ${word}`, en: `unknown word ${word}` },
        { zh: "改用 schema/words.json 中的词", en: "use a word of schema/words.json" },
      );
    });
  });
}

function checkStage(stage: PackData["penalty"][number]["stages"][number], path: string, report: Report): void {
  if (stage.measures === undefined && stage.fines === undefined) {
    report(path, { zh: "该阶段既无措施也无罚款", en: "the stage has neither measures nor fines" }, { zh: "补上或者删去该阶段", en: "fill it or remove it" });
  }
  stage.fines?.forEach((fine, i) => {
    if (fine.min > fine.max) report(`${path}/fines/${i}`, { zh: "下限高于上限", en: "min is above max" }, { zh: "更正金额", en: "correct the amounts" });
  });
}

function checkFollows(kind: Kind, rules: readonly Rule[], report: Report): void {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  rules.forEach((rule, index) => {
    if (rule.follows === undefined) return;
    const path = `/${kind}/${index}/follows`;
    const before = byId.get(rule.follows);
    if (before === undefined) {
      report(
        path,
        { zh: `没有名为 ${rule.follows} 的同类规则`, en: `there is no ${kind} rule ${rule.follows}` },
        { zh: "写被取代规则的编号", en: "name the rule it replaces" },
      );
    } else if (isCycle(rule, byId)) {
      report(path, { zh: "follows 形成循环", en: "`follows` goes in a circle" }, { zh: "从新到旧依次指向", en: "point from newer to older only" });
    } else if (before.from >= rule.from) {
      report(path, { zh: "取代规则须晚于被取代规则", en: "a rule begins after the one it follows" }, { zh: "更正 from", en: "correct `from`" });
    }
  });
}

function isCycle(start: Rule, byId: ReadonlyMap<string, Rule>): boolean {
  const seen = new Set<string>();
  for (let rule: Rule | undefined = start; rule !== undefined; rule = rule.follows === undefined ? undefined : byId.get(rule.follows)) {
    if (seen.has(rule.id)) return true;
    seen.add(rule.id);
  }
  return false;
}

type Keys = { readonly [K in Kind]: (rule: RulesByKind[K][number]) => readonly string[] };

const ANYONE = "anyone";

function all(list: "spot" | "subject" | "actor"): readonly string[] {
  return [...wordList(list).keys()];
}

function pairs(a: readonly string[], b: readonly string[]): string[] {
  return a.flatMap((left) => b.map((right) => `${left} ${right}`));
}

/** The questions a rule answers, as words; two rules with one of them in common must not hold on the same day. */
const KEYS: Keys = {
  place: (rule) =>
    pairs(rule.places, rule.spots ?? all("spot").filter((spot) => rule.exceptSpots?.includes(spot) !== true)).map((key) => `${rule.verdict} ${key}`),
  deadline: (rule) => [rule.event],
  retention: (rule) => rule.classes,
  access: (rule) => {
    const states = rule.emergency === undefined ? ["emergency", "no-emergency"] : [rule.emergency ? "emergency" : "no-emergency"];
    return pairs(pairs(rule.requesters, rule.actions), states).map((key) => `${rule.right} ${key}`);
  },
  penalty: (rule) => pairs(rule.violations, rule.subjects ?? all("subject")),
  duty: (rule) => pairs(rule.topics, rule.actors.includes(ANYONE) ? all("actor") : rule.actors),
};

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- K ties the rules of a kind to its keys within the body
function checkOverlaps<K extends Kind>(kind: K, pack: PackData, report: Report): void {
  const holders = new Map<string, { readonly id: string; readonly from: string; readonly end: string }[]>();
  const keysOf: Keys[K] = KEYS[kind];
  const rules: RulesByKind[K] = pack[kind];
  const spans = ruleSpans(rules);
  rules.forEach((rule, index) => {
    const span = spans.get(rule.id);
    if (span === undefined) return;
    const told = new Set<string>();
    for (const key of keysOf(rule)) {
      const others = holders.get(key) ?? [];
      for (const other of others) {
        if (other.from > span.end || span.from > other.end || told.has(other.id)) continue;
        told.add(other.id);
        report(
          `/${kind}/${index}`,
          { zh: `与 ${other.id} 在同一日回答同一问题（${key}）`, en: `answers the same question (${key}) on the same day as ${other.id}` },
          { zh: "拆分用词，或者用 follows 与日期接续", en: "split the words, or let one follow the other by date" },
        );
      }
      holders.set(key, [...others, { id: rule.id, ...span }]);
    }
  });
}
