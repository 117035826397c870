/** The simulators' pictures carry their frame number: simulators/clips/README.md says how. */
const BLOCKS = 24;
const BITS = 10;

/**
 * The frame number in one row of pixels through the middle of the strip; undefined when the strip is not whole.
 * @param row brightness 0 to 255, left to right
 */
export function readCounter(row: readonly number[]): number | undefined {
  const blocks = Array.from({ length: BLOCKS }, (_, i) => (row[Math.floor(((i + 0.5) * row.length) / BLOCKS)] ?? 0) > 127);
  const frame = [blocks[0], blocks[1], blocks[BLOCKS - 2], blocks[BLOCKS - 1]].map(Number).join("");
  const bits = blocks.slice(2, 2 + BITS).map(Number);
  const complement = blocks.slice(2 + BITS, 2 + 2 * BITS).map(Number);
  if (frame !== "1001" || bits.some((bit, i) => bit === complement[i])) return undefined;
  return Number.parseInt(bits.join(""), 2);
}
