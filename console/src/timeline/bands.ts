export type BandKind = "recorded" | "gap" | "alarm";

/** A band of a timeline with its times read, UTC milliseconds, half-open. */
export interface TimeBand {
  readonly kind: BandKind;
  readonly from: number;
  readonly to: number;
  readonly cause: string | null;
}

interface WireBand {
  readonly kind: BandKind;
  readonly from: string;
  readonly to: string;
  readonly cause: string | null;
}

export function readBands(wire: readonly WireBand[]): TimeBand[] {
  const bands: TimeBand[] = [];
  for (const one of wire) {
    const from = Date.parse(one.from);
    const to = Date.parse(one.to);
    if (from <= to) bands.push({ kind: one.kind, from, to, cause: one.cause });
  }
  return bands;
}

/** The most telling band at an instant: an alarm over a gap over a recording. */
export function bandAt(bands: readonly TimeBand[], utcMs: number): TimeBand | undefined {
  const here = bands.filter((band) => utcMs >= band.from && utcMs < band.to);
  return here.find((band) => band.kind === "alarm") ?? here.find((band) => band.kind === "gap") ?? here[0];
}

/** Where the next (1) or previous (-1) band of one kind begins, seen from `utcMs`. */
export function bandStart(bands: readonly TimeBand[], kind: BandKind, utcMs: number, direction: 1 | -1): number | undefined {
  let best: number | undefined;
  for (const band of bands) {
    if (band.kind !== kind) continue;
    const ahead = direction === 1 ? band.from > utcMs + 500 : band.from < utcMs - 1500;
    if (ahead && (best === undefined || (direction === 1 ? band.from < best : band.from > best))) best = band.from;
  }
  return best;
}
