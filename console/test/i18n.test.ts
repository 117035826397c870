import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_CODES } from "@mingjian/vocab";
import { GAP_CAUSES } from "@mingjian/media";
import { CAMERA_STATES, PROBE_STEPS, ROLES } from "@mingjian/contract";
import { SHORTCUTS } from "../src/app/shortcuts.ts";
import { en } from "../src/i18n/en.ts";
import { zhCN } from "../src/i18n/zh-CN.ts";

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

function leaves(tree: Tree, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const here = path === "" ? key : `${path}.${key}`;
    if (isTree(value)) for (const [at, text] of leaves(value, here)) found.set(at, text);
    else found.set(here, String(value));
  }
  return found;
}

const chinese = leaves(zhCN);
const english = leaves(en);
const places = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "").toSorted();

test("both catalogues have the same keys", () => {
  assert.deepEqual([...english.keys()].toSorted(), [...chinese.keys()].toSorted());
});

test("both catalogues fill the same places", () => {
  for (const [key, text] of chinese) assert.deepEqual(places(english.get(key) ?? ""), places(text), key);
});

test("no text is empty, and Chinese texts are Chinese", () => {
  const sameInBoth = new Set(["app.language", "wizard.tcp", "wizard.udp", "live.noClock", "wall.of", "playback.gapSpan"]);
  for (const [key, text] of [...chinese, ...english]) assert.notEqual(text.trim(), "", key);
  for (const [key, text] of chinese) if (!sameInBoth.has(key)) assert.match(text, /\p{Script=Han}/u, key);
});

test("every fault code has a sentence in both languages", () => {
  const faults: Tree = zhCN.faults;
  for (const code of Object.keys(FAULT_CODES)) assert.ok(code in faults, `i18n/faults-*.ts lack ${code}`);
});

test("every gap cause, camera state, probe step, role and shortcut has its word", () => {
  const lists: readonly [Tree, readonly string[]][] = [
    [zhCN.gaps, GAP_CAUSES],
    [zhCN.states, CAMERA_STATES],
    [zhCN.probe, PROBE_STEPS],
    [zhCN.probeRemedies, PROBE_STEPS],
    [zhCN.roles, ROLES],
    [zhCN.sheet, SHORTCUTS.map((one) => one.action)],
  ];
  for (const [words, names] of lists) for (const name of names) assert.ok(name in words, name);
});
