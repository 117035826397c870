import { assert } from "@mingjian/vocab";
import guangdong from "../packs/guangdong-2009/pack.json" with { type: "json" };
import lhasa from "../packs/lhasa-2024/pack.json" with { type: "json" };
import liaoning from "../packs/liaoning-2008/pack.json" with { type: "json" };
import national from "../packs/national-2025/pack.json" with { type: "json" };
import xinjiang from "../packs/xinjiang-2014/pack.json" with { type: "json" };
import yunnan from "../packs/yunnan-2016/pack.json" with { type: "json" };
import { checkPack, sortPack } from "./pack.ts";
import type { Pack } from "./pack.ts";
import type { PackData } from "./types.ts";

/** The packs a judge may ask, by id. */
export type Packs = ReadonlyMap<string, Pack>;

function builtin(value: unknown): Pack {
  const problems = checkPack(value);
  assert(problems.length === 0, `a built-in pack is sound: ${JSON.stringify(problems[0])}`);
  return sortPack(value as PackData);
}

/** The packs that come with the product, the superior regulation last. */
export const packs: Packs = new Map(
  [yunnan, guangdong, xinjiang, lhasa, liaoning, national].map(builtin).map((pack) => [pack.data.id, pack]),
);
