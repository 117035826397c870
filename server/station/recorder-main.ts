import { Socket } from "node:net";
import path from "node:path";
import { ChunkPool } from "@mingjian/media";
import { createIngest } from "../ingest/index.ts";
import { sha256, systemChance, systemClock, systemDisk, systemNet } from "../ports/index.ts";
import { createRecorder } from "../recording/index.ts";
import { Link } from "./link.ts";
import type { LinkMessage } from "./link.ts";
import { createLog } from "./log.ts";
import { probeSource } from "./probe.ts";
import { faultMessage } from "./recorder.ts";
import type { RecorderSettings, RecorderSource, SourceToProbe } from "./recorder-messages.ts";
import { RecorderProcess } from "./recorder-process.ts";

/** File descriptor of the pipe to the station. */
const LINK_FD = 3;
const BYTES_PER_MB = 1_048_576;

/** The recorder process: receives, records, and ends when the pipe to the station closes. */
async function main(): Promise<void> {
  const settings = JSON.parse(process.env["MINGJIAN_RECORDER"] ?? "{}") as RecorderSettings;
  const log = createLog(settings.logLevel, "recorder");
  const clock = systemClock();
  const chance = systemChance();
  const net = systemNet();
  const pool = new ChunkPool();
  let room: RecorderProcess | undefined;
  const early: LinkMessage[] = [];
  const take = (message: LinkMessage): void => {
    if (message.t === "stop") return void end(0);
    if (message.t === "probe") return void probe(message);
    if (room === undefined) early.push(message);
    else if (message.t === "apply") room.apply(message["sources"] as readonly RecorderSource[]);
    else if (message.t === "watch") room.watch(message["stream"] as never, message["on"] === true);
    return undefined;
  };
  const link = new Link(new Socket({ fd: LINK_FD }), take, () => void end(0));
  let ending = false;
  const end = async (status: number): Promise<void> => {
    if (ending) return;
    ending = true;
    try {
      await room?.stop();
    } catch (error) {
      log.error({ error: String(error) }, "the recorder did not stop cleanly");
    }
    process.exit(status);
  };
  const probe = async (message: LinkMessage): Promise<void> => {
    const answer = await probeSource({ net, clock, chance }, message["source"] as SourceToProbe);
    link.send({ t: "probe", id: message["id"], answer });
  };
  process.on("SIGTERM", () => void end(0));
  // Ctrl+C reaches the whole group; the station says when to stop.
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
  try {
    const recorder = await createRecorder({
      disk: systemDisk(),
      clock,
      hash: sha256,
      log,
      root: path.join(settings.data, "footage"),
      pool,
      reserveBytes: settings.diskReserveMb * BYTES_PER_MB,
      ledger: { append: async () => {} },
    });
    const ingest = createIngest({ net, clock, chance, sinks: recorder, log, pool });
    room = new RecorderProcess({ recorder, ingest, clock, link, settings, log });
    link.send({ t: "ready" });
    for (const message of early.splice(0)) take(message);
  } catch (error) {
    log.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "the recorder cannot start");
    link.send(faultMessage(error));
    setTimeout(() => process.exit(1), 200);
  }
}

await main();
