import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Fault, isFault } from "@mingjian/vocab";
import type { CameraId, StreamId } from "@mingjian/vocab";
import { createAccess } from "../access/index.ts";
import type { Access } from "../access/index.ts";
import { createIdentity } from "../identity/index.ts";
import type { IdentityMeans } from "../identity/index.ts";
import { AlarmLog } from "../operations/index.ts";
import { openDatabase, readKeyFile, secretBox, sha256, systemChance, systemClock, systemDisk } from "../ports/index.ts";
import type { Database } from "../ports/index.ts";
import { createRegistry } from "../registry/index.ts";
import type { Registry, RegistryMeans } from "../registry/index.ts";
import { createTimeline } from "../timeline/index.ts";
import type { TimelineReader } from "../timeline/index.ts";
import { createGateway } from "../viewing/index.ts";
import type { Gateway } from "../viewing/index.ts";
import { chainsOf } from "./chains.ts";
import { startDemo, switchDemoOff } from "./demo.ts";
import type { Demo } from "./demo.ts";
import { createFootageFiles, createFootageIndex } from "./footage-index.ts";
import { createHealth, describeCamera } from "./health.ts";
import { createApp } from "./http/app.ts";
import type { Station } from "./http/station.ts";
import { Indexer } from "./indexer.ts";
import { KnownSources } from "./known-sources.ts";
import { createLog } from "./log.ts";
import type { Logger } from "./log.ts";
import { Recorder } from "./recorder.ts";
import { checkWritable } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { grantsDoor, registerDoor } from "./viewing-doors.ts";

const PROGRAM_ROOT = path.join(import.meta.dirname, "../..");
export const CONSOLE_FOLDER = path.join(PROGRAM_ROOT, "console/dist");

const DATABASE_RETRY_MS = 2_000;
const ALARM_BEAT_MS = 2_000;

export function programVersion(): string {
  return (JSON.parse(readFileSync(path.join(PROGRAM_ROOT, "package.json"), "utf8")) as { version: string }).version;
}

export interface RunningStation {
  readonly address: string;
  /** The one-time link of the first administrator; undefined when one exists. */
  readonly setupLink: string | undefined;
  readonly station: Station;
  stop(): Promise<void>;
}

/** Opens the database of these settings. */
export function openStationDatabase(settings: Settings, log: Logger): Promise<Database> {
  const at = settings.databaseUrl === "" ? { folder: path.join(settings.data, "postgres") } : { url: settings.databaseUrl };
  return openDatabase(at, { log: (line) => log.info(line) });
}

function newId(): string {
  return randomUUID();
}

/** A name that outlives the process: kept in the data folder, made once. */
function stationName(data: string): string {
  const file = path.join(data, "station.id");
  if (!existsSync(file)) writeFileSync(file, `${randomUUID()}\n`, { mode: 0o640, flag: "wx" });
  return readFileSync(file, "utf8").trim();
}

export function registryMeans(database: Database, keyFile: string): RegistryMeans {
  return { database, now: () => Date.now(), newId, box: secretBox(readKeyFile(keyFile)) };
}

export function identityMeans(database: Database, settings: Settings): IdentityMeans {
  return {
    database,
    clock: systemClock(),
    chance: systemChance(),
    hash: sha256,
    newId,
    keys: secretBox(readKeyFile(path.join(settings.data, "secret.key"))),
    secure: settings.tlsCertificateFile !== "" || settings.publicUrl.startsWith("https:"),
  };
}

/** Waits for a database that is away, for as long as it takes: meanwhile the cameras known from before are recorded. */
async function openPatiently(settings: Settings, log: Logger): Promise<Database> {
  for (;;) {
    try {
      return await openStationDatabase(settings, log);
    } catch (error) {
      if (!isFault(error) || error.code !== "database-away" || settings.databaseUrl === "") throw error;
      log.error({ error: error.message }, "the database is away; known cameras are recorded, the console waits for it");
      await new Promise((resolve) => setTimeout(resolve, DATABASE_RETRY_MS));
    }
  }
}

type Stops = (() => Promise<void> | void)[];

/** Registry, grants and register, people: each closes with the station. */
async function openRooms(database: Database, settings: Settings, stops: Stops): Promise<Pick<Station, "registry" | "access" | "identity">> {
  const registry = await createRegistry(registryMeans(database, path.join(settings.data, "secret.key")));
  stops.push(() => registry.close());
  const access = await createAccess({ database, clock: systemClock(), newId, reach: registry.reader, station: stationName(settings.data) });
  stops.push(() => access.close());
  await access.closeLeftOpen();
  const identity = await createIdentity(identityMeans(database, settings));
  stops.push(() => identity.close());
  return { registry, access, identity };
}

/** In the reverse order of starting; a part that does not stop keeps none of the others from it. */
async function stopAll(stops: Stops, log: Logger): Promise<void> {
  for (const step of stops.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      log.error({ error: String(error) }, "a part did not stop cleanly");
    }
  }
}

function openGateway(access: Access, recorder: Recorder, timeline: TimelineReader, footage: string, log: Logger): Gateway {
  return createGateway({
    clock: systemClock(),
    grants: grantsDoor(access),
    register: registerDoor(access),
    frames: recorder,
    index: createFootageIndex(timeline, footage, (stream) => (recorder.state?.open ?? []).filter((piece) => piece.stream === stream)),
    files: createFootageFiles(systemDisk()),
    log: (event, facts) => log.warn({ event, ...facts }, event),
  });
}

async function switchDemoOn(registry: Registry, settings: Settings, stops: Stops, log: Logger): Promise<void> {
  const demo = await startDemo(registry, settings.demoCameras, log);
  stops.push(() => demo.stop());
}

/** Starts everything in order: recorder first, so that footage does not wait for the database. */
export async function startStation(settings: Settings, options: { readonly demo: boolean }): Promise<RunningStation> {
  const log = createLog(settings.logLevel, "station");
  const stops: Stops = [];
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await stopAll(stops, log);
  };
  try {
    const footage = path.join(settings.data, "footage");
    checkWritable(settings.data);
    const late: { indexer?: Indexer } = {};
    const early: [StreamId, number][] = [];
    const recorder = new Recorder(settings, createLog(settings.logLevel, "recorder"), (stream, seq) => {
      if (late.indexer === undefined) early.push([stream, seq]);
      else late.indexer.heard(stream, seq);
    });
    await recorder.start();
    stops.push(() => recorder.stop());
    const known = new KnownSources(path.join(settings.data, "sources.sealed"), secretBox(readKeyFile(path.join(settings.data, "secret.key"))), log);
    const before = options.demo ? [] : known.read();
    if (before.length > 0) recorder.apply(before);
    const database = await openPatiently(settings, log);
    stops.push(() => database.close());
    const { registry, access, identity } = await openRooms(database, settings, stops);
    const timeline = createTimeline({ database });
    const running = new Indexer(timeline.indexer, chainsOf(systemDisk(), footage), log);
    late.indexer = running;
    stops.push(() => running.stop());
    for (const [stream, seq] of early) running.heard(stream, seq);
    const gateway = openGateway(access, recorder, timeline.reader, footage, log);
    stops.push(() => gateway.endAll("stopping"));
    identity.onSessionsEnded((ended) => gateway.endOf(ended.user, "signed-out"));
    if (options.demo) await switchDemoOn(registry, settings, stops, log);
    else await switchDemoOff(registry);
    stops.push(await feedRecorder(registry, recorder, running, known, log));
    const facts = {
      settings,
      version: programVersion(),
      demo: options.demo,
      startedAt: systemClock().utcMs(),
      database,
      registry,
      timeline: timeline.reader,
      recorder,
      databaseKind: settings.databaseUrl === "" ? ("embedded" as const) : ("server" as const),
    };
    const station: Station = {
      ...facts,
      log,
      identity,
      access,
      gateway,
      stopping: () => stopping,
      health: createHealth({ ...facts, indexLag: () => running.lag, viewers: () => gateway.running }),
      describe: (camera) => describeCamera(camera, recorder),
      alarms: new AlarmLog(database),
    };
    stops.push(watchAlarms(station));
    const app = await createApp(station, CONSOLE_FOLDER);
    stops.push(() => app.close());
    const address = await listen(app, settings);
    const token = await identity.issueSetupToken();
    return { address, setupLink: token === undefined ? undefined : `${address}/setup?token=${token}`, station, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listen(app: { listen(at: { host: string; port: number }): Promise<string> }, settings: Settings): Promise<string> {
  try {
    const bound = await app.listen({ host: settings.host, port: settings.port });
    if (settings.publicUrl !== "") return settings.publicUrl.replace(/\/$/, "");
    return bound.replace("0.0.0.0", "127.0.0.1").replace("[::]", "localhost");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE") throw new Fault("port-in-use", `port ${settings.port} is taken by another program`, { port: settings.port });
    if (code === "EACCES" || code === "EADDRNOTAVAIL")
      throw new Fault("bad-settings", `cannot listen on ${settings.host}:${settings.port} (${code})`, { key: "host" });
    throw error;
  }
}

/** Enters alarms in their history as they come and go. */
function watchAlarms(station: Station): () => void {
  const timer = setInterval(() => {
    station
      .health()
      .then(({ alarms, at }) =>
        station.alarms.observe(
          alarms.map((one) => ({ ...one, level: one.level === "alarm" ? "alarm" : "warning", camera: one.camera as CameraId | null })),
          Date.parse(at),
        ),
      )
      .catch((error: unknown) => station.log.error({ error: String(error) }, "alarms could not be entered"));
  }, ALARM_BEAT_MS);
  return () => clearInterval(timer);
}

/** Tells the recorder the cameras now and whenever they change, and the indexer which chains there are. */
async function feedRecorder(registry: Registry, recorder: Recorder, indexer: Indexer, known: KnownSources, log: Logger): Promise<() => void> {
  const tell = async (): Promise<void> => {
    const sources = await registry.sources.sources();
    const wanted = sources
      .filter((source) => source.enabled)
      .map(({ stream, url, user, password, transport, certificateSha256, record, retentionClass }) => ({
        stream,
        url,
        user,
        password,
        transport,
        certificateSha256,
        record,
        retentionClass,
      }));
    recorder.apply(wanted);
    known.write(wanted);
    for (const source of sources) if (source.role === "main") indexer.want(source.stream);
  };
  await tell();
  return registry.onChange(() => {
    tell().catch((error: unknown) => log.error({ error: isFault(error) ? error.code : String(error) }, "the recorder could not be told of a change"));
  });
}

export type { Demo };
