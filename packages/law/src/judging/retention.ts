import { stateCouncilCalendar } from "../calendar.ts";
import { formatDay, parseDay } from "../dates.ts";
import { holds } from "../pack.ts";
import type { Pack } from "../pack.ts";
import { failure } from "../failure.ts";
import type { Failure, Inputs, RetentionAnswer } from "../types.ts";
import { label } from "../words.ts";
import { outOfRange, periodEnd } from "./deadline.ts";
import type { Judged } from "./judged.ts";

export function judgeRetention(pack: Pack, input: Inputs["retention"]): Judged<RetentionAnswer> | Failure {
  const rule = (pack.retention.get(input.class) ?? []).find((candidate) => holds(candidate, input.recordedOn));
  if (rule === undefined) {
    const name = label("retentionClass", input.class);
    return {
      answer: { minimum: null, mayDeleteFrom: null, thenDelete: false, articles: [] },
      reason: { zh: `本文未规定${name.zh}的留存期限。`, en: `The text sets no period for ${name.en}.` },
      decided: [],
    };
  }
  if (rule.minimum === null) {
    return {
      answer: { minimum: null, mayDeleteFrom: null, thenDelete: rule.thenDelete === true, articles: rule.articles },
      reason: rule.explanation,
      decided: [rule],
    };
  }
  const recorded = parseDay(input.recordedOn);
  if (recorded === undefined) return failure("bad-date", "/input/recordedOn", "没有这一天", "there is no such day");
  const { count, unit } = rule.minimum;
  const last = periodEnd(recorded, count, unit, stateCouncilCalendar);
  if ("error" in last) return last;
  const mayDeleteFrom = formatDay(last.day + 1);
  if (mayDeleteFrom === undefined) return outOfRange();
  const reason = {
    zh: `${rule.explanation.zh}最早可于${mayDeleteFrom}删除。`,
    en: `${rule.explanation.en} It may be deleted from ${mayDeleteFrom}.`,
  };
  return {
    answer: { minimum: { count, unit }, mayDeleteFrom, thenDelete: rule.thenDelete === true, articles: rule.articles },
    reason,
    decided: [rule],
  };
}
