import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Violation } from "./tidy/house.ts";
import { openHouse } from "./tidy/house.ts";
import { checkImports, checkManifests } from "./tidy/imports.ts";
import { checkLinks, checkRecognition, checkSizes } from "./tidy/pages.ts";
import { checkFaults, checkRules } from "./tidy/rules.ts";
import { checkCompiler, checkWords } from "./tidy/words.ts";

/** Every check of the house below `root`. */
export function tidy(root: string): Violation[] {
  const house = openHouse(root);
  const checks = [checkImports, checkManifests, checkWords, checkCompiler, checkRules, checkFaults, checkLinks, checkSizes, checkRecognition];
  return checks.flatMap((check) => check(house));
}

export function sentence({ check, file, line, what }: Violation): string {
  return `${file}:${line} ${check}: ${what}`;
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const violations = tidy(path.resolve(fileURLToPath(import.meta.url), "../../.."));
  for (const violation of violations) console.log(sentence(violation));
  console.log(violations.length === 0 ? "tidy" : `${violations.length} to put right`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
