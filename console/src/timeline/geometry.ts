import { civil, dayStart, shiftDay, two } from "../time/zone-time.ts";

/** The span of time a timeline shows, UTC milliseconds. */
export interface View {
  readonly from: number;
  readonly to: number;
}

export const VIEW_MS_MIN = 60_000;
export const VIEW_MS_MAX = 30 * 86_400_000;
const TICKS_MAX = 400;

export const spanOf = (view: View): number => view.to - view.from;

export function xOf(utcMs: number, view: View, width: number): number {
  return ((utcMs - view.from) / spanOf(view)) * width;
}

export function timeAt(x: number, view: View, width: number): number {
  return view.from + (x / width) * spanOf(view);
}

/** Zooms by `factor` (below 1: closer) so that the instant under `fraction` of the width stays where it is. */
export function zoomAbout(view: View, fraction: number, factor: number): View {
  const span = Math.min(VIEW_MS_MAX, Math.max(VIEW_MS_MIN, spanOf(view) * factor));
  const anchor = view.from + fraction * spanOf(view);
  const from = anchor - fraction * span;
  return { from, to: from + span };
}

export function panBy(view: View, ms: number): View {
  return { from: view.from + ms, to: view.to + ms };
}

/** The view moved so that `utcMs` is inside it, with a margin; the same view when it already is. */
export function withInside(view: View, utcMs: number, marginFraction = 0.08): View {
  const margin = spanOf(view) * marginFraction;
  if (utcMs >= view.from + margin && utcMs <= view.to - margin) return view;
  return centredOn(utcMs, spanOf(view));
}

export function centredOn(utcMs: number, span: number): View {
  const whole = Math.min(VIEW_MS_MAX, Math.max(VIEW_MS_MIN, span));
  return { from: utcMs - whole / 2, to: utcMs + whole / 2 };
}

const STEPS_MS = [1, 2, 5, 10, 15, 30]
  .map((s) => s * 1000)
  .concat([1, 2, 5, 10, 15, 30].map((m) => m * 60_000))
  .concat([1, 2, 3, 6, 12].map((h) => h * 3_600_000));
const STEPS_DAYS = [1, 2, 5, 10];

export interface Tick {
  readonly at: number;
  readonly label: string;
  /** The first of a day: drawn stronger, labelled with the date. */
  readonly day: boolean;
}

/** Ruler marks at round civil times, at least `spacing` pixels apart. */
export function ticks(view: View, width: number, zone: string, spacing = 84): Tick[] {
  const least = (spanOf(view) / Math.max(1, width)) * spacing;
  const step = STEPS_MS.find((one) => one >= least);
  return step === undefined ? dayTicks(view, least, zone) : clockTicks(view, step, zone);
}

function clockTicks(view: View, step: number, zone: string): Tick[] {
  const marks: Tick[] = [];
  let day = dayStart(view.from, zone);
  while (day <= view.to && marks.length < TICKS_MAX) {
    const next = shiftDay(day, 1, zone);
    const first = Math.max(0, Math.ceil((view.from - day) / step));
    for (let at = day + first * step; at < next && at <= view.to && marks.length < TICKS_MAX; at += step) {
      const c = civil(at, zone);
      const isDay = at === day;
      const label = isDay ? `${two(c.month)}-${two(c.day)}` : `${two(c.hour)}:${two(c.minute)}${step < 60_000 ? `:${two(c.second)}` : ""}`;
      marks.push({ at, label, day: isDay });
    }
    day = next;
  }
  return marks;
}

function dayTicks(view: View, leastMs: number, zone: string): Tick[] {
  const days = STEPS_DAYS.find((one) => one * 86_400_000 >= leastMs) ?? 10;
  const marks: Tick[] = [];
  let day = dayStart(view.from, zone);
  for (let guard = 0; day <= view.to && guard < TICKS_MAX; guard += 1) {
    const c = civil(day, zone);
    if ((c.day - 1) % days === 0 && day >= view.from) marks.push({ at: day, label: `${two(c.month)}-${two(c.day)}`, day: true });
    day = shiftDay(day, 1, zone);
  }
  return marks;
}

/** How fine the bands must be for this view: about one per pixel, in round steps so that answers can be kept. */
export function resolutionMs(view: View, width: number): number {
  const raw = spanOf(view) / Math.max(1, width);
  let step = 100;
  while (step < raw) step *= 2;
  return step;
}

/** The span to ask bands for: the view with half a view on both sides, on a round grid. */
export function fetchSpan(view: View): View {
  const half = spanOf(view) / 2;
  const grid = Math.max(30_000, Math.round(half / 2));
  return { from: Math.floor((view.from - half) / grid) * grid, to: Math.ceil((view.to + half) / grid) * grid };
}

export const covers = (outer: View, inner: View): boolean => outer.from <= inner.from && outer.to >= inner.to;
