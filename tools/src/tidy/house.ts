import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { Visitor, parseSync } from "oxc-parser";
import type { ParseResult, VisitorObject } from "oxc-parser";
import type { Part } from "../import-table.ts";
import { PARTS } from "../import-table.ts";

/** What tidy found, where, and which of its checks found it. */
export interface Violation {
  readonly check: "imports" | "manifests" | "words" | "rules" | "faults" | "links" | "sizes" | "recognition" | "files";
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly name: string;
  readonly text: string;
  readonly part: Part | undefined;
  readonly test: boolean;
  readonly parsed: ParseResult;
}

export interface House {
  readonly root: string;
  readonly sources: readonly SourceFile[];
  /** Markdown files, by name. */
  readonly documents: ReadonlyMap<string, string>;
  /** Every file of ours, by name. */
  readonly names: ReadonlySet<string>;
}

const SKIPPED_FOLDERS = new Set(["node_modules", ".git", "dist", "build", "coverage", "fixtures", "data"]);
const SOURCE = /\.(?:ts|tsx|mts|mjs|js)$/;

function* walk(root: string, folder: string): Generator<string> {
  for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name) && !(entry.name.startsWith(".") && entry.name !== ".ci")) yield* walk(root, name);
    } else if (entry.isFile()) yield name;
  }
}

export function partOf(name: string): Part | undefined {
  return PARTS.find((part) => name.startsWith(`${part.folder}/`));
}

/** Reads all of the house's own files below `root`. */
export function openHouse(root: string): House {
  const names = new Set(walk(root, ""));
  const sources: SourceFile[] = [];
  const documents = new Map<string, string>();
  for (const name of names) {
    if (name.endsWith(".md")) documents.set(name, readFileSync(path.join(root, name), "utf8"));
    if (!SOURCE.test(name)) continue;
    const text = readFileSync(path.join(root, name), "utf8");
    sources.push({ name, text, part: partOf(name), test: /(?:^|\/)test\//.test(name), parsed: parseSync(name, text) });
  }
  return { root, sources, documents, names };
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

export function visit(file: SourceFile, visitor: VisitorObject): void {
  new Visitor(visitor).visit(file.parsed.program);
}

/** A JSON file of the house, or undefined when it is not there. */
export function readJson(house: House, name: string): unknown {
  const file = path.join(house.root, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown) : undefined;
}

/** The keys of an object inside a JSON value, such as the names of a manifest's dependencies. */
export function keysAt(value: unknown, key: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  const inner: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof inner === "object" && inner !== null ? Object.keys(inner) : [];
}
