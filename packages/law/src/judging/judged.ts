import type { NotApplicable, Rule } from "../types.ts";
import type { Text } from "../words.ts";

/** An answer before the pack's own facts are added: the contract's fields, why, and the rules that decided. */
export interface Judged<A> {
  readonly answer: A | NotApplicable;
  readonly reason: Text;
  readonly decided: readonly Rule[];
}

export function notApplicable(zh: string, en: string): Judged<never> {
  return { answer: { applies: false }, reason: { zh, en }, decided: [] };
}

/** Joins citations, each once, in order. */
export function cite(first: readonly string[], second: readonly string[] | undefined): readonly string[] {
  if (second === undefined) return first;
  return [...first, ...second.filter((article) => !first.includes(article))];
}
