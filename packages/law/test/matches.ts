/** Whether an answer holds every expected field: lists as sets, and `articles` may cite more than expected. */
export function differences(expect: Readonly<Record<string, unknown>>, answer: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(expect).filter((field) => !equal(field, expect[field], answer[field]));
}

function equal(field: string, expected: unknown, found: unknown): boolean {
  if (!Array.isArray(expected)) return JSON.stringify(expected) === JSON.stringify(found);
  if (!Array.isArray(found)) return false;
  const has = new Set<unknown>(found);
  return expected.every((entry) => has.has(entry)) && (field === "articles" || has.size === new Set(expected).size);
}
