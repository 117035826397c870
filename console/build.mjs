// Bundles the console into console/dist: index.html and files named by their content under assets/.
// Usage: node console/build.mjs [--dev]   (--dev keeps names readable and adds source maps)
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const dev = process.argv.includes("--dev");

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const result = await build({
  entryPoints: [join(here, "src/main.tsx")],
  outdir: join(dist, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  jsx: "automatic",
  // Browsers that play fragmented MP4 with changeType and have container queries.
  target: ["chrome108", "firefox110", "safari16.4"],
  define: { "process.env.NODE_ENV": dev ? '"development"' : '"production"' },
  minify: !dev,
  sourcemap: dev,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  absWorkingDir: here,
});

const outputs = Object.entries(result.metafile.outputs);
const entry = outputs.find(([, output]) => output.entryPoint?.endsWith("main.tsx"));
if (entry === undefined) throw new Error("the bundle has no entry");
const [script, output] = entry;
const styles = output.cssBundle === undefined ? [] : [output.cssBundle];
// What the entry imports at once loads beside it, not after it.
const preloads = output.imports.filter((one) => one.kind === "import-statement").map((one) => one.path);

const template = await readFile(join(here, "index.html"), "utf8");
const head = [
  ...styles.map((path) => `<link rel="stylesheet" href="/assets/${basename(path)}">`),
  ...preloads.map((path) => `<link rel="modulepreload" href="/assets/${basename(path)}">`),
  `<script type="module" src="/assets/${basename(script)}"></script>`,
];
await writeFile(join(dist, "index.html"), template.replace("<!-- head -->", head.join("\n    ")));
const bytes = outputs.reduce((sum, [, one]) => sum + one.bytes, 0);
console.log(`console: ${outputs.length} files, ${Math.round(bytes / 1024)} KiB in ${dist}`);
