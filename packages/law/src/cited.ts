import type { Pack } from "./pack.ts";
import { KINDS } from "./types.ts";
import type { Kind, Rule } from "./types.ts";

export interface CitingRule {
  readonly kind: Kind;
  readonly rule: Rule;
}

/** The articles a rule leans on, wherever it names them. */
export function articlesOfRule(rule: Rule): readonly string[] {
  const articles = [...rule.articles];
  if ("responsible" in rule && rule.responsible !== undefined) articles.push(...rule.responsible.articles);
  if ("procedure" in rule && rule.procedure !== undefined) articles.push(...rule.procedure);
  return articles;
}

/** Every rule that cites an article or item; an article number alone also finds its items. */
export function rulesCiting(pack: Pack, article: string): CitingRule[] {
  const found: CitingRule[] = [];
  for (const kind of KINDS) {
    for (const rule of pack.data[kind]) {
      if (articlesOfRule(rule).some((cited) => cited === article || cited.startsWith(`${article}(`))) found.push({ kind, rule });
    }
  }
  return found;
}

/** Whether the text has this article or item. */
export function hasArticle(pack: Pack, article: string): boolean {
  const parts = /^([1-9]\d{0,2})(?:\(([1-9]\d?)\))?$/.exec(article);
  if (parts === null) return false;
  const number = parts[1] ?? "";
  const { last, items } = pack.data.articles;
  return Number(number) <= last && Number(parts[2] ?? 0) <= (items[number] ?? 0);
}
