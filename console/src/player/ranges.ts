/** Questions about what a video element has buffered, in its own seconds. */
export interface Ranges {
  readonly length: number;
  start(index: number): number;
  end(index: number): number;
}

export function bufferedEnd(ranges: Ranges): number | undefined {
  return ranges.length === 0 ? undefined : ranges.end(ranges.length - 1);
}

/** The range that holds `at`, leaving `tailSeconds` before its end. */
export function rangeAt(ranges: Ranges, at: number, tailSeconds = 0): { from: number; to: number } | undefined {
  for (let i = 0; i < ranges.length; i += 1) {
    const from = ranges.start(i);
    const to = ranges.end(i);
    if (at >= from - 0.001 && at < to - tailSeconds) return { from, to };
  }
  return undefined;
}

/** Where the next range after `at` begins. */
export function nextRangeStart(ranges: Ranges, at: number): number | undefined {
  for (let i = 0; i < ranges.length; i += 1) {
    const from = ranges.start(i);
    if (from > at) return from;
  }
  return undefined;
}
