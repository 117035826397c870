import { addWorkdays } from "../calendar.ts";
import type { WorkCalendar } from "../calendar.ts";
import { addMonths, formatDay, parseDay } from "../dates.ts";
import type { Day } from "../dates.ts";
import { failure } from "../failure.ts";
import { holds } from "../pack.ts";
import type { Dated, Pack } from "../pack.ts";
import type { DeadlineAnswer, DeadlineRule, Failure, Inputs, PeriodUnit } from "../types.ts";
import { label } from "../words.ts";
import { notApplicable } from "./judged.ts";
import type { Judged } from "./judged.ts";

type DeadlineInput = Inputs["deadline"];

/** The rule that answers, if any: pre-existing periods ask for a day before commencement, all others for one after. */
export function deadlineRule(pack: Pack, input: DeadlineInput): Dated<DeadlineRule> | undefined {
  const commencement = pack.data.effective.from;
  return (pack.deadline.get(input.event) ?? []).find((rule) =>
    rule.start === "commencement" ? input.date < commencement && holds(rule, commencement) : holds(rule, input.date),
  );
}

export function judgeDeadline(pack: Pack, input: DeadlineInput, calendar: WorkCalendar): Judged<DeadlineAnswer> | Failure {
  const rule = deadlineRule(pack, input);
  if (rule === undefined) return noPeriod(pack, input);
  const start = rule.start === "commencement" ? pack.data.effective.from : input.date;
  const from = parseDay(start);
  if (from === undefined) return failure("bad-date", "/input/date", "没有这一天", "there is no such day");
  const end = periodEnd(from, rule.direction === "after" ? rule.count : -rule.count, rule.unit, calendar);
  if ("error" in end) return end;
  const due = formatDay(end.day);
  if (due === undefined) return outOfRange();
  const { unit, count, direction, authority } = rule;
  const units = label("unit", unit);
  const order = direction === "after" ? { zh: "后", en: "after" } : { zh: "前", en: "before" };
  const reason = {
    zh: `${rule.explanation.zh}自${start}起${order.zh}${count}${units.zh}，到期日为${due}。`,
    en: `${rule.explanation.en} ${count} ${units.en} ${order.en} ${start}: due ${due}.`,
  };
  return { answer: { due, unit, count, direction, authority, articles: rule.articles }, reason, decided: [rule] };
}

function noPeriod(pack: Pack, input: DeadlineInput): Judged<never> {
  const event = label("event", input.event);
  const rules = pack.deadline.get(input.event) ?? [];
  if (rules.some((rule) => rule.start === "commencement")) {
    const { from } = pack.data.effective;
    return notApplicable(`该系统不是在${from}施行之前建成的。`, `The system was not finished before commencement on ${from}.`);
  }
  return notApplicable(`本文未就此事（${event.zh}）规定期限。`, `The text sets no period from this event (${event.en}).`);
}

export function outOfRange(): Failure {
  return failure("date-out-of-range", "/input/date", "到期日超出9999年", "the answer lies outside the years 1 to 9999");
}

/** The last day of a period that runs from a day not itself counted (C1); months and years by C2, working days by C4. */
export function periodEnd(from: Day, count: number, unit: PeriodUnit, calendar: WorkCalendar): { readonly day: Day } | Failure {
  if (unit === "days") return { day: from + count };
  if (unit === "months") return { day: addMonths(from, count) };
  if (unit === "years") return { day: addMonths(from, count * 12) };
  const result = addWorkdays(calendar, from, Math.abs(count), count < 0 ? -1 : 1);
  if ("day" in result) return result;
  return failure(
    "calendar-missing",
    "/input/date",
    `没有${result.missingYear}年的国务院放假安排`,
    `no State Council holiday notice is known for ${result.missingYear}`,
  );
}
