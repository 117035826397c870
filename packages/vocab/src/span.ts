import type { UtcMs } from "./time.ts";

/** A half-open span of time [from, to), both UTC milliseconds, from <= to. */
export interface Span {
  readonly from: UtcMs;
  readonly to: UtcMs;
}

export function span(from: UtcMs, to: UtcMs): Span {
  return { from, to };
}

/** The common part of two spans, or undefined when they share no instant. */
export function intersectSpans(a: Span, b: Span): Span | undefined {
  const from = Math.max(a.from, b.from) as UtcMs;
  const to = Math.min(a.to, b.to) as UtcMs;
  return from < to ? { from, to } : undefined;
}

/** Spans sorted and joined where they touch, overlap, or lie no more than `slack` ms apart. */
export function mergeSpans(spans: readonly Span[], slack = 0): Span[] {
  const sorted = [...spans].sort((a, b) => a.from - b.from);
  const merged: { from: UtcMs; to: UtcMs }[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && next.from <= last.to + slack) last.to = Math.max(last.to, next.to) as UtcMs;
    else merged.push({ from: next.from, to: next.to });
  }
  return merged;
}

/** What of `whole` no span of `parts` covers. */
export function subtractSpans(whole: Span, parts: readonly Span[]): Span[] {
  const left: Span[] = [];
  let from = whole.from;
  for (const part of mergeSpans(parts)) {
    if (part.to <= from) continue;
    if (part.from >= whole.to) break;
    if (part.from > from) left.push({ from, to: part.from });
    from = Math.max(from, part.to) as UtcMs;
  }
  if (from < whole.to) left.push({ from, to: whole.to });
  return left;
}
