import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkPack, sortPack } from "../src/pack.ts";
import type { Pack } from "../src/pack.ts";
import { parseQuestion } from "../src/question.ts";
import type { AnswersByKind, Kind, PackData, Question } from "../src/types.ts";
import { judge } from "../src/judge.ts";

const FORMAT = readFileSync(new URL("../PACK-FORMAT.md", import.meta.url), "utf8");

/** The text of the worked example that closes PACK-FORMAT.md. */
export function exampleText(): string {
  const blocks = [...FORMAT.matchAll(/```json\n([\s\S]*?)```/gu)].map((match) => match[1] ?? "");
  const whole = blocks.find((block) => block.includes('"example-2020"'));
  assert.ok(whole !== undefined, "PACK-FORMAT.md holds the worked example");
  return whole;
}

/** The worked example with some of its fields replaced. */
export function exampleData(changes: Partial<PackData> = {}): PackData {
  return { ...(JSON.parse(exampleText()) as PackData), ...changes };
}

export function examplePack(changes: Partial<PackData> = {}): Pack {
  const data = exampleData(changes);
  assert.deepEqual(checkPack(data), []);
  return sortPack(data);
}

/** A question about the worked example; it must be one the parser takes. */
export function question(kind: Kind, input: object): Question {
  const parsed = parseQuestion(JSON.stringify({ id: 1, pack: "example-2020", kind, input }));
  assert.ok("question" in parsed, JSON.stringify(parsed));
  return parsed.question;
}

/** The contract's fields of an answer, without reason, rules and the marks. */
export function fields(pack: Pack, kind: Kind, input: object): Record<string, unknown> {
  const answer = judge(pack, question(kind, input));
  if ("error" in answer) return { error: answer.error.code };
  const { reason: _reason, rules: _rules, draft: _draft, doubt: _doubt, ...rest } = answer;
  return rest;
}

export type AnyAnswer = AnswersByKind[Kind];
export const TEXT = { zh: "测试。", en: "Test." };
