import { stateCouncilCalendar } from "./calendar.ts";
import { judge } from "./judge.ts";
import type { Pack } from "./pack.ts";
import { KINDS } from "./types.ts";
import type { Answer, Failure, Inputs, Kind, Question } from "./types.ts";
import { label, wordList } from "./words.ts";
import type { Text } from "./words.ts";

/** One question two packs answer differently. */
export interface DiffRow {
  readonly kind: Kind;
  readonly topic: Text;
  readonly left: Text;
  readonly right: Text;
}

/**
 * The table of differences between two packs on one day: both answer the same set of plain questions (every place,
 * event, class, requester and action, violation and stage, duty), and the rows where they differ in more than the
 * numbers of their articles are kept.
 * `date` is YYYY-MM-DD.
 */
export function diffPacks(left: Pack, right: Pack, date: string): DiffRow[] {
  const rows: DiffRow[] = [];
  for (const kind of KINDS) {
    for (const { topic, question } of QUESTIONS[kind](date)) {
      const a = summary(judge(left, question, stateCouncilCalendar));
      const b = summary(judge(right, question, stateCouncilCalendar));
      if (a.text.zh !== b.text.zh) rows.push({ kind, topic, left: withArticles(a), right: withArticles(b) });
    }
  }
  return rows;
}

interface Asked {
  readonly topic: Text;
  readonly question: Question;
}

function words(list: Parameters<typeof wordList>[0]): readonly string[] {
  return [...wordList(list).keys()];
}

function join(...texts: readonly Text[]): Text {
  return { zh: texts.map((text) => text.zh).join(" · "), en: texts.map((text) => text.en).join(" · ") };
}

const HEAD = { id: "diff", pack: "diff" } as const;

const STAGES: readonly { readonly name: Text; readonly orderMissed: boolean; readonly serious: boolean }[] = [
  { name: { zh: "首次", en: "first stage" }, orderMissed: false, serious: false },
  { name: { zh: "拒不改正", en: "order missed" }, orderMissed: true, serious: false },
  { name: { zh: "严重后果", en: "serious" }, orderMissed: false, serious: true },
];

const QUESTIONS: { readonly [K in Kind]: (date: string) => Asked[] } = {
  place: (date) =>
    words("place").map((place) => ({
      topic: label("place", place),
      question: { ...HEAD, kind: "place", input: { date, place, builder: "unit" } },
    })),
  deadline: (date) =>
    words("event").map((event) => ({
      topic: label("event", event),
      question: { ...HEAD, kind: "deadline", input: { date: event.startsWith("pre-existing") ? "2000-01-01" : date, event } },
    })),
  retention: (date) =>
    words("retentionClass").map((name) => ({
      topic: label("retentionClass", name),
      question: { ...HEAD, kind: "retention", input: { date, class: name, recordedOn: date } },
    })),
  access: accessQuestions,
  penalty: (date) =>
    words("violation").flatMap((violation) =>
      ["unit", "individual", "responsible-person"].flatMap((subject) =>
        STAGES.map((stage) => ({
          topic: join(label("violation", violation), label("subject", subject), stage.name),
          question: { ...HEAD, kind: "penalty" as const, input: { date, violation, subject, orderMissed: stage.orderMissed, serious: stage.serious } },
        })),
      ),
    ),
  duty: (date) =>
    words("topic").flatMap((topic) =>
      words("actor").map((actor) => ({
        topic: join(label("topic", topic), label("actor", actor)),
        question: { ...HEAD, kind: "duty" as const, input: { date, actor, topic } },
      })),
    ),
};

function accessQuestions(date: string): Asked[] {
  return words("requester").flatMap((requester) =>
    words("action").flatMap((action) =>
      [false, true].map((emergency) => {
        const input: Inputs["access"] = { date, requester, action, staff: 0, documents: [], approvals: [], emergency };
        const state = emergency ? { zh: "突发事件", en: "emergency" } : { zh: "平时", en: "no emergency" };
        return { topic: join(label("requester", requester), label("action", action), state), question: { ...HEAD, kind: "access" as const, input } };
      }),
    ),
  );
}

const NOTHING: Text = { zh: "无规定", en: "nothing" };

interface Summary {
  readonly text: Text;
  readonly articles: readonly string[];
}

function summary(answer: Answer | Failure): Summary {
  if ("error" in answer) return { text: { zh: answer.error.code, en: answer.error.code }, articles: [] };
  if ("applies" in answer) return { text: NOTHING, articles: [] };
  return { text: fieldSummary(answer), articles: answer.articles };
}

function withArticles({ text, articles }: Summary): Text {
  const cited = articles.length > 0 ? ` [${articles.join(", ")}]` : "";
  return { zh: text.zh + cited, en: text.en + cited };
}

function fieldSummary(answer: Exclude<Answer, { readonly applies: false }>): Text {
  if ("verdict" in answer) {
    const verdict = label("verdict", answer.verdict);
    return answer.responsible === undefined ? verdict : join(verdict, label("responsible", answer.responsible));
  }
  if ("due" in answer)
    return { zh: `${answer.due}（${answer.count}${label("unit", answer.unit).zh}）`, en: `${answer.due} (${answer.count} ${label("unit", answer.unit).en})` };
  if ("minimum" in answer) {
    const { minimum } = answer;
    return minimum === null ? NOTHING : { zh: `${minimum.count}${label("unit", minimum.unit).zh}`, en: `${minimum.count} ${label("unit", minimum.unit).en}` };
  }
  if ("decision" in answer) return accessSummary(answer.decision, answer.missing);
  if ("measures" in answer) return penaltySummary(answer);
  return answer.binding ? { zh: "应当", en: "binding" } : { zh: "不强制", en: "not binding" };
}

function accessSummary(decision: string, missing: readonly string[]): Text {
  if (decision !== "incomplete") return label("decision", decision);
  const needs = missing.map((word) => label("missing", word));
  return { zh: `须${needs.map((text) => text.zh).join("、")}`, en: `needs ${needs.map((text) => text.en).join(", ")}` };
}

function penaltySummary(answer: { readonly measures: readonly string[]; readonly fine: { readonly min: number; readonly max: number } | null }): Text {
  const measures = answer.measures.map((word) => label("measure", word));
  const fine = answer.fine === null ? [] : [{ zh: `${answer.fine.min}-${answer.fine.max}元`, en: `CNY ${answer.fine.min}-${answer.fine.max}` }];
  const parts = [...measures, ...fine];
  return parts.length === 0 ? NOTHING : { zh: parts.map((text) => text.zh).join("、"), en: parts.map((text) => text.en).join(", ") };
}
