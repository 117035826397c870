import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { addWorkdays, stateCouncilCalendar, workCalendar } from "../src/calendar.ts";
import { addMonths, daysInMonth, formatDay, parseDay, toCivil, toDay, weekday } from "../src/dates.ts";
import type { Day } from "../src/dates.ts";
import { periodEnd } from "../src/judging/deadline.ts";
import type { DeadlineRule, PeriodUnit } from "../src/types.ts";
import { TEXT, examplePack, fields } from "./example.ts";

const SEED = 20_250_401;

function day(text: string): Day {
  const parsed = parseDay(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

function end(from: string, count: number, unit: PeriodUnit): string | undefined {
  const result = periodEnd(day(from), count, unit, stateCouncilCalendar);
  return "error" in result ? result.error.code : formatDay(result.day);
}

describe("days", () => {
  test("days that do not exist are not read", () => {
    for (const text of [
      "2025-02-29",
      "2025-02-30",
      "2100-02-29",
      "2025-04-31",
      "2025-13-01",
      "2025-00-10",
      "2025-01-00",
      "0000-01-01",
      "2025-1-01",
      "2025/01/01",
      "2025-01-011",
      "20250101",
      "",
      "２０２５-01-01",
      "2025-01-0a",
      "-025-01-01",
    ]) {
      assert.equal(parseDay(text), undefined, text);
    }
  });

  test("every 29 February is read in leap years only", () => {
    for (let year = 1; year <= 9999; year++) {
      const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
      assert.equal(parseDay(`${String(year).padStart(4, "0")}-02-29`) !== undefined, leap, String(year));
      assert.equal(daysInMonth(year, 2), leap ? 29 : 28);
    }
  });

  test("day numbers agree with the platform's clock and run on without a hole", () => {
    let last = day("1599-12-31");
    for (let year = 1600; year <= 2400; year++) {
      for (let month = 1; month <= 12; month++) {
        for (let date = 1; date <= daysInMonth(year, month); date++) {
          const number = toDay({ year, month, day: date });
          assert.equal(number, last + 1);
          assert.deepEqual(toCivil(number), { year, month, day: date });
          last = number;
        }
      }
      assert.equal(last * 86_400_000, Date.UTC(year, 11, 31));
      assert.equal(weekday(last), new Date(last * 86_400_000).getUTCDay());
    }
  });

  test("weekdays before 1970 too", () => {
    assert.equal(weekday(day("1970-01-01")), 4);
    assert.equal(weekday(day("1969-12-28")), 0);
    assert.equal(weekday(day("1900-01-01")), 1);
  });

  test("a year the form cannot hold is not written", () => {
    assert.equal(formatDay(day("9999-12-31")), "9999-12-31");
    assert.equal(formatDay(day("9999-12-31") + 1), undefined);
    assert.equal(formatDay(day("0001-01-01")), "0001-01-01");
    assert.equal(formatDay(day("0001-01-01") - 1), undefined);
  });
});

describe("periods", () => {
  test("[L4] 30 days and 15 days before", () => {
    assert.equal(end("2024-01-31", 30, "days"), "2024-03-01");
    assert.equal(end("2023-01-31", 30, "days"), "2023-03-02");
    assert.equal(end("2025-04-01", 90, "days"), "2025-06-30");
    assert.equal(end("2024-03-10", -15, "days"), "2024-02-24");
    assert.equal(end("2025-01-10", -15, "days"), "2024-12-26");
  });

  test("[L5] month ends and leap days", () => {
    assert.equal(end("2016-10-01", 6, "months"), "2017-04-01");
    assert.equal(end("2024-08-31", 6, "months"), "2025-02-28");
    assert.equal(end("2023-08-31", 6, "months"), "2024-02-29");
    assert.equal(end("2024-02-29", 1, "years"), "2025-02-28");
    assert.equal(end("2024-02-29", 4, "years"), "2028-02-29");
    assert.equal(end("2021-12-31", 2, "months"), "2022-02-28");
    assert.equal(end("2022-03-31", -1, "months"), "2022-02-28");
    assert.equal(end("2022-01-15", -1, "months"), "2021-12-15");
  });

  test("[L6] Xinjiang's 60 days end on a Saturday, Lhasa's on a Sunday, and stay there", () => {
    assert.equal(end("2014-07-01", 60, "days"), "2014-08-30");
    assert.equal(weekday(day("2014-08-30")), 6);
    assert.equal(end("2024-05-01", 60, "days"), "2024-06-30");
    assert.equal(weekday(day("2024-06-30")), 0);
  });

  test("[L7] National Day, make-up Saturdays and weekends", () => {
    assert.equal(end("2024-09-30", 3, "working-days"), "2024-10-10");
    assert.equal(end("2024-10-09", 3, "working-days"), "2024-10-12");
    assert.equal(end("2024-09-27", 1, "working-days"), "2024-09-29");
    assert.equal(end("2025-06-06", 3, "working-days"), "2025-06-11");
    assert.equal(end("2024-10-08", -1, "working-days"), "2024-09-30");
    assert.equal(end("2008-09-26", 3, "working-days"), "2008-10-06");
    assert.equal(end("2024-12-31", 3, "working-days"), "2025-01-06");
  });

  test("[L7] years without a notice are not guessed", () => {
    assert.equal(end("2031-03-03", 3, "working-days"), "calendar-missing");
    assert.equal(end("1999-03-03", 3, "working-days"), "calendar-missing");
    const [first, last] = [stateCouncilCalendar.years[0] ?? 0, stateCouncilCalendar.years.at(-1) ?? 0];
    assert.ok(first <= 2008 && last >= 2026);
    assert.equal(stateCouncilCalendar.years.length, last - first + 1);
    assert.equal(end(`${last}-12-31`, 1, "working-days"), "calendar-missing");
    assert.equal(end(`${first}-01-02`, -1, "working-days"), "calendar-missing");
  });

  test("[L7] a January holiday fixed by the year before does not make a year known", () => {
    const calendar = workCalendar(["2020-10-01", "2021-01-01", "not a day"], ["2020-10-10"]);
    assert.deepEqual(calendar.years, [2020]);
    assert.equal(calendar.isWorkday(day("2021-01-04")), undefined);
    assert.equal(calendar.isWorkday(day("2020-10-01")), false);
    assert.equal(calendar.isWorkday(day("2020-10-02")), true);
    assert.equal(calendar.isWorkday(day("2020-10-10")), true);
    assert.equal(calendar.isWorkday(day("2020-10-11")), false);
    assert.equal(calendar.isWorkday(day("2020-10-17")), false);
    assert.deepEqual(addWorkdays(calendar, day("2020-12-31"), 1, 1), { missingYear: 2021 });
    assert.deepEqual(addWorkdays(calendar, day("2021-01-01"), 1, -1), { day: day("2020-12-31") });
  });

  test("[L8] 15 days over 29 February; two years", () => {
    const ask = (unit: "days" | "years", count: number, recordedOn: string) =>
      fields(
        examplePack({
          retention: [{ id: "r", from: "2020-01-01", articles: ["6"], explanation: TEXT, classes: ["ordinary"], minimum: { count, unit }, thenDelete: true }],
        }),
        "retention",
        { date: recordedOn, class: "ordinary", recordedOn },
      );
    assert.deepEqual(ask("days", 15, "2024-02-20"), { minimum: { count: 15, unit: "days" }, mayDeleteFrom: "2024-03-07", thenDelete: true, articles: ["6"] });
    assert.equal(ask("years", 2, "2024-02-29")["mayDeleteFrom"], "2026-03-01");
    assert.equal(ask("years", 2, "2021-08-15")["mayDeleteFrom"], "2023-08-16");
    assert.equal(ask("years", 2, "9998-01-01")["error"], "date-out-of-range");
    assert.equal(ask("days", 1, "9999-12-30")["error"], "date-out-of-range");
  });

  test("[L4] the answer repeats the period and says when it is due", () => {
    const rule: DeadlineRule = {
      id: "d",
      from: "2020-01-01",
      articles: ["5"],
      explanation: TEXT,
      event: "removal-planned",
      count: 15,
      unit: "days",
      direction: "before",
      start: "event",
      authority: "county-public-security",
    };
    const pack = examplePack({ deadline: [rule] });
    assert.deepEqual(fields(pack, "deadline", { date: "2021-03-10", event: "removal-planned" }), {
      due: "2021-02-23",
      unit: "days",
      count: 15,
      direction: "before",
      authority: "county-public-security",
      articles: ["5"],
    });
    assert.deepEqual(fields(pack, "deadline", { date: "2021-03-10", event: "removed" }), { applies: false });
    assert.equal(fields(examplePack(), "deadline", { date: "9999-12-31", event: "commissioned" })["error"], "date-out-of-range");
  });
});

describe("properties of periods", () => {
  const days = fc.integer({ min: day("1800-01-01"), max: day("2300-12-31") });
  const units = fc.constantFrom<PeriodUnit>("days", "months", "years");
  const finish = (from: Day, count: number, unit: PeriodUnit): Day => {
    const result = periodEnd(from, count, unit, stateCouncilCalendar);
    assert.ok("day" in result);
    return result.day;
  };

  test("[L9] a later start never ends earlier", () => {
    fc.assert(
      fc.property(
        days,
        fc.nat(800),
        fc.integer({ min: -60, max: 800 }),
        units,
        (from, later, count, unit) => finish(from, count, unit) <= finish(from + later, count, unit),
      ),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test("[L9] a later working day never ends earlier", () => {
    const known = fc.integer({ min: day("2005-01-01"), max: day("2025-06-30") });
    fc.assert(
      fc.property(known, fc.nat(60), fc.nat(40), (from, later, count) => finish(from, count, "working-days") <= finish(from + later, count, "working-days")),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test("[L10] a longer period never ends earlier", () => {
    fc.assert(
      fc.property(days, fc.nat(400), fc.nat(400), units, (from, count, more, unit) => finish(from, count, unit) <= finish(from, count + more, unit)),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test("[L5] months never leave the month they lead to", () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -500, max: 500 }), (from, count) => {
        const [a, b] = [toCivil(from), toCivil(addMonths(from, count))];
        assert.equal(b.year * 12 + b.month, a.year * 12 + a.month + count);
        assert.equal(b.day, Math.min(a.day, daysInMonth(b.year, b.month)));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });
});
