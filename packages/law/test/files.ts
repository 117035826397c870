import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { loadPack } from "../src/pack.ts";
import type { Pack } from "../src/pack.ts";

export const PACK_IDS = ["yunnan-2016", "guangdong-2009", "xinjiang-2014", "lhasa-2024", "liaoning-2008", "national-2025"] as const;

export interface Case {
  readonly id: string;
  readonly pack: string;
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>>;
  readonly why: string;
}

export function readCases(url: URL): Case[] {
  const lines = readFileSync(url, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.map((line) => JSON.parse(line) as Case);
}

export function packFolder(id: string): URL {
  return new URL(`../packs/${id}/`, import.meta.url);
}

const loaded = new Map<string, Pack>();

/** Loads a pack from its file, so that one unsound pack does not hide the others' results. */
export function readPack(id: string): Pack {
  const pack = loaded.get(id) ?? loadFile(id);
  loaded.set(id, pack);
  return pack;
}

function loadFile(id: string): Pack {
  const result = loadPack(readFileSync(new URL("pack.json", packFolder(id)), "utf8"));
  if ("pack" in result) return result.pack;
  const list = result.problems.map((problem) => `  line ${problem.line} ${problem.path}: ${problem.message.en}; ${problem.remedy.en}`);
  return assert.fail(`packs/${id}/pack.json\n${list.join("\n")}`);
}
