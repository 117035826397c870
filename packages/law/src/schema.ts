import { assert } from "@mingjian/vocab";
import type { Text } from "./words.ts";

/** Something wrong in a pack: where (a JSON pointer), what, and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly message: Text;
  readonly remedy: Text;
}

type Json = unknown;
type Schema = Readonly<Record<string, Json>>;
type Report = (path: string, message: Text, remedy: Text) => void;

const KEYWORDS = new Set([
  "$schema",
  "$id",
  "$defs",
  "$ref",
  "title",
  "description",
  "type",
  "const",
  "enum",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "items",
  "minItems",
  "maxItems",
  "uniqueItems",
  "required",
  "properties",
  "additionalProperties",
  "propertyNames",
  "anyOf",
]);

/** How deep a pack may nest; the format itself needs 6. */
export const DEPTH_MAX = 16;
/** How many problems one check reports before it stops. */
export const PROBLEMS_MAX = 100;

/**
 * Checks a value against the part of JSON Schema 2020-12 that pack.schema.json uses. A keyword outside that part
 * is our mistake and fails loudly, so that the schema cannot promise what nobody checks.
 */
export function checkSchema(schema: Json, value: Json): Problem[] {
  const problems: Problem[] = [];
  const root = asSchema(schema);
  const report: Report = (path, message, remedy) => {
    if (problems.length < PROBLEMS_MAX) problems.push({ path, message, remedy });
  };
  check(root, root, value, "", 0, report);
  return problems;
}

function asSchema(value: Json): Schema {
  assert(isObject(value), "a schema is an object");
  return value;
}

export function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function resolve(root: Schema, schema: Schema): Schema {
  const ref = schema["$ref"];
  if (ref === undefined) return schema;
  assert(typeof ref === "string" && ref.startsWith("#/$defs/"), "references point into $defs");
  const defs = asSchema(root["$defs"]);
  return resolve(root, asSchema(defs[ref.slice("#/$defs/".length)]));
}

function check(root: Schema, given: Schema, value: Json, path: string, depth: number, report: Report): void {
  const schema = resolve(root, given);
  for (const keyword of Object.keys(schema)) assert(KEYWORDS.has(keyword), `schema keyword ${keyword} is checked`);
  if (depth > DEPTH_MAX) {
    report(path, { zh: "嵌套过深", en: "nested too deep" }, { zh: "按格式说明减少层级", en: "flatten it as PACK-FORMAT.md shows" });
    return;
  }
  if (!checkAnyOf(root, schema, value, path, depth, report)) return;
  if (!checkType(schema, value, path, report)) return;
  checkScalar(schema, value, path, report);
  if (Array.isArray(value)) checkArray(root, schema, value, path, depth, report);
  else if (isObject(value)) checkObject(root, schema, value, path, depth, report);
}

function checkAnyOf(root: Schema, schema: Schema, value: Json, path: string, depth: number, report: Report): boolean {
  const options = schema["anyOf"];
  if (!Array.isArray(options)) return true;
  const fits = options.some((option) => {
    let clean = true;
    check(root, asSchema(option), value, path, depth + 1, () => {
      clean = false;
    });
    return clean;
  });
  if (fits) return true;
  report(path, { zh: "不符合任何一种允许的形式", en: "fits none of the allowed forms" }, { zh: "见 PACK-FORMAT.md", en: "see PACK-FORMAT.md" });
  return false;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function checkType(schema: Schema, value: Json, path: string, report: Report): boolean {
  const wanted = schema["type"];
  const found = typeOf(value);
  if (typeof wanted !== "string" || wanted === found) return true;
  report(
    path,
    { zh: `类型应为 ${wanted}，实为 ${found}`, en: `should be of type ${wanted}, is ${found}` },
    { zh: `改为 ${wanted}`, en: `write a value of type ${wanted}` },
  );
  return false;
}

function checkScalar(schema: Schema, value: Json, path: string, report: Report): void {
  const choices = schema["enum"];
  if (Array.isArray(choices) && !choices.includes(value)) {
    const near =
      typeof value === "string"
        ? nearest(
            value,
            choices.filter((choice) => typeof choice === "string"),
          )
        : undefined;
    report(
      path,
      { zh: `未知的词 ${JSON.stringify(value)}`, en: `unknown word ${JSON.stringify(value)}` },
      near === undefined
        ? { zh: "改用 schema/words.json 中的词", en: "use a word of schema/words.json" }
        : { zh: `是否想写 "${near}"`, en: `did you mean "${near}"` },
    );
  }
  if ("const" in schema && schema["const"] !== value) {
    report(
      path,
      { zh: `应为 ${JSON.stringify(schema["const"])}`, en: `should be ${JSON.stringify(schema["const"])}` },
      { zh: "照写该值", en: "write that value" },
    );
  }
  if (typeof value === "string") checkString(schema, value, path, report);
  const { minimum, maximum } = schema;
  if (typeof value === "number" && ((typeof minimum === "number" && value < minimum) || (typeof maximum === "number" && value > maximum))) {
    const range = `${figure(minimum)}..${figure(maximum)}`;
    report(path, { zh: `数值应在 ${range} 之内`, en: `should lie in ${range}` }, { zh: "核对条文中的数字", en: "check the figure in the text" });
  }
}

const figure = (limit: unknown): string => (typeof limit === "number" ? String(limit) : "");

function checkString(schema: Schema, value: string, path: string, report: Report): void {
  const { pattern, minLength, maxLength } = schema;
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value)) {
    report(
      path,
      { zh: `格式不符：${JSON.stringify(value)}`, en: `has the wrong form: ${JSON.stringify(value)}` },
      { zh: `应符合 ${pattern}`, en: `it should match ${pattern}` },
    );
  }
  if ((typeof minLength === "number" && value.length < minLength) || (typeof maxLength === "number" && value.length > maxLength)) {
    report(
      path,
      { zh: "文字过短或者过长", en: "is too short or too long" },
      { zh: `长度应为 ${figure(minLength ?? 0)} 至 ${figure(maxLength)}`, en: `use ${figure(minLength ?? 0)} to ${figure(maxLength)} characters` },
    );
  }
}

function checkArray(root: Schema, schema: Schema, value: readonly Json[], path: string, depth: number, report: Report): void {
  const { minItems, maxItems, uniqueItems, items } = schema;
  if (typeof minItems === "number" && value.length < minItems) {
    report(path, { zh: "列表不能为空", en: `needs at least ${minItems} entry` }, { zh: "补上内容或者删去该字段", en: "fill it, or leave the field out" });
  }
  if (typeof maxItems === "number" && value.length > maxItems) {
    report(path, { zh: `最多 ${maxItems} 项`, en: `has more than ${maxItems} entries` }, { zh: "拆分该规则", en: "split the rule" });
  }
  if (uniqueItems === true && new Set(value).size !== value.length) {
    report(path, { zh: "有重复的项", en: "has an entry twice" }, { zh: "删去重复的项", en: "remove the repetition" });
  }
  if (items !== undefined) value.forEach((entry, index) => check(root, asSchema(items), entry, `${path}/${index}`, depth + 1, report));
}

function checkObject(root: Schema, schema: Schema, value: Readonly<Record<string, Json>>, path: string, depth: number, report: Report): void {
  const { required, properties, additionalProperties, propertyNames } = schema;
  const known = properties === undefined ? {} : asSchema(properties);
  for (const name of Array.isArray(required) ? required : []) {
    if (typeof name === "string" && !Object.hasOwn(value, name)) {
      report(path, { zh: `缺少字段 ${name}`, en: `lacks the field ${name}` }, { zh: `补上 ${name}`, en: `add ${name}` });
    }
  }
  for (const [name, entry] of Object.entries(value)) {
    const inner = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (propertyNames !== undefined) check(root, asSchema(propertyNames), name, inner, depth + 1, report);
    const own = Object.hasOwn(known, name) ? known[name] : additionalProperties;
    if (own === false) {
      const near = nearest(name, Object.keys(known));
      report(
        inner,
        { zh: `未知的字段 ${name}`, en: `unknown field ${name}` },
        near === undefined ? { zh: "删去该字段", en: "remove it" } : { zh: `是否想写 ${near}`, en: `did you mean ${near}` },
      );
    } else if (isObject(own)) check(root, own, entry, inner, depth + 1, report);
  }
}

/** Longest word the spelling hint looks at. */
const HINT_LENGTH_MAX = 64;

/** The choice nearest in spelling, when it is near enough to be what the author meant. */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  if (word.length > HINT_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const choice of choices) {
    const distance = editDistance(word, choice);
    if (distance < bestDistance) [best, bestDistance] = [choice, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
