import { parseDay } from "./dates.ts";
import { failure } from "./failure.ts";
import { isObject, nearest } from "./schema.ts";
import { KINDS } from "./types.ts";
import type { Failure, Kind, Question, QuestionId } from "./types.ts";
import { wordList } from "./words.ts";
import type { WordList } from "./words.ts";

/** Longest question line, in bytes of UTF-8 (and so in UTF-16 units too). */
export const QUESTION_BYTES_MAX = 1024 * 1024;
/** Longest id a question may carry, in UTF-16 units. */
export const ID_LENGTH_MAX = 256;
/** Most documents or approvals one question may list. */
export const LIST_LENGTH_MAX = 32;
/** Most staff one question may name. */
export const STAFF_MAX = 10_000;

export type ParsedQuestion = { readonly question: Question } | ({ readonly id: QuestionId | null } & Failure);

type Field = "date" | "boolean" | "staff" | { readonly word: WordList; readonly optional?: true } | { readonly words: WordList };

const FIELDS: Readonly<Record<Kind, ReadonlyMap<string, Field>>> = {
  place: fields({ date: "date", place: { word: "place" }, spot: { word: "spot", optional: true }, builder: { word: "builder" } }),
  deadline: fields({ date: "date", event: { word: "event" } }),
  retention: fields({ date: "date", class: { word: "retentionClass" }, recordedOn: "date" }),
  access: fields({
    date: "date",
    requester: { word: "requester" },
    action: { word: "action" },
    staff: "staff",
    documents: { words: "document" },
    approvals: { words: "approval" },
    emergency: "boolean",
  }),
  penalty: fields({ date: "date", violation: { word: "violation" }, subject: { word: "subject" }, orderMissed: "boolean", serious: "boolean" }),
  duty: fields({ date: "date", actor: { word: "actor" }, topic: { word: "topic" } }),
};

/** `expect` and `why` are a case file's own notes; they are let through and not looked at. */
const TOP_FIELDS: ReadonlySet<string> = new Set(["id", "pack", "kind", "input", "expect", "why"]);

function fields(table: Readonly<Record<string, Field>>): ReadonlyMap<string, Field> {
  return new Map(Object.entries(table));
}

/** Reads one line of questions. Whether the pack is known is for the caller, who holds the packs. */
export function parseQuestion(line: string): ParsedQuestion {
  if (line.length > QUESTION_BYTES_MAX) return { id: null, ...tooLarge() };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { id: null, ...failure("bad-json", "", "不是 JSON 对象", "the line is not JSON") };
  }
  return readQuestion(value);
}

export function tooLarge(): Failure {
  return failure("too-large", "", `一行超过 ${QUESTION_BYTES_MAX} 字节`, `the line is longer than ${QUESTION_BYTES_MAX} bytes`);
}

/** Checks a parsed question: exactly the contract's fields, words and days. */
export function readQuestion(value: unknown): ParsedQuestion {
  if (!isObject(value)) return { id: null, ...failure("bad-json", "", "不是 JSON 对象", "the line is not a JSON object") };
  const id = readId(value["id"]);
  if (typeof id === "object") return { id: null, ...id };
  const wrong = checkTop(value);
  if (wrong !== undefined) return { id, ...wrong };
  const kind = KINDS.find((known) => known === value["kind"]);
  if (kind === undefined) return { id, ...unknownWord("unknown-kind", "/kind", value["kind"], KINDS) };
  const input = value["input"];
  const bad = isObject(input) ? checkInput(kind, input) : badType("/input", "对象", "an object");
  if (bad !== undefined) return { id, ...bad };
  // checkInput has just compared every field of the input with the table of its kind.
  return { question: { id, pack: value["pack"], kind, input } as unknown as Question };
}

function readId(id: unknown): QuestionId | Failure {
  if (id === undefined) return failure("missing-field", "/id", "缺少 id", "the field id is missing");
  if (typeof id === "string") {
    return id.length <= ID_LENGTH_MAX
      ? id
      : failure("bad-value", "/id", `id 超过 ${ID_LENGTH_MAX} 个字符`, `the id is longer than ${ID_LENGTH_MAX} characters`);
  }
  return typeof id === "number" ? id : badType("/id", "文字或者数字", "a string or a number");
}

function checkTop(value: Readonly<Record<string, unknown>>): Failure | undefined {
  for (const name of ["pack", "kind", "input"]) {
    if (value[name] === undefined) return failure("missing-field", `/${name}`, `缺少字段 ${name}`, `the field ${name} is missing`);
  }
  for (const name of Object.keys(value)) if (!TOP_FIELDS.has(name)) return unknownField("", name, [...TOP_FIELDS]);
  for (const name of ["pack", "kind"]) if (typeof value[name] !== "string") return badType(`/${name}`, "文字", "a string");
  return undefined;
}

function checkInput(kind: Kind, input: Readonly<Record<string, unknown>>): Failure | undefined {
  const known = FIELDS[kind];
  for (const name of Object.keys(input)) if (!known.has(name)) return unknownField("/input", name, [...known.keys()]);
  for (const [name, field] of known) {
    const value = input[name];
    if (value === undefined) {
      if (typeof field === "object" && "optional" in field) continue;
      return failure("missing-field", `/input/${name}`, `缺少字段 ${name}`, `the field ${name} is missing`);
    }
    const wrong = checkField(field, value, `/input/${name}`);
    if (wrong !== undefined) return wrong;
  }
  if (kind === "retention" && input["recordedOn"] !== input["date"]) {
    return failure("bad-value", "/input/recordedOn", "recordedOn 应与 date 相同", "recordedOn must be the same day as date");
  }
  return undefined;
}

function checkField(field: Field, value: unknown, path: string): Failure | undefined {
  if (field === "boolean") return typeof value === "boolean" ? undefined : badType(path, "true 或者 false", "true or false");
  if (field === "staff") return checkStaff(value, path);
  if (field === "date") return checkDate(value, path);
  if ("word" in field) return checkWord(field.word, value, path);
  if (!Array.isArray(value)) return badType(path, "列表", "a list");
  if (value.length > LIST_LENGTH_MAX) return failure("bad-value", path, `最多 ${LIST_LENGTH_MAX} 项`, `the list has more than ${LIST_LENGTH_MAX} entries`);
  for (const [index, entry] of value.entries()) {
    const wrong = checkWord(field.words, entry, `${path}/${index}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function checkStaff(value: unknown, path: string): Failure | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) return badType(path, "整数", "a whole number");
  return value >= 0 && value <= STAFF_MAX ? undefined : failure("bad-value", path, `应在 0 至 ${STAFF_MAX} 之间`, `must lie between 0 and ${STAFF_MAX}`);
}

function checkDate(value: unknown, path: string): Failure | undefined {
  if (typeof value !== "string") return badType(path, "日期文字", "a date as a string");
  if (parseDay(value) !== undefined) return undefined;
  return failure("bad-date", path, "不是存在的日期，应写作 YYYY-MM-DD", "is not a day that exists, written YYYY-MM-DD");
}

function checkWord(list: WordList, value: unknown, path: string): Failure | undefined {
  if (typeof value !== "string") return badType(path, "文字", "a string");
  const words = wordList(list);
  return words.has(value) ? undefined : unknownWord("unknown-word", path, value, [...words.keys()]);
}

function badType(path: string, zh: string, en: string): Failure {
  return failure("bad-type", path, `类型不符，应为${zh}`, `has the wrong type, should be ${en}`);
}

/** Longest part of a foreign word an error repeats. */
const QUOTE_LENGTH_MAX = 64;

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length <= QUOTE_LENGTH_MAX ? text : `${text.slice(0, QUOTE_LENGTH_MAX)}…`;
}

function hint(value: unknown, choices: readonly string[]): { zh: string; en: string } {
  const near = typeof value === "string" ? nearest(value, choices) : undefined;
  return near === undefined ? { zh: "", en: "" } : { zh: `，是否想写 ${near}`, en: `, did you mean ${near}` };
}

/** An error for a word that is on no list, with the nearest one that is. */
export function unknownWord(code: "unknown-word" | "unknown-kind" | "unknown-pack", path: string, value: unknown, choices: readonly string[]): Failure {
  const near = hint(value, choices);
  return failure(code, path, `未知的词 ${quote(value)}${near.zh}`, `unknown word ${quote(value)}${near.en}`);
}

function unknownField(parent: string, name: string, choices: readonly string[]): Failure {
  const near = hint(name, choices);
  const path = `${parent}/${name.slice(0, QUOTE_LENGTH_MAX).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return failure("unknown-field", path, `未知的字段 ${quote(name)}${near.zh}`, `unknown field ${quote(name)}${near.en}`);
}
