import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { daysOfMonth, startOfDay, zoneOffsetMs } from "../zone.ts";

const SEED = 20_261_122;
const HOUR = 3_600_000;
const ZONES = [
  "Asia/Shanghai",
  "Asia/Urumqi",
  "UTC",
  "America/New_York",
  "America/Sao_Paulo",
  "Asia/Beirut",
  "America/Havana",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
];

function localDay(at: number, zone: string): string {
  return new Date(at + zoneOffsetMs(at, zone)).toISOString().slice(0, 10);
}

function hoursOf(month: string, day: number, zone: string): number {
  const span = daysOfMonth(month, zone)[day - 1]?.span;
  return span === undefined ? Number.NaN : (span.to - span.from) / HOUR;
}

test("[H8] in Shanghai every day begins at 16:00 UTC of the day before", () => {
  assert.equal(startOfDay(2026, 11, 22, "Asia/Shanghai"), Date.UTC(2026, 10, 21, 16));
  assert.equal(zoneOffsetMs(Date.UTC(2026, 0, 1), "Asia/Shanghai"), 8 * HOUR);
});

test("[H8] days of a zone change have 23, 25 and 23.5 hours", () => {
  assert.equal(hoursOf("2026-03", 8, "America/New_York"), 23);
  assert.equal(hoursOf("2026-11", 1, "America/New_York"), 25);
  assert.equal(hoursOf("2026-10", 4, "Australia/Lord_Howe"), 23.5);
  assert.equal(hoursOf("1986-05", 4, "Asia/Shanghai"), 23);
  assert.equal(hoursOf("2026-11", 22, "Asia/Shanghai"), 24);
});

test("[H8] where midnight is skipped or comes twice, the day begins at its first instant", () => {
  assert.equal(startOfDay(2018, 11, 4, "America/Sao_Paulo"), Date.UTC(2018, 10, 4, 3));
  assert.equal(startOfDay(2022, 3, 27, "Asia/Beirut"), Date.UTC(2022, 2, 26, 22));
  assert.equal(startOfDay(2025, 11, 2, "America/Havana"), Date.UTC(2025, 10, 2, 4));
});

test("[H8] the instant is of that day and the one before it is not", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 20_000 }), (zone, day) => {
      const wall = new Date(day * 86_400_000);
      const name = wall.toISOString().slice(0, 10);
      const at = startOfDay(wall.getUTCFullYear(), wall.getUTCMonth() + 1, wall.getUTCDate(), zone);
      assert.equal(localDay(at, zone), name);
      assert.ok(localDay(at - 1, zone) < name);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

test("[H8] the days of a month follow each other without a hole, over month and leap-year ends", () => {
  for (const [month, count] of [
    ["2026-02", 28],
    ["2028-02", 29],
    ["2026-12", 31],
    ["2026-11", 30],
  ] as const) {
    const days = daysOfMonth(month, "America/New_York");
    assert.equal(days.length, count);
    assert.equal(days[0]?.day, `${month}-01`);
    assert.equal(days.at(-1)?.day, `${month}-${count}`);
    for (const [at, { span }] of days.entries()) if (at > 0) assert.equal(span.from, days[at - 1]?.span.to);
  }
  assert.equal(daysOfMonth("2026-12", "Asia/Shanghai").at(-1)?.span.to, Date.UTC(2026, 11, 31, 16));
});
