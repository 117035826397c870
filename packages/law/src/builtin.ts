import guangdong from "../packs/guangdong-2009/pack.json" with { type: "json" };
import lhasa from "../packs/lhasa-2024/pack.json" with { type: "json" };
import liaoning from "../packs/liaoning-2008/pack.json" with { type: "json" };
import national from "../packs/national-2025/pack.json" with { type: "json" };
import xinjiang from "../packs/xinjiang-2014/pack.json" with { type: "json" };
import yunnan from "../packs/yunnan-2016/pack.json" with { type: "json" };
import { checkPack, sortPack } from "./pack.ts";
import type { Pack } from "./pack.ts";
import type { Problem } from "./schema.ts";
import type { PackData } from "./types.ts";

/** The packs a judge may ask, by id. */
export type Packs = ReadonlyMap<string, Pack>;

const values: readonly unknown[] = [yunnan, guangdong, xinjiang, lhasa, liaoning, national];
const sound = new Map<string, Pack>();
const problems: Problem[] = [];
for (const value of values) {
  const found = checkPack(value);
  if (found.length > 0) problems.push(...found);
  else {
    const pack = sortPack(value as PackData);
    sound.set(pack.data.id, pack);
  }
}

/** The packs that come with the product, the superior regulation last. An unsound one is left out. */
export const packs: Packs = sound;

/**
 * What is wrong with built-in packs: nothing, a test holds it. While an author works on one, the others and
 * `law lint` still run.
 */
export const builtInProblems: readonly Problem[] = problems;
