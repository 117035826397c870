declare const unit: unique symbol;

/** A duration in milliseconds. */
export type Ms = number & { readonly [unit]?: "ms" };
/** An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. May carry a fraction. */
export type UtcMs = number & { readonly [unit]?: "utc-ms" };
/** A duration or media time in ticks of 1/90000 s. */
export type Ticks90k = number & { readonly [unit]?: "90k" };

export const MS_PER_DAY = 86_400_000;

export function ms(value: number): Ms {
  return value as Ms;
}

export function ticks90k(value: number): Ticks90k {
  return value as Ticks90k;
}

/** RFC 3339 in UTC with milliseconds, `2026-01-02T03:04:05.678Z`. */
export function formatUtc(at: UtcMs): string {
  return new Date(at).toISOString();
}

/** Reads RFC 3339 with a zone; undefined when the text is not one, or names a day that does not exist. */
export function parseUtc(text: string): UtcMs | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, number, number, number, number, number];
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > lastDay || hour > 23 || minute > 59 || second > 59) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : (at as UtcMs);
}
