import { readFileSync, writeFileSync } from "node:fs";
import { coveragePage, coverageProblems, packs, readCoverage } from "@mingjian/law";

/**
 * Writes docs/reference/law-coverage.md from packages/law/coverage/. With `--check` it writes nothing and ends
 * with status 1 when the page is not what the sources give.
 */
function main(args: readonly string[]): number {
  const root = new URL("../../", import.meta.url);
  const page = new URL("docs/reference/law-coverage.md", root);
  const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`packages/law/coverage/${name}.json`, root), "utf8"));
  const found = readCoverage(read("rows"), read("features"), [...packs.keys()].map(read));
  const problems = "problems" in found ? found.problems : coverageProblems(found, packs);
  if (problems.length > 0 || "problems" in found) {
    process.stderr.write(`${problems.join("\n")}\n`);
    return 1;
  }
  const text = coveragePage(found, packs);
  if (!args.includes("--check")) {
    writeFileSync(page, text);
    return 0;
  }
  if (text === readFileSync(page, "utf8")) return 0;
  process.stderr.write("docs/reference/law-coverage.md is not up to date: run node tools/src/law-coverage.ts\n");
  return 1;
}

process.exitCode = main(process.argv.slice(2));
