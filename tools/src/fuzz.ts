import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { createHash } from "node:crypto";
import { fuzz } from "./fuzz/engine.ts";
import { TARGETS } from "./fuzz/targets.ts";

const HELP = `node tools/src/fuzz.ts TARGET|all [--inputs 100000] [--seed 1]
Coverage-guided fuzzing of what reads bytes from outside. Targets: ${Object.keys(TARGETS).join(", ")}.
An input that breaks a property is written to tools/fuzz-seeds/TARGET/ and stays there: every later run begins with it.
`;

export const SEEDS = path.join(import.meta.dirname, "../fuzz-seeds");

/** Inputs that once broke the target. */
export function keptSeeds(target: string): Uint8Array[] {
  try {
    return readdirSync(path.join(SEEDS, target)).map((name) => new Uint8Array(readFileSync(path.join(SEEDS, target, name))));
  } catch {
    return [];
  }
}

/** Returns whether the target held. */
function run(name: string, inputs: number, seed: number): boolean {
  const target = TARGETS[name];
  if (target === undefined) throw new Error(`no target ${name}\n${HELP}`);
  const begunMs = performance.now();
  const result = fuzz(target.property, {
    inputs,
    seed,
    starts: [...target.starts, ...keptSeeds(name)],
    follows: (url) => url.includes("/packages/"),
  });
  const perSecond = Math.round((result.inputs * 1000) / (performance.now() - begunMs));
  console.log(`${name}: ${result.inputs} inputs, ${perSecond} a second, ${result.corpus.length} kept for what they reach`);
  if (result.failure === undefined) return true;
  const { input, error } = result.failure;
  const folder = path.join(SEEDS, name);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16));
  writeFileSync(file, input);
  console.log(`${name}: broken by ${file}`);
  console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return false;
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  const [wanted] = positionals;
  if (values.help || wanted === undefined) console.log(HELP);
  else {
    const names = wanted === "all" ? Object.keys(TARGETS) : [wanted];
    const held = names.map((name) => run(name, Number(values.inputs), Number(values.seed)));
    process.exitCode = held.every(Boolean) ? 0 : 1;
  }
}
