import { holds } from "../pack.ts";
import type { Dated, Pack } from "../pack.ts";
import type { Fine, Inputs, PenaltyAnswer, PenaltyRule, PenaltyStage } from "../types.ts";
import { label } from "../words.ts";
import type { Judged } from "./judged.ts";

type PenaltyInput = Inputs["penalty"];

/** Whether a rule speaks of this breach by this subject on this day. */
export function penaltyHolds(rule: Dated<PenaltyRule>, input: PenaltyInput): boolean {
  return holds(rule, input.date) && isMeant(rule.subjects, input.subject);
}

function isMeant(subjects: readonly string[] | undefined, subject: string): boolean {
  return subjects === undefined || subjects.includes(subject);
}

export function isReached(stage: PenaltyStage, input: PenaltyInput): boolean {
  if (stage.when === "always") return true;
  if (stage.when === "order-missed") return input.orderMissed;
  if (stage.when === "serious") return input.serious;
  return input.orderMissed || input.serious;
}

export function judgePenalty(pack: Pack, input: PenaltyInput): Judged<PenaltyAnswer> {
  const rule = (pack.penalty.get(input.violation) ?? []).find((candidate) => penaltyHolds(candidate, input));
  if (rule === undefined) {
    const name = label("violation", input.violation);
    return {
      answer: { measures: [], fine: null, articles: [] },
      reason: { zh: `本文未对此行为（${name.zh}）规定处罚。`, en: `The text has no penalty for this (${name.en}).` },
      decided: [],
    };
  }
  const measures: string[] = [];
  let fine: Fine | null = null;
  for (const stage of rule.stages) {
    if (!isReached(stage, input)) continue;
    if (isMeant(stage.subjects, input.subject)) {
      for (const measure of stage.measures ?? []) if (!measures.includes(measure)) measures.push(measure);
    }
    const due = stage.fines?.find((candidate) => isMeant(candidate.subjects, input.subject));
    if (due !== undefined) fine = { min: due.min, max: due.max };
  }
  return { answer: { measures, fine, articles: rule.articles }, reason: penaltyReason(rule, measures, fine), decided: [rule] };
}

function penaltyReason(rule: PenaltyRule, measures: readonly string[], fine: Fine | null): { zh: string; en: string } {
  const zh = measures.map((word) => label("measure", word).zh);
  const en = measures.map((word) => label("measure", word).en);
  if (fine !== null) {
    zh.push(fine.min === fine.max ? `罚款${fine.max}元` : `罚款${fine.min}元至${fine.max}元`);
    en.push(fine.min === fine.max ? `a fine of CNY ${fine.max}` : `a fine of CNY ${fine.min}-${fine.max}`);
  }
  return {
    zh: `${rule.explanation.zh}本情形：${zh.length === 0 ? "无处罚" : zh.join("、")}。`,
    en: `${rule.explanation.en} In this case: ${en.length === 0 ? "no penalty" : en.join(", ")}.`,
  };
}
