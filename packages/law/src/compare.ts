import { stateCouncilCalendar } from "./calendar.ts";
import type { WorkCalendar } from "./calendar.ts";
import { combine } from "./combine.ts";
import type { Combined } from "./combine.ts";
import { judge } from "./judge.ts";
import type { Pack } from "./pack.ts";
import type { Answer, Failure, Question } from "./types.ts";

/** Both texts' answers side by side, and what follows from them where a rule says so. */
export interface Comparison {
  readonly regional: Answer | Failure;
  /** Null while the superior text does not reach the fact. */
  readonly national: Answer | Failure | null;
  /** Null when one of the two could not be answered. */
  readonly combined: Combined | null;
}

/**
 * Whether the superior text reaches the fact: from its commencement on, and before it only by the period it gives
 * to systems that were already in use.
 */
function reaches(national: Pack, question: Question): boolean {
  if (question.input.date >= national.data.effective.from) return true;
  return question.kind === "deadline" && (national.deadline.get(question.input.event) ?? []).some((rule) => rule.start === "commencement");
}

/** Judges a question by a regional pack and by the pack ranking above it. */
export function compare(regional: Pack, national: Pack, question: Question, calendar: WorkCalendar = stateCouncilCalendar): Comparison {
  const below = judge(regional, question, calendar);
  if (!reaches(national, question)) {
    return { regional: below, national: null, combined: "error" in below ? null : onlyRegional(regional, national, below) };
  }
  const above = judge(national, question, calendar);
  if ("error" in below || "error" in above) return { regional: below, national: above, combined: null };
  const sides = { regional: { pack: regional.data, answer: below }, national: { pack: national.data, answer: above } };
  return { regional: below, national: above, combined: combine(question.kind, sides) };
}

function onlyRegional(regional: Pack, national: Pack, answer: Answer): Combined {
  const { reason: _reason, rules: _rules, ...fields } = answer;
  const { from } = national.data.effective;
  return {
    decidedBy: "rule",
    rule: {
      id: "only-regional",
      zh: `${national.data.name.zh}自${from}起施行，此前只适用地方规定。`,
      en: `${national.data.name.en} is in force from ${from}; before it only the regional text applies.`,
    },
    answer: fields,
    basis: "articles" in answer ? [{ pack: regional.data.id, articles: answer.articles }] : [],
    superior: national.data.id,
  };
}
