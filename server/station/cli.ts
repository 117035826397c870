import { isFault } from "@mingjian/vocab";
import type { Io } from "./commands/io.ts";
import { processIo } from "./commands/io.ts";

type Command = (args: string[], io: Io) => Promise<number>;

/** Each command is loaded when it is asked for: `law` needs no database, `start` no law files. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.ts")).startCommand,
  camera: async () => (await import("./commands/camera.ts")).cameraCommand,
  play: async () => (await import("./commands/play.ts")).playCommand,
  fsck: async () => (await import("./commands/fsck.ts")).fsckCommand,
  user: async () => (await import("./commands/user.ts")).userCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  law: async () => (await import("./commands/law.ts")).lawCommand,
  bench: async () => (await import("./commands/bench.ts")).benchCommand,
};

const HELP = `mingjian COMMAND [options]      明鉴

  start [--demo] [--no-demo]     run the station (npm start adds --demo)      运行
  camera add|list|probe|remove   cameras of this station                      摄像机
  play                           a span of footage into a file                录像导出为文件
  fsck [--fast]                  prove that all footage is whole              完整性检查
  user add|list|roles|password|unlock   users of this station                 用户
  doctor                         look over this machine                       环境检查
  law ...                        ask, compare and explain the law             法规
  bench NAME                     measure                                      测量

Each command tells its options with --help. Settings: <data>/mingjian.toml and the environment (MINGJIAN_DATA, MINGJIAN_PORT, ...).
`;

async function main(): Promise<number> {
  const io = processIo();
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    io.out(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "version") {
    io.out(`${(await import("./main.ts")).programVersion()}\n`);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    io.err(`mingjian: no command ${name}\n\n${HELP}`);
    return 2;
  }
  try {
    return await (
      await load()
    )(args, io);
  } catch (error) {
    if (isFault(error)) {
      io.err(`mingjian: ${error.code}: ${error.message}\n`);
      return 1;
    }
    if (error instanceof TypeError && (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") === true) {
      io.err(`mingjian ${name}: ${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

process.exitCode = await main();
