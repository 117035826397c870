import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clockText, dateClockText, dayStart, fromCivil, offsetLabel, offsetMs, parseCivil, shiftDay } from "../src/time/zone-time.ts";
import { bandAt, bandStart, readBands } from "../src/timeline/bands.ts";
import {
  VIEW_MS_MAX,
  VIEW_MS_MIN,
  covers,
  fetchSpan,
  panBy,
  resolutionMs,
  spanOf,
  ticks,
  timeAt,
  withInside,
  xOf,
  zoomAbout,
} from "../src/timeline/geometry.ts";

const SEED = 20261122;
const SHANGHAI = "Asia/Shanghai";
const BERLIN = "Europe/Berlin";
const utc = (text: string): number => Date.parse(text);

test("zone: the station's civil time, whatever zone this computer is in", () => {
  assert.equal(dateClockText(utc("2026-11-22T19:03:05Z"), SHANGHAI), "2026-11-23 03:03:05");
  assert.equal(clockText(utc("2026-11-22T16:00:00Z"), SHANGHAI), "00:00:00");
  assert.equal(offsetLabel(0, SHANGHAI), "UTC+08:00");
  assert.equal(offsetLabel(utc("2026-07-01T00:00:00Z"), "America/St_Johns"), "UTC-02:30");
  assert.equal(dayStart(utc("2026-11-22T19:03:05Z"), SHANGHAI), utc("2026-11-22T16:00:00Z"));
});

test("zone: days of 23 and 25 hours in Berlin", () => {
  const spring = dayStart(utc("2026-03-29T12:00:00Z"), BERLIN);
  assert.equal(shiftDay(spring, 1, BERLIN) - spring, 23 * 3_600_000);
  const autumn = dayStart(utc("2026-10-25T12:00:00Z"), BERLIN);
  assert.equal(shiftDay(autumn, 1, BERLIN) - autumn, 25 * 3_600_000);
});

test("zone: a time that the clocks repeat is its first, one that they skip is the instant after", () => {
  assert.equal(fromCivil({ year: 2026, month: 10, day: 25, hour: 2, minute: 30, second: 0 }, BERLIN), utc("2026-10-25T00:30:00Z"));
  assert.equal(fromCivil({ year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0 }, BERLIN), utc("2026-03-29T01:30:00Z"));
});

test("zone: civil time and back is the same instant outside the repeated hour", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: utc("2000-01-01T00:00:00Z") / 1000, max: utc("2040-01-01T00:00:00Z") / 1000 }),
      fc.constantFrom(SHANGHAI, "Asia/Kolkata", "UTC"),
      (seconds, zone) => {
        const at = seconds * 1000;
        assert.equal(parseCivil(dateClockText(at, zone), 0, zone), at);
        assert.equal(dayStart(at, zone) <= at, true);
        assert.equal(Math.abs(offsetMs(at, zone)) <= 14 * 3_600_000, true);
      },
    ),
    { seed: SEED },
  );
});

test("zone: what an operator types as a time", () => {
  const near = utc("2026-11-22T19:03:05Z");
  assert.equal(parseCivil("08:15", near, SHANGHAI), utc("2026-11-23T00:15:00Z"));
  assert.equal(parseCivil("8:15:30", near, SHANGHAI), utc("2026-11-23T00:15:30Z"));
  assert.equal(parseCivil("11-22 08:15", near, SHANGHAI), utc("2026-11-22T00:15:00Z"));
  assert.equal(parseCivil("2026/11/22 08:15:30", near, SHANGHAI), utc("2026-11-22T00:15:30Z"));
  assert.equal(parseCivil("2026-11-22T00:15:30.5Z", near, SHANGHAI), utc("2026-11-22T00:15:30.500Z"));
  for (const odd of ["", "25:00", "08:60", "2-30 08:00", "now", "13-01 08:00"]) assert.equal(parseCivil(odd, near, SHANGHAI), undefined, odd);
});

const view = { from: utc("2026-11-22T16:00:00Z"), to: utc("2026-11-23T16:00:00Z") };

test("geometry: place and time are each other's inverse", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (x) => assert.ok(Math.abs(xOf(timeAt(x, view, 1000), view, 1000) - x) < 1e-6)),
    { seed: SEED },
  );
});

test("geometry: zooming keeps what is under the cursor, from 30 days to one minute and no further", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.01, max: 100, noNaN: true }), (fraction, factor) => {
      const zoomed = zoomAbout(view, fraction, factor);
      assert.ok(Math.abs(timeAt(fraction, zoomed, 1) - timeAt(fraction, view, 1)) < 1);
      assert.ok(spanOf(zoomed) >= VIEW_MS_MIN - 1 && spanOf(zoomed) <= VIEW_MS_MAX + 1);
    }),
    { seed: SEED },
  );
});

test("geometry: a view that already shows the instant stays, another moves to it", () => {
  const inside = (view.from + view.to) / 2;
  assert.equal(withInside(view, inside), view);
  const moved = withInside(view, view.to + 1);
  assert.equal(spanOf(moved), spanOf(view));
  assert.ok(moved.from < view.to && moved.to > view.to);
  assert.deepEqual(panBy(view, 5), { from: view.from + 5, to: view.to + 5 });
});

test("geometry: the ruler has round civil times, never too close, at every zoom", () => {
  for (let span = VIEW_MS_MIN; span <= VIEW_MS_MAX; span *= 1.3) {
    const shown = { from: view.from + 12_345, to: view.from + 12_345 + span };
    const marks = ticks(shown, 1000, SHANGHAI);
    assert.ok(marks.length >= 2 && marks.length <= 14, `${marks.length} marks at ${span}`);
    for (const mark of marks) assert.equal(mark.day, dayStart(mark.at, SHANGHAI) === mark.at);
  }
  assert.deepEqual(
    ticks(view, 400, SHANGHAI).map((mark) => mark.label),
    ["11-23", "06:00", "12:00", "18:00", "11-24"],
  );
});

test("geometry: bands are asked for around the view, about one a pixel", () => {
  assert.ok(covers(fetchSpan(view), view));
  assert.ok(spanOf(fetchSpan(view)) <= 3 * spanOf(view));
  assert.equal(resolutionMs({ from: 0, to: 60_000 }, 1000), 100);
  assert.equal(resolutionMs({ from: 0, to: 1000 * 801 }, 1000), 1600);
});

const bands = readBands([
  { kind: "recorded", from: "2026-11-22T00:00:00Z", to: "2026-11-22T01:00:00Z", cause: null },
  { kind: "gap", from: "2026-11-22T01:00:00Z", to: "2026-11-22T01:10:00Z", cause: "disk" },
  { kind: "recorded", from: "2026-11-22T01:10:00Z", to: "2026-11-22T02:00:00Z", cause: null },
  { kind: "alarm", from: "2026-11-22T01:20:00Z", to: "2026-11-22T01:21:00Z", cause: "not-recording" },
  { kind: "recorded", from: "nonsense", to: "2026-11-22T02:00:00Z", cause: null },
]);

test("bands: odd ones are left out, the most telling one is told", () => {
  assert.equal(bands.length, 4);
  assert.equal(bandAt(bands, utc("2026-11-22T01:05:00Z"))?.cause, "disk");
  assert.equal(bandAt(bands, utc("2026-11-22T01:20:30Z"))?.kind, "alarm");
  assert.equal(bandAt(bands, utc("2026-11-22T01:00:00Z"))?.kind, "gap");
  assert.equal(bandAt(bands, utc("2026-11-22T03:00:00Z")), undefined);
});

test("bands: to the next and the previous gap and recording", () => {
  assert.equal(bandStart(bands, "gap", utc("2026-11-22T00:30:00Z"), 1), utc("2026-11-22T01:00:00Z"));
  assert.equal(bandStart(bands, "gap", utc("2026-11-22T01:30:00Z"), 1), undefined);
  assert.equal(bandStart(bands, "gap", utc("2026-11-22T01:30:00Z"), -1), utc("2026-11-22T01:00:00Z"));
  assert.equal(bandStart(bands, "recorded", utc("2026-11-22T01:30:00Z"), -1), utc("2026-11-22T01:10:00Z"));
  assert.equal(bandStart(bands, "recorded", utc("2026-11-22T01:10:00Z"), -1), utc("2026-11-22T00:00:00Z"));
});
