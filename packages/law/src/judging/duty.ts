import { holds } from "../pack.ts";
import type { Dated, Pack } from "../pack.ts";
import type { DutyAnswer, DutyRule, Inputs } from "../types.ts";
import { label } from "../words.ts";
import type { Judged } from "./judged.ts";

type DutyInput = Inputs["duty"];

/** Whether a rule speaks of this actor on this day; a duty of anyone is everybody's. */
export function dutyHolds(rule: Dated<DutyRule>, input: DutyInput): boolean {
  return holds(rule, input.date) && (rule.actors.includes(input.actor) || rule.actors.includes("anyone"));
}

export function judgeDuty(pack: Pack, input: DutyInput): Judged<DutyAnswer> {
  const rule = (pack.duty.get(input.topic) ?? []).find((candidate) => dutyHolds(candidate, input));
  if (rule !== undefined) return { answer: { binding: rule.binding, articles: rule.articles }, reason: rule.explanation, decided: [rule] };
  const topic = label("topic", input.topic);
  const actor = label("actor", input.actor);
  return {
    answer: { binding: false, articles: [] },
    reason: { zh: `本文未要求${actor.zh}履行此项（${topic.zh}）。`, en: `The text does not oblige this actor (${actor.en}) to this (${topic.en}).` },
    decided: [],
  };
}
