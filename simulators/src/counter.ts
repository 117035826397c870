/** Blocks across the top of the picture: white, black, ten bits, their complement, black, white; 1 is white. */
export const COUNTER_BLOCKS = 24;
const BITS = 10;

/** The strip is 1/18 of the picture's height. */
const STRIP_HEIGHT_PART = 18;

/**
 * Reads the frame counter out of the picture's top strip.
 * @param luma brightness 0 to 255 at a pixel (x, y)
 * @returns undefined when the strip is not whole
 */
export function readCounter(width: number, height: number, luma: (x: number, y: number) => number): number | undefined {
  const y = Math.floor(height / STRIP_HEIGHT_PART / 2);
  const white = Array.from({ length: COUNTER_BLOCKS }, (_, block) => luma(Math.floor(((block + 0.5) * width) / COUNTER_BLOCKS), y) > 127);
  if (white[0] !== true || white[1] !== false || white[22] !== false || white[23] !== true) return undefined;
  let counter = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const one = white[2 + bit];
    if (one === white[2 + BITS + bit]) return undefined;
    counter = counter * 2 + (one === true ? 1 : 0);
  }
  return counter;
}
