import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { coveragePage, servedBy } from "../src/coverage-page.ts";
import { coverageProblems, hasEntry, readCoverage } from "../src/coverage.ts";
import type { Coverage, CoverageRow } from "../src/coverage.ts";
import { PACK_IDS, readPack } from "./files.ts";

const ROOT = new URL("../../../", import.meta.url);
const ROWS_TOTAL = 467;
const packs = new Map(PACK_IDS.map((id) => [id as string, readPack(id)] as const));

function file(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`packages/law/coverage/${name}.json`, ROOT), "utf8"));
}

function whole(): Coverage {
  const read = readCoverage(file("rows"), file("features"), PACK_IDS.map(file));
  return "problems" in read ? assert.fail(read.problems.join("\n")) : read;
}

/** The coverage with one row of a table changed, left out or doubled. */
function changed(pack: string, row: string, change: (found: CoverageRow) => readonly CoverageRow[]): string[] {
  const coverage = whole();
  const tables = coverage.tables.map((table) =>
    table.pack === pack ? { pack, rows: table.rows.flatMap((found) => (found.row === row ? change(found) : [found])) } : table,
  );
  return coverageProblems({ ...coverage, tables }, packs);
}

describe("law coverage", () => {
  test("[L40] every row of the six texts has exactly one entry, and each cited pack entry exists", () => {
    const coverage = whole();
    assert.deepEqual(coverageProblems(coverage, packs), []);
    assert.equal(
      coverage.tables.reduce((sum, table) => sum + table.rows.length, 0),
      ROWS_TOTAL,
    );
  });

  test("a feature said to be built lives in a folder of this repository", () => {
    for (const [key, { built }] of Object.entries(whole().words.features)) {
      if (built !== undefined) assert.ok(existsSync(new URL(built, ROOT)), `${key}: ${built}`);
    }
  });

  test("[L40] docs/reference/law-coverage.md is up to date", () => {
    const page = readFileSync(new URL("docs/reference/law-coverage.md", ROOT), "utf8");
    assert.ok(page === coveragePage(whole(), packs), "run: node tools/src/law-coverage.ts");
  });

  test("a row left out, doubled, unknown or out of place is found", () => {
    assert.deepEqual(
      changed("lhasa-2024", "4.2", () => []),
      ["lhasa-2024 4.2: no entry"],
    );
    assert.deepEqual(
      changed("lhasa-2024", "32.1", (row) => [row, row]),
      ["lhasa-2024 32.1: two entries"],
    );
    assert.deepEqual(
      changed("lhasa-2024", "32.1", (row) => [row, { ...row, row: "99.1", pack: ["retention 32"] }]),
      ["lhasa-2024 99.1: the text has no such row"],
    );
    const coverage = whole();
    const tables = coverage.tables.map((table) => ({ ...table, rows: table.rows.toReversed() }));
    assert.deepEqual(
      coverageProblems({ ...coverage, tables }, packs),
      PACK_IDS.map((id) => `${id}: rows are not in the order of the text`),
    );
    assert.deepEqual(coverageProblems({ ...coverage, tables: coverage.tables.slice(1) }, packs)[0], "yunnan-2016: no table");
  });

  test("an article or item without a row is found", () => {
    const coverage = whole();
    const rows = { ...coverage.rows, "lhasa-2024": coverage.rows["lhasa-2024"]?.filter((row) => row !== "3.1" && row !== "36.1(5)") ?? [] };
    const tables = coverage.tables.map((table) =>
      table.pack === "lhasa-2024" ? { ...table, rows: table.rows.filter((row) => row.row !== "3.1" && row.row !== "36.1(5)") } : table,
    );
    assert.deepEqual(coverageProblems({ ...coverage, rows, tables }, packs), ["lhasa-2024: article 3 has no row", "lhasa-2024: item 36(5) has no row"]);
  });

  test("an entry that cites nothing, too much, or what does not exist is found", () => {
    const says = { zh: "经费", en: "budget" };
    const change = (entry: Omit<CoverageRow, "row" | "says">): string[] => changed("lhasa-2024", "4.2", ({ row }) => [{ row, says, ...entry }]);
    assert.deepEqual(change({}), ["lhasa-2024 4.2: needs what serves it, or the reason why nothing does, not both"]);
    assert.deepEqual(change({ pack: ["retention 32"], none: "purpose" }), ["lhasa-2024 4.2: needs what serves it, or the reason why nothing does, not both"]);
    assert.deepEqual(change({ pack: ["retention 31"] }), ['lhasa-2024 4.2: the pack has no entry "retention 31"']);
    assert.deepEqual(change({ pack: ["custom 32"] }), ['lhasa-2024 4.2: the pack has no entry "custom 32"']);
    assert.deepEqual(change({ features: ["no-such-thing"] }), ['lhasa-2024 4.2: there is no feature "no-such-thing"']);
    assert.deepEqual(change({ none: "no-such-reason" }), ['lhasa-2024 4.2: there is no reason "no-such-reason"']);
  });

  test("a rule of a pack that no row cites is found", () => {
    assert.deepEqual(
      changed("lhasa-2024", "32.1", (row) => [{ row: row.row, says: row.says, features: ["retention"] }]),
      ['lhasa-2024: no row cites the retention rule "retention-general"', 'lhasa-2024: no row cites the duty rule "duty-deletion"'],
    );
  });

  test("a feature or reason that serves no row is found", () => {
    const coverage = whole();
    const features = { ...coverage.words.features, spare: { zh: "多余", en: "spare" } };
    assert.deepEqual(coverageProblems({ ...coverage, words: { ...coverage.words, features } }, packs), ['features.json: "spare" serves no row']);
  });

  test("files of the wrong shape are answered with sentences, not used", () => {
    const read = readCoverage({ "lhasa-2024": ["32"] }, { features: {}, reasons: {} }, [{ pack: "lhasa-2024", rows: [{ row: "32.1", say: "" }] }]);
    assert.ok("problems" in read);
    assert.ok(
      read.problems.some((problem) => problem.startsWith("rows.json /lhasa-2024/0: ")),
      read.problems.join("\n"),
    );
    assert.ok(
      read.problems.some((problem) => problem.startsWith("table 1 /rows/0")),
      read.problems.join("\n"),
    );
  });

  test("an article alone stands for its items, an item only for itself, `effective` for its own article", () => {
    const lhasa = readPack("lhasa-2024");
    assert.equal(hasEntry(lhasa, "9.1", "place 9"), true);
    assert.equal(hasEntry(lhasa, "9.1(1)", "place 9(1)"), true);
    assert.equal(hasEntry(lhasa, "9.1(14)", "place 9(14)"), false);
    assert.equal(hasEntry(lhasa, "28.1", "access 28"), true);
    assert.equal(hasEntry(lhasa, "11.2", "place 11"), true);
    assert.equal(hasEntry(lhasa, "42.1", "effective"), true);
    assert.equal(hasEntry(lhasa, "4.1", "effective"), false);
  });

  test("a row counts as answered by the pack before a feature, built before planned", () => {
    const words = { features: { old: { zh: "旧", en: "old", built: "server" }, new: { zh: "新", en: "new" } }, reasons: {} };
    const row = { row: "1.1", says: { zh: "甲", en: "a" } };
    assert.equal(servedBy({ ...row, pack: ["place 1"], features: ["new"] }, words), "pack");
    assert.equal(servedBy({ ...row, features: ["new", "old"] }, words), "built");
    assert.equal(servedBy({ ...row, features: ["new"] }, words), "planned");
    assert.equal(servedBy({ ...row, none: "purpose" }, words), "none");
  });
});
