import { articlesOfRule } from "./cited.ts";
import type { Pack } from "./pack.ts";
import { checkSchema } from "./schema.ts";
import { KINDS } from "./types.ts";
import type { Text } from "./words.ts";

/** One row of the reading of a text: an article and paragraph, with its item if it has one, and what serves it. */
export interface CoverageRow {
  /** Article, paragraph and item, `17.1(2)`. */
  readonly row: string;
  /** What the row says, in our own words. */
  readonly says: Text;
  /** Pack entries: `place 7(1)` (a rule of that kind that cites it), `open 8(4)` (a point left open), or `effective` or `region` of the head. */
  readonly pack?: readonly string[];
  readonly features?: readonly string[];
  /** Why software has no part: a key of `reasons`. Stands alone. */
  readonly none?: string;
}
export interface CoverageTable {
  readonly pack: string;
  readonly rows: readonly CoverageRow[];
}
/** What the product does. `built` names the folder it lives in; without it the feature is planned. */
export interface Feature extends Text {
  readonly built?: string;
}
export interface CoverageWords {
  readonly features: Readonly<Record<string, Feature>>;
  readonly reasons: Readonly<Record<string, Text>>;
}
/** The row numbers each text has, by pack. */
export type CoverageRows = Readonly<Record<string, readonly string[]>>;
export interface Coverage {
  readonly rows: CoverageRows;
  readonly words: CoverageWords;
  readonly tables: readonly CoverageTable[];
}

const TEXT = { type: "string", minLength: 1, maxLength: 200 };
const KEY = { type: "string", pattern: "^[a-z][a-z-]{0,39}$" };
const ROW = { type: "string", pattern: "^[1-9][0-9]{0,2}\\.[1-9](\\([1-9][0-9]?\\))?$" };
const TABLE_SCHEMA = {
  type: "object",
  required: ["pack", "rows"],
  additionalProperties: false,
  properties: {
    pack: { type: "string" },
    rows: {
      type: "array",
      items: {
        type: "object",
        required: ["row", "says"],
        additionalProperties: false,
        properties: {
          row: ROW,
          says: { type: "object", required: ["zh", "en"], additionalProperties: false, properties: { zh: TEXT, en: TEXT } },
          pack: {
            type: "array",
            minItems: 1,
            uniqueItems: true,
            items: { type: "string", pattern: "^(effective|region|[a-z]+ [1-9][0-9]{0,2}(\\([1-9][0-9]?\\))?)$" },
          },
          features: { type: "array", minItems: 1, uniqueItems: true, items: KEY },
          none: KEY,
        },
      },
    },
  },
};
const WORD = { type: "object", required: ["zh", "en"], additionalProperties: false, properties: { zh: TEXT, en: TEXT, built: TEXT } };
const WORDS_SCHEMA = {
  type: "object",
  required: ["features", "reasons"],
  additionalProperties: false,
  properties: {
    features: { type: "object", propertyNames: KEY, additionalProperties: WORD },
    reasons: { type: "object", propertyNames: KEY, additionalProperties: WORD },
  },
};
const ROWS_SCHEMA = { type: "object", additionalProperties: { type: "array", minItems: 1, uniqueItems: true, items: ROW } };

/** The coverage of parsed files, or everything wrong with their shape, as sentences. */
export function readCoverage(rows: unknown, words: unknown, tables: readonly unknown[]): Coverage | { readonly problems: readonly string[] } {
  const files: readonly (readonly [string, unknown, unknown])[] = [
    ["rows.json", ROWS_SCHEMA, rows],
    ["features.json", WORDS_SCHEMA, words],
    ...tables.map((table, index) => [`table ${index + 1}`, TABLE_SCHEMA, table] as const),
  ];
  const problems = files.flatMap(([name, schema, value]) => checkSchema(schema, value).map((found) => `${name} ${found.path}: ${found.message.en}`));
  if (problems.length > 0) return { problems };
  return { rows: rows as CoverageRows, words: words as CoverageWords, tables: tables as readonly CoverageTable[] };
}

/** Whether a pack holds what a coverage row cites. */
export function hasEntry(pack: Pack, row: string, entry: string): boolean {
  const { effective, region } = pack.data;
  if (entry === "effective") return row.startsWith(`${effective.article}.`);
  if (entry === "region") return region.zh !== "";
  const [kindWord, article = ""] = entry.split(" ");
  const isCited = (cited: string): boolean => cited === article || cited.startsWith(`${article}(`);
  if (kindWord === "open") return pack.data.open?.some((point) => point.articles.some(isCited)) === true;
  const kind = KINDS.find((known) => known === kindWord);
  return kind !== undefined && pack.data[kind].some((rule) => articlesOfRule(rule).some(isCited));
}

/** Everything that keeps the coverage from being whole and true to the packs; empty when nothing does. */
export function coverageProblems(coverage: Coverage, packs: ReadonlyMap<string, Pack>): string[] {
  const problems = Object.keys(coverage.rows)
    .filter((id) => coverage.tables.every((table) => table.pack !== id))
    .map((id) => `${id}: no table`);
  for (const table of coverage.tables) {
    const pack = packs.get(table.pack);
    const wanted = coverage.rows[table.pack];
    if (pack === undefined || wanted === undefined) {
      problems.push(`${table.pack}: no such pack`);
      continue;
    }
    problems.push(...rowsProblems(table, wanted), ...articlesProblems(pack, wanted));
    problems.push(...ruleProblems(table, pack));
    for (const row of table.rows) problems.push(...rowProblems(row, pack, coverage.words).map((problem) => `${table.pack} ${row.row}: ${problem}`));
  }
  return [...problems, ...unusedWords(coverage)];
}

/** Each row number exactly once, in the order of the text. */
function rowsProblems(table: CoverageTable, wanted: readonly string[]): string[] {
  const found = table.rows.map((row) => row.row);
  const twice = found.filter((row, index) => found.indexOf(row) !== index).map((row) => `${table.pack} ${row}: two entries`);
  const missing = wanted.filter((row) => !found.includes(row)).map((row) => `${table.pack} ${row}: no entry`);
  const unknown = found.filter((row) => !wanted.includes(row)).map((row) => `${table.pack} ${row}: the text has no such row`);
  const problems = [...twice, ...missing, ...unknown];
  if (problems.length > 0) return problems;
  return found.every((row, index) => row === wanted[index]) ? [] : [`${table.pack}: rows are not in the order of the text`];
}

/** Every article of the text, and every item of its lists, has a row. */
function articlesProblems(pack: Pack, wanted: readonly string[]): string[] {
  const { last, items } = pack.data.articles;
  const problems: string[] = [];
  for (let article = 1; article <= last; article += 1) {
    if (!wanted.some((row) => row.startsWith(`${article}.`))) problems.push(`${pack.data.id}: article ${article} has no row`);
    for (let item = 1; item <= (items[String(article)] ?? 0); item += 1) {
      if (!wanted.some((row) => row.startsWith(`${article}.`) && row.endsWith(`(${item})`)))
        problems.push(`${pack.data.id}: item ${article}(${item}) has no row`);
    }
  }
  return problems;
}

/** Every rule of the pack is cited by a row, by its article or item. */
function ruleProblems(table: CoverageTable, pack: Pack): string[] {
  const cited = new Set(table.rows.flatMap((row) => row.pack ?? []));
  return KINDS.flatMap((kind) =>
    pack.data[kind]
      .filter((rule) => !articlesOfRule(rule).some((article) => cited.has(`${kind} ${article}`) || cited.has(`${kind} ${article.replace(/\(.*$/, "")}`)))
      .map((rule) => `${table.pack}: no row cites the ${kind} rule "${rule.id}"`),
  );
}

function rowProblems(row: CoverageRow, pack: Pack, words: CoverageWords): string[] {
  const problems: string[] = [];
  const served = row.pack !== undefined || row.features !== undefined;
  if (served === (row.none !== undefined)) problems.push("needs what serves it, or the reason why nothing does, not both");
  for (const entry of row.pack ?? []) if (!hasEntry(pack, row.row, entry)) problems.push(`the pack has no entry "${entry}"`);
  for (const feature of row.features ?? []) if (!Object.hasOwn(words.features, feature)) problems.push(`there is no feature "${feature}"`);
  if (row.none !== undefined && !Object.hasOwn(words.reasons, row.none)) problems.push(`there is no reason "${row.none}"`);
  return problems;
}

function unusedWords({ words, tables }: Coverage): string[] {
  const used = new Set(tables.flatMap((table) => table.rows.flatMap((row) => [...(row.features ?? []), ...(row.none === undefined ? [] : [row.none])])));
  return [...Object.keys(words.features), ...Object.keys(words.reasons)]
    .filter((word) => !used.has(word))
    .map((word) => `features.json: "${word}" serves no row`);
}
