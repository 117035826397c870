import type { House, Violation } from "./house.ts";
import { keysAt, lineAt, readJson, visit } from "./house.ts";
import { PARTS } from "../import-table.ts";

/** Globals that bring in the machine, the clock, chance or the browser. The compiler refuses the rest: see `checkCompiler`. */
const FORBIDDEN_GLOBALS = new Set([
  "process",
  "fetch",
  "Buffer",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "clearImmediate",
  "queueMicrotask",
  "performance",
  "crypto",
  "localStorage",
  "sessionStorage",
  "XMLHttpRequest",
  "WebSocket",
  "globalThis",
  "require",
]);
const FORBIDDEN_MEMBERS = new Set(["Date.now", "Math.random"]);

/** The pure floor: the same input gives the same answer in ten years. */
export function checkWords(house: House): Violation[] {
  const violations: Violation[] = [];
  for (const file of house.sources) {
    if (file.part?.kind !== "floor" || file.test) continue;
    const complain = (at: number, word: string): void =>
      void violations.push({
        check: "words",
        file: file.name,
        line: lineAt(file.text, at),
        what: `the pure floor names ${word}`,
      });
    const properties = new Set<number>();
    visit(file, {
      MemberExpression: (node) => {
        if (node.computed || node.property.type !== "Identifier") return;
        properties.add(node.property.start);
        if (node.object.type !== "Identifier") return;
        const word = `${node.object.name}.${node.property.name}`;
        if (FORBIDDEN_MEMBERS.has(word)) complain(node.start, word);
      },
      Property: (node) => {
        if (!node.computed && !node.shorthand) properties.add(node.key.start);
      },
      PropertyDefinition: (node) => void properties.add(node.key.start),
      MethodDefinition: (node) => void properties.add(node.key.start),
      TSPropertySignature: (node) => void properties.add(node.key.start),
      TSMethodSignature: (node) => void properties.add(node.key.start),
      NewExpression: (node) => {
        if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0) complain(node.start, "new Date() of now");
      },
      CallExpression: (node) => {
        if (node.callee.type === "Identifier" && node.callee.name === "Date") complain(node.start, "Date() of now");
      },
      Identifier: (node) => {
        if (FORBIDDEN_GLOBALS.has(node.name) && !properties.has(node.start)) complain(node.start, node.name);
      },
    });
  }
  return violations;
}

const BASE = "tsconfig.base.json";

/** The floor's sources are compiled without the types of Node and of the browser: by the base settings, which no part of it loosens. */
export function checkCompiler(house: House): Violation[] {
  const violations: Violation[] = [];
  const complain = (file: string, what: string): void => void violations.push({ check: "words", file, line: 1, what });
  const base = JSON.stringify(readJson(house, BASE) ?? {});
  if (!base.includes('"types":[]') || !base.includes('"lib":["es2024"]')) complain(BASE, "the base settings bring in types of Node or of the browser");
  for (const part of PARTS) {
    if (part.kind !== "floor") continue;
    const file = `${part.folder}/tsconfig.json`;
    const settings = readJson(house, file);
    if (settings === undefined) complain(file, "the settings are missing");
    for (const key of keysAt(settings, "compilerOptions")) {
      if (key === "types" || key === "lib") complain(file, `the floor's settings change ${key}`);
    }
  }
  return violations;
}
