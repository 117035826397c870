import { MS_PER_DAY } from "@mingjian/vocab";
import type { Span, UtcMs } from "@mingjian/vocab";

/** Milliseconds the zone is ahead of UTC at an instant. */
export function zoneOffsetMs(at: UtcMs, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const field = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(field("year"), field("month") - 1, field("day"), field("hour"), field("minute"), field("second"));
  return local - Math.floor(at / 1000) * 1000;
}

/** The first instant of a local day. Where midnight is skipped by a zone change: the first instant after it. */
export function startOfDay(year: number, month: number, day: number, zone: string): UtcMs {
  const wall = Date.UTC(year, month - 1, day);
  const around = [zoneOffsetMs(wall - MS_PER_DAY, zone), zoneOffsetMs(wall + MS_PER_DAY, zone)];
  const early = wall - Math.max(...around);
  return early + zoneOffsetMs(early, zone) >= wall ? early : wall - Math.min(...around);
}

/** The local days of a month `YYYY-MM`, each with its span in UTC (23 to 25 hours where the zone changes). */
export function daysOfMonth(month: string, zone: string): { readonly day: string; readonly span: Span }[] {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, at) => ({
    day: `${month}-${String(at + 1).padStart(2, "0")}`,
    span: { from: startOfDay(year, number, at + 1, zone), to: startOfDay(year, number, at + 2, zone) },
  }));
}
