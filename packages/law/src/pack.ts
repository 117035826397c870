import schema from "../schema/pack.schema.json" with { type: "json" };
import { firstBadToken, lineFinder } from "./locate.ts";
import { checkPackSense } from "./pack-check.ts";
import { checkSchema } from "./schema.ts";
import type { Problem } from "./schema.ts";
import { ruleSpans } from "./spans.ts";
import type { AccessRule, DeadlineRule, DutyRule, PackData, PenaltyRule, PlaceRule, RetentionRule, RuleHead } from "./types.ts";

/** A rule with the days it holds, both ends included, as texts that compare like days. */
export type Dated<R> = R & { readonly end: string };

/** A checked pack with its rules sorted by the word a question asks with. */
export interface Pack {
  readonly data: PackData;
  readonly place: ReadonlyMap<string, readonly Dated<PlaceRule>[]>;
  readonly deadline: ReadonlyMap<string, readonly Dated<DeadlineRule>[]>;
  readonly retention: ReadonlyMap<string, readonly Dated<RetentionRule>[]>;
  readonly access: ReadonlyMap<string, readonly Dated<AccessRule>[]>;
  readonly penalty: ReadonlyMap<string, readonly Dated<PenaltyRule>[]>;
  readonly duty: ReadonlyMap<string, readonly Dated<DutyRule>[]>;
}

/** A problem with the line of pack.json it stands on. */
export type LocatedProblem = Problem & { readonly line: number };

export type PackResult = { readonly pack: Pack } | { readonly problems: readonly LocatedProblem[] };

/** A pack file larger than this is refused, in UTF-16 units. */
export const PACK_TEXT_MAX = 4 * 1024 * 1024;

/** Reads, checks and sorts a pack.json. Everything wrong with it is reported, with line and remedy. */
export function loadPack(text: string): PackResult {
  if (text.length > PACK_TEXT_MAX) {
    return {
      problems: [
        {
          path: "",
          line: 1,
          message: { zh: "文件过大", en: "the file is too large" },
          remedy: { zh: `不超过 ${PACK_TEXT_MAX} 字符`, en: `at most ${PACK_TEXT_MAX} characters` },
        },
      ],
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      problems: [
        {
          path: "",
          line: syntaxLine(text, detail),
          message: { zh: `不是 JSON：${detail}`, en: `is not JSON: ${detail}` },
          remedy: { zh: "更正此处的语法", en: "correct the syntax there" },
        },
      ],
    };
  }
  const problems = checkPack(value);
  if (problems.length === 0) return { pack: sortPack(value as PackData) };
  const lineOf = lineFinder(text);
  return { problems: problems.map((problem) => ({ ...problem, line: lineOf(problem.path) })) };
}

function syntaxLine(text: string, detail: string): number {
  const position = /position (\d+)/.exec(detail)?.[1];
  const at = position === undefined ? firstBadToken(text) : Number(position);
  return text.slice(0, at).split("\n").length;
}

/** Everything wrong with a parsed pack; empty when it may be used. */
export function checkPack(value: unknown): readonly Problem[] {
  const problems = checkSchema(schema, value);
  return problems.length > 0 ? problems : checkPackSense(value as PackData);
}

/** Sorts the rules of a pack that checkPack found clean. */
export function sortPack(data: PackData): Pack {
  return {
    data,
    place: group(data.place, (rule) => rule.places),
    deadline: group(data.deadline, (rule) => [rule.event]),
    retention: group(data.retention, (rule) => rule.classes),
    access: group(data.access, (rule) => rule.requesters),
    penalty: group(data.penalty, (rule) => rule.violations),
    duty: group(data.duty, (rule) => rule.topics),
  };
}

function group<R extends RuleHead>(rules: readonly R[], keysOf: (rule: R) => readonly string[]): ReadonlyMap<string, readonly Dated<R>[]> {
  const spans = ruleSpans(rules);
  const groups = new Map<string, Dated<R>[]>();
  for (const rule of rules) {
    const dated: Dated<R> = { ...rule, end: spans.get(rule.id)?.end ?? "" };
    for (const key of keysOf(rule)) {
      const list = groups.get(key);
      if (list === undefined) groups.set(key, [dated]);
      else list.push(dated);
    }
  }
  return groups;
}

/** The rules of a list that hold on a day. */
export function holds(rule: { readonly from: string; readonly end: string }, date: string): boolean {
  return rule.from <= date && date <= rule.end;
}
