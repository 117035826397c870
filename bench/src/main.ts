import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

interface Bench {
  run(args: string[]): Promise<void>;
}

/** `node bench/src/main.ts NAME args`: one command a figure, in NAME.ts beside this file. */
async function main(): Promise<number> {
  const [name = "", ...args] = process.argv.slice(2);
  const benches = readdirSync(import.meta.dirname).filter((file) => BENCHES.includes(file.replace(/\.ts$/, "")));
  const file = path.join(import.meta.dirname, `${name}.ts`);
  if (!BENCHES.includes(name) || !existsSync(file)) {
    console.error(`bench NAME [--help]   one of: ${benches.map((one) => one.replace(/\.ts$/, "")).join(", ")}`);
    return 2;
  }
  const bench = (await import(file)) as Bench;
  await bench.run(args);
  return 0;
}

const BENCHES = ["record", "live", "seek", "crash", "law", "depacketise", "recordpath", "foreign"];

process.exitCode = await main();
