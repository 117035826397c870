import path from "node:path";
import type { Part } from "../import-table.ts";
import { PARTS, ROOT_SCRIPTS } from "../import-table.ts";
import type { House, SourceFile, Violation } from "./house.ts";
import { keysAt, lineAt, partOf, readJson, visit } from "./house.ts";

interface Import {
  /** undefined when it is computed at run time. */
  readonly of: string | undefined;
  readonly at: number;
}

/** Static and dynamic imports, re-exports, and `import("...")` types. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  const { module } = file.parsed;
  for (const one of module.staticImports) found.push({ of: one.moduleRequest.value, at: one.start });
  for (const one of module.staticExports) {
    const from = one.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (from !== undefined && from !== null) found.push({ of: from.value, at: one.start });
  }
  visit(file, {
    ImportExpression: (node) => {
      const { source } = node;
      found.push({
        of: source.type === "Literal" && typeof source.value === "string" ? source.value : undefined,
        at: node.start,
      });
    },
    TSImportType: (node) => {
      found.push({ of: node.source.value, at: node.start });
    },
    CallExpression: (node) => {
      const [first] = node.arguments;
      if (node.callee.type !== "Identifier" || node.callee.name !== "require" || first === undefined) return;
      found.push({
        of: first.type === "Literal" && typeof first.value === "string" ? first.value : undefined,
        at: node.start,
      });
    },
  });
  return found;
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function manifestOf(part: Part): string {
  return part.folder.startsWith("server/") ? "server/package.json" : `${part.folder}/package.json`;
}

function isScript(file: SourceFile, part: Part): boolean {
  return part.scripts?.some((script) => file.name === `${part.folder}/${script}`) ?? false;
}

/** Why this import is not allowed, or undefined. */
function refusal(house: House, file: SourceFile, part: Part, specifier: string | undefined): string | undefined {
  const machine = part.kind === "machine" || file.test || isScript(file, part);
  if (specifier === undefined) return machine ? undefined : "an import whose name is computed";
  if (specifier.startsWith("node:")) return machine ? undefined : `${part.name} names ${specifier}; only ports, station, simulators, bench and tools may`;
  if (specifier.startsWith(".")) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file.name), specifier));
    const other = partOf(target);
    if (other === part) return undefined;
    if (other === undefined) return `${specifier} leads out of the part`;
    if (target !== other.door) return `${target} is behind the door of ${other.name} (${other.door})`;
    if (other.kind === "floor") return `${other.name} is imported by its path; its name is @mingjian/${other.name}`;
    return mayUse(file, part, other) ? undefined : `${part.name} imports ${other.name}, which the import table does not give it`;
  }
  if (specifier.startsWith("@mingjian/")) {
    const other = PARTS.find((one) => specifier === `@mingjian/${one.name}`);
    if (other === undefined) return `${specifier} is not the door of any part`;
    return mayUse(file, part, other) ? undefined : `${part.name} imports ${other.name}, which the import table does not give it`;
  }
  const name = packageName(specifier);
  if (machine && (file.test || isScript(file, part))) {
    const manifests = [readJson(house, manifestOf(part)), readJson(house, "package.json")];
    const known = manifests.flatMap((manifest) => [...keysAt(manifest, "dependencies"), ...keysAt(manifest, "devDependencies")]);
    return known.includes(name) ? undefined : `${name} is in no manifest`;
  }
  return part.packages.includes(name) ? undefined : `${part.name} imports ${name}, which the import table does not give it`;
}

/** A test may use any door, but the tests of the floor stay on the floor. */
function mayUse(file: SourceFile, part: Part, other: Part): boolean {
  if (part.uses.includes(other.name) || part === other) return true;
  return file.test && (part.kind !== "floor" || other.kind === "floor");
}

export function checkImports(house: House): Violation[] {
  const violations: Violation[] = [];
  for (const file of house.sources) {
    if (file.part === undefined) {
      const expected = ROOT_SCRIPTS.includes(file.name) || file.name.startsWith(".ci/");
      if (!expected)
        violations.push({
          check: "files",
          file: file.name,
          line: 1,
          what: "a source that belongs to no part of the import table",
        });
      continue;
    }
    for (const one of importsOf(file)) {
      const what = refusal(house, file, file.part, one.of);
      if (what !== undefined) violations.push({ check: "imports", file: file.name, line: lineAt(file.text, one.at), what });
    }
  }
  for (const part of PARTS) {
    // A check that reads nothing finds nothing: an empty part is a wrong table.
    const read = house.sources.some((file) => file.part === part && !file.test);
    if (!read)
      violations.push({
        check: "files",
        file: part.folder,
        line: 1,
        what: "the import table names this part, and it has no source",
      });
  }
  return violations;
}

/** Every manifest against the table and against what is really imported. */
export function checkManifests(house: House): Violation[] {
  const violations: Violation[] = [];
  for (const name of new Set(PARTS.map(manifestOf))) {
    const parts = PARTS.filter((part) => manifestOf(part) === name);
    const manifest = readJson(house, name);
    const complain = (what: string): void => void violations.push({ check: "manifests", file: name, line: 1, what });
    if (manifest === undefined) {
      complain("the manifest is missing");
      continue;
    }
    const declared = keysAt(manifest, "dependencies");
    const declaredForTests = keysAt(manifest, "devDependencies");
    const imported = new Set<string>();
    const importedInSources = new Set<string>();
    for (const file of house.sources) {
      if (file.part === undefined || !parts.includes(file.part)) continue;
      for (const { of: specifier } of importsOf(file)) {
        if (specifier === undefined || specifier.startsWith(".") || specifier.startsWith("node:")) continue;
        imported.add(packageName(specifier));
        if (!file.test) importedInSources.add(packageName(specifier));
      }
    }
    for (const one of importedInSources) {
      const scriptOnly = parts.some((part) => part.scripts !== undefined) && declaredForTests.includes(one);
      if (!declared.includes(one) && !scriptOnly) complain(`${one} is imported and not among the dependencies`);
    }
    for (const one of declared) {
      const ours = PARTS.find((part) => one === `@mingjian/${part.name}`);
      if (ours !== undefined && !imported.has(one)) complain(`${one} is a dependency and nothing imports it`);
      const allowed = ours === undefined ? true : parts.some((part) => part.uses.includes(ours.name));
      if (!allowed) complain(`${one} is a dependency that the import table does not give`);
    }
  }
  return violations;
}
