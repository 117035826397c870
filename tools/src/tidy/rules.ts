import type { House, SourceFile, Violation } from "./house.ts";
import { lineAt, partOf, visit } from "./house.ts";

/** A rule is a line of its own, or an item of a list. */
const RULE = /^(?:[-*] )?(?:\*\*)?([A-Z]\d+)(?:\*\*)?\.?\s+\S/;
const QUOTES = /\[([A-Z]\d+)\]/g;

interface Rule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

function rulesOf(house: House): Rule[] {
  const rules: Rule[] = [];
  for (const [file, text] of house.documents) {
    if (!file.endsWith("/SPEC.md")) continue;
    text.split("\n").forEach((line, index) => {
      const id = RULE.exec(line)?.[1];
      if (id !== undefined) rules.push({ id, file, line: index + 1 });
    });
  }
  return rules;
}

/** Rules in the names of tests: `test("[E3] ...")`, plain or in a template. */
function quotesOf(file: SourceFile): { id: string; at: number }[] {
  const quotes: { id: string; at: number }[] = [];
  const note = (text: string, at: number): void => {
    const head = /^(?:\[[A-Z]\d+\]\s*)+/.exec(text)?.[0] ?? "";
    for (const [, id = ""] of head.matchAll(QUOTES)) quotes.push({ id, at });
  };
  visit(file, {
    Literal: (node) => {
      if (typeof node.value === "string") note(node.value, node.start);
    },
    TemplateLiteral: (node) => note(node.quasis[0]?.value.raw ?? "", node.start),
  });
  return quotes;
}

/** Each rule of a SPEC.md is quoted by a test of its part, and each quoted rule stands there. */
export function checkRules(house: House): Violation[] {
  const violations: Violation[] = [];
  const rules = rulesOf(house);
  const known = new Map<string, Rule>();
  for (const rule of rules) {
    const complain = (what: string): void => void violations.push({ check: "rules", file: rule.file, line: rule.line, what });
    const letter = partOf(rule.file)?.ruleLetter;
    if (letter !== undefined && !rule.id.startsWith(letter)) complain(`${rule.id}: rules of this part begin with ${letter}`);
    if (known.has(rule.id)) complain(`${rule.id} stands twice`);
    known.set(rule.id, rule);
  }
  const quoted = new Set<string>();
  for (const file of house.sources) {
    if (!file.test) continue;
    for (const { id, at } of quotesOf(file)) {
      const rule = known.get(id);
      const line = lineAt(file.text, at);
      if (rule === undefined) violations.push({ check: "rules", file: file.name, line, what: `${id} stands in no SPEC.md` });
      // A rule is tested where it stands; a test elsewhere may quote it, and does not count.
      else if (partOf(rule.file) === file.part) quoted.add(id);
    }
  }
  for (const rule of known.values()) {
    if (!quoted.has(rule.id))
      violations.push({
        check: "rules",
        file: rule.file,
        line: rule.line,
        what: `no test of this part quotes ${rule.id}`,
      });
  }
  return violations;
}

const CODES_FILE = "packages/vocab/src/fault-codes.ts";
const FAULTS_PAGE = "docs/reference/faults.md";

/** Fault codes stand in the list and on the page, both ways. */
export function checkFaults(house: House): Violation[] {
  const source = house.sources.find((file) => file.name === CODES_FILE);
  const page = house.documents.get(FAULTS_PAGE);
  if (source === undefined || page === undefined) {
    return [{ check: "faults", file: source === undefined ? CODES_FILE : FAULTS_PAGE, line: 1, what: "the file is missing" }];
  }
  const codes = new Map<string, number>();
  visit(source, {
    Property: (node) => {
      if (node.key.type === "Literal") codes.set(String(node.key.value), lineAt(source.text, node.start));
      else if (node.key.type === "Identifier") codes.set(node.key.name, lineAt(source.text, node.start));
    },
  });
  const rows = new Map<string, number>();
  const violations: Violation[] = [];
  page.split("\n").forEach((line, index) => {
    const [, code, happened, remedy] = /^\|\s*`([^`]+)`\s*\|([^|]*)\|([^|]*)\|/.exec(line) ?? [];
    if (code === undefined) return;
    if (rows.has(code)) violations.push({ check: "faults", file: FAULTS_PAGE, line: index + 1, what: `${code} stands twice` });
    if (happened?.trim() === "" || remedy?.trim() === "")
      violations.push({ check: "faults", file: FAULTS_PAGE, line: index + 1, what: `${code} says nothing` });
    rows.set(code, index + 1);
  });
  for (const [code, line] of codes) {
    if (!rows.has(code)) violations.push({ check: "faults", file: CODES_FILE, line, what: `${code} has no row in ${FAULTS_PAGE}` });
  }
  for (const [code, line] of rows) {
    if (!codes.has(code)) violations.push({ check: "faults", file: FAULTS_PAGE, line, what: `${code} is not in ${CODES_FILE}` });
  }
  return violations;
}
