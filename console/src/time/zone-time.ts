/** Civil time in a named zone, from the platform's zone tables. Everything else in the console is UTC milliseconds. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const FORMATS_MAX = 16;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    if (formats.size >= FORMATS_MAX) formats.clear();
    formats.set(zone, format);
  }
  return format;
}

export function isZone(zone: string): boolean {
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

export function civil(utcMs: number, zone: string): CivilTime {
  const parts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatFor(zone).formatToParts(utcMs)) {
    if (type in parts) parts[type as keyof typeof parts] = Number(value);
  }
  return parts;
}

/** The zone's clock less UTC at that instant, ms. */
export function offsetMs(utcMs: number, zone: string): number {
  const c = civil(utcMs, zone);
  const whole = Math.floor(utcMs / 1000) * 1000;
  return Date.UTC(c.year, c.month - 1, c.day, c.hour, c.minute, c.second) - whole;
}

/** The instant a civil time names; of a time that the clocks skip, the one after; of one they repeat, the first. */
export function fromCivil(time: CivilTime, zone: string): number {
  const local = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  const before = local - offsetMs(local - 86_400_000, zone);
  if (before + offsetMs(before, zone) === local) return before;
  const after = local - offsetMs(local + 86_400_000, zone);
  return after + offsetMs(after, zone) === local ? after : before;
}

export function dayStart(utcMs: number, zone: string): number {
  const c = civil(utcMs, zone);
  return fromCivil({ ...c, hour: 0, minute: 0, second: 0 }, zone);
}

/** The start of the day `days` days from the one that holds `utcMs`. */
export function shiftDay(utcMs: number, days: number, zone: string): number {
  const c = civil(utcMs, zone);
  const moved = new Date(Date.UTC(c.year, c.month - 1, c.day + days));
  return fromCivil(
    {
      year: moved.getUTCFullYear(),
      month: moved.getUTCMonth() + 1,
      day: moved.getUTCDate(),
      hour: 0,
      minute: 0,
      second: 0,
    },
    zone,
  );
}

export const two = (value: number): string => String(value).padStart(2, "0");

export function clockText(utcMs: number, zone: string): string {
  const c = civil(utcMs, zone);
  return `${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;
}

export function dateText(utcMs: number, zone: string): string {
  const c = civil(utcMs, zone);
  return `${c.year}-${two(c.month)}-${two(c.day)}`;
}

export function dateClockText(utcMs: number, zone: string): string {
  return `${dateText(utcMs, zone)} ${clockText(utcMs, zone)}`;
}

/** `UTC+08:00`, the zone's offset at that instant. */
export function offsetLabel(utcMs: number, zone: string): string {
  const minutes = Math.round(offsetMs(utcMs, zone) / 60_000);
  const whole = Math.abs(minutes);
  return `UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
}

/**
 * Reads what a person types as a time: `08:15`, `08:15:30`, `11-22 08:15`, `2026-11-22 08:15:30`, or an ISO instant.
 * What is missing is taken from the day of `near`. Undefined when it is none of these.
 */
export function parseCivil(text: string, near: number, zone: string): number | undefined {
  const trimmed = text.trim();
  if (/Z$|[+-]\d\d:\d\d$/.test(trimmed) && /^\d{4}-\d\d-\d\dT/.test(trimmed)) {
    const at = Date.parse(trimmed);
    return Number.isNaN(at) ? undefined : at;
  }
  const found = /^(?:(?:(\d{4})[-/])?(\d{1,2})[-/](\d{1,2})[ T]+)?(\d{1,2})[::](\d{2})(?:[::](\d{2}))?$/.exec(trimmed);
  if (found === null) return undefined;
  const base = civil(near, zone);
  const number = (index: number, other: number): number => (found[index] === undefined ? other : Number(found[index]));
  const time = {
    year: number(1, base.year),
    month: number(2, base.month),
    day: number(3, base.day),
    hour: number(4, 0),
    minute: number(5, 0),
    second: number(6, 0),
  };
  if (time.month < 1 || time.month > 12 || time.hour > 23 || time.minute > 59 || time.second > 59) return undefined;
  if (time.day < 1 || time.day > new Date(Date.UTC(time.year, time.month, 0)).getUTCDate()) return undefined;
  return fromCivil(time, zone);
}
