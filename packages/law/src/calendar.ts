import chineseDays from "chinese-days/dist/chinese-days.json" with { type: "json" };
import { parseDay, toCivil, toDay, weekday } from "./dates.ts";
import type { Day } from "./dates.ts";

/** Knows which days are worked. `undefined` means no notice is known for that day's year. */
export interface WorkCalendar {
  readonly isWorkday: (day: Day) => boolean | undefined;
  readonly years: readonly number[];
}

/**
 * A calendar of Monday to Friday, less the holidays, plus the make-up days. A year has data when its National
 * Day stands among the holidays: every State Council notice has it, while the neighbours' notices reach only
 * into late December and early January.
 */
export function workCalendar(holidays: Iterable<string>, makeUpDays: Iterable<string>): WorkCalendar {
  const off = daySet(holidays);
  const on = daySet(makeUpDays);
  const years = new Set<number>();
  for (const day of off) {
    const { year } = toCivil(day);
    if (off.has(toDay({ year, month: 10, day: 1 }))) years.add(year);
  }
  const isWorkday = (day: Day): boolean | undefined => {
    if (!years.has(toCivil(day).year)) return undefined;
    if (on.has(day)) return true;
    const dayOfWeek = weekday(day);
    return dayOfWeek >= 1 && dayOfWeek <= 5 && !off.has(day);
  };
  return { isWorkday, years: [...years].sort((a, b) => a - b) };
}

function daySet(texts: Iterable<string>): Set<Day> {
  const days = new Set<Day>();
  for (const text of texts) {
    const day = parseDay(text);
    if (day !== undefined) days.add(day);
  }
  return days;
}

/** The State Council notices as the package `chinese-days` carries them. */
export const stateCouncilCalendar: WorkCalendar = workCalendar(Object.keys(chineseDays.holidays), Object.keys(chineseDays.workdays));

export type WorkdayResult = { readonly day: Day } | { readonly missingYear: number };

/** `count` working days after (step 1) or before (step -1) a day that is itself not counted. */
export function addWorkdays(calendar: WorkCalendar, from: Day, count: number, step: 1 | -1): WorkdayResult {
  let day = from;
  let left = count;
  while (left > 0) {
    day += step;
    const works = calendar.isWorkday(day);
    if (works === undefined) return { missingYear: toCivil(day).year };
    if (works) left--;
  }
  return { day };
}
