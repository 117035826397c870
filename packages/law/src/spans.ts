import { formatDay, parseDay } from "./dates.ts";
import type { RuleHead } from "./types.ts";

/** Later than every day a question can name. */
export const NO_END = "9999-99-99";

/** First and last day of a rule, as texts that compare like days. A rule that never holds has end before from. */
export interface RuleSpan {
  readonly from: string;
  readonly end: string;
}

function dayBefore(date: string): string {
  const day = parseDay(date);
  return (day === undefined ? undefined : formatDay(day - 1)) ?? "";
}

/** The days each rule of one kind holds: to its own `to`, and to the day before the rule that follows it. */
export function ruleSpans(rules: readonly RuleHead[]): ReadonlyMap<string, RuleSpan> {
  const spans = new Map<string, RuleSpan>(rules.map((rule) => [rule.id, { from: rule.from, end: rule.to ?? NO_END }]));
  for (const rule of rules) {
    const before = rule.follows === undefined ? undefined : spans.get(rule.follows);
    if (rule.follows === undefined || before === undefined) continue;
    const end = dayBefore(rule.from);
    if (end < before.end) spans.set(rule.follows, { from: before.from, end });
  }
  return spans;
}
