import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type { Duplex } from "node:stream";
import { Fault, isFault } from "@mingjian/vocab";
import type { FaultCode, StreamId, UtcMs } from "@mingjian/vocab";
import { FAULT_CODES } from "@mingjian/vocab";
import type { LiveEvent, LiveFrames } from "../viewing/index.ts";
import { Link } from "./link.ts";
import type { LinkMessage } from "./link.ts";
import type { Logger } from "./log.ts";
import type { LiveWire, ProbeAnswer, RecorderSettings, RecorderSource, RecorderState, SourceToProbe } from "./recorder-messages.ts";

/** Little garbage, two cores: a small young generation, collected without helper threads. */
const RECORDER_FLAGS = ["--max-semi-space-size=2", "--single-threaded-gc"];
const RESTART_MS_MIN = 500;
const RESTART_MS_MAX = 15_000;
/** Recording that ran for so long counts as healthy: the next restart comes at once again. */
const HEALTHY_AFTER_MS = 60_000;
const PROBE_TIMEOUT_MS = 40_000;
const STOP_TIMEOUT_MS = 20_000;

interface Probe {
  readonly resolve: (answer: ProbeAnswer) => void;
  readonly reject: (error: Fault) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The recorder process as the main process sees it: told what to record, restarted when it dies, asked for live frames.
 * Footage, chains and their recovery are its own; nothing here touches them.
 */
export class Recorder implements LiveFrames {
  readonly #settings: RecorderSettings;
  readonly #log: Logger;
  readonly #onEntry: (stream: StreamId, seq: number) => void;
  #child: ChildProcess | undefined;
  #link: Link | undefined;
  /** Undefined until the station knows: what was recorded before is not switched off meanwhile. */
  #sources: readonly RecorderSource[] | undefined;
  #state: RecorderState | undefined;
  #listeners = new Map<StreamId, (event: LiveEvent) => void>();
  #probes = new Map<number, Probe>();
  #stateListeners = new Set<() => void>();
  #nextProbe = 1;
  #restarts = 0;
  #delayMs = RESTART_MS_MIN;
  #since = Date.now();
  #startedAt = 0;
  #stopping = false;
  #ready = false;
  #startFault: Fault | undefined;
  #whenReady: ((fault: Fault | undefined) => void)[] = [];

  constructor(settings: RecorderSettings, log: Logger, onEntry: (stream: StreamId, seq: number) => void) {
    this.#settings = settings;
    this.#log = log;
    this.#onEntry = onEntry;
  }

  /** Starts the process; resolves when it records, throws the Fault that keeps it from it (`data-folder-in-use`, ...). */
  async start(): Promise<void> {
    const waits = new Promise<Fault | undefined>((resolve) => this.#whenReady.push(resolve));
    this.#spawn();
    const fault = await waits;
    if (fault !== undefined) throw fault;
  }

  get up(): boolean {
    return this.#ready;
  }

  get since(): UtcMs {
    return this.#since;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last state it told, undefined before the first. */
  get state(): RecorderState | undefined {
    return this.#state;
  }

  onState(listener: () => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** The whole list of what is to be received and recorded from now on. */
  apply(sources: readonly RecorderSource[]): void {
    this.#sources = sources;
    this.#link?.send({ t: "apply", sources });
  }

  watch(stream: StreamId, listener: (event: LiveEvent) => void): () => void {
    this.#listeners.set(stream, listener);
    if (this.#ready) this.#link?.send({ t: "watch", stream, on: true });
    else listener({ kind: "waiting", state: "restarting", fault: "recorder-away" });
    return () => {
      this.#listeners.delete(stream);
      this.#link?.send({ t: "watch", stream, on: false });
    };
  }

  probe(source: SourceToProbe): Promise<ProbeAnswer> {
    if (!this.#ready) return Promise.reject(new Fault("recorder-away", "the recorder is restarting"));
    const id = this.#nextProbe++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#probes.delete(id);
        reject(new Fault("recorder-away", "the recorder did not answer the probe in time"));
      }, PROBE_TIMEOUT_MS);
      this.#probes.set(id, { resolve, reject, timer });
      this.#link?.send({ t: "probe", id, source });
    });
  }

  /** Lets it finish its fragments and stop. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    this.#link?.send({ t: "stop" });
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }

  #spawn(): void {
    const script = recorderScript();
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...RECORDER_FLAGS, script], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
      env: { ...process.env, MINGJIAN_RECORDER: JSON.stringify(this.#settings) },
    });
    this.#child = child;
    this.#startedAt = Date.now();
    const link = new Link(
      child.stdio[3] as Duplex,
      (message, bytes) => this.#take(message, bytes),
      (error) => {
        if (error !== undefined) this.#log.error({ error: error.message }, "recorder link failed");
        child.kill("SIGTERM");
      },
    );
    this.#link = link;
    child.on("error", (error) => this.#log.error({ error: error.message }, "recorder did not start"));
    child.on("exit", (code, signal) => this.#gone(code, signal));
  }

  #gone(code: number | null, signal: NodeJS.Signals | null): void {
    this.#ready = false;
    this.#since = Date.now();
    this.#link = undefined;
    for (const probe of this.#probes.values()) {
      clearTimeout(probe.timer);
      probe.reject(new Fault("recorder-away", "the recorder stopped during the probe"));
    }
    this.#probes.clear();
    if (this.#whenReady.length > 0 && this.#restarts === 0) {
      const fault = this.#startFault ?? new Fault("recorder-away", `the recorder ended at start (${signal ?? `exit ${code}`})`);
      for (const tell of this.#whenReady.splice(0)) tell(fault);
      return;
    }
    if (this.#stopping) return;
    this.#restarts += 1;
    if (Date.now() - this.#startedAt > HEALTHY_AFTER_MS) this.#delayMs = RESTART_MS_MIN;
    this.#log.error({ code, signal, againInMs: this.#delayMs }, "recorder ended, starting it again");
    for (const listener of this.#listeners.values()) listener({ kind: "waiting", state: "restarting", fault: "recorder-away" });
    setTimeout(() => {
      if (!this.#stopping) this.#spawn();
    }, this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, RESTART_MS_MAX);
  }

  #take(message: LinkMessage, bytes: Uint8Array): void {
    switch (message.t) {
      case "live":
        this.#live(message as unknown as LiveWire, bytes);
        return;
      case "entry":
        this.#onEntry(message["stream"] as StreamId, message["seq"] as number);
        return;
      case "state":
        this.#state = message["state"] as RecorderState;
        for (const listener of this.#stateListeners) listener();
        return;
      case "probe": {
        const probe = this.#probes.get(message["id"] as number);
        if (probe === undefined) return;
        this.#probes.delete(message["id"] as number);
        clearTimeout(probe.timer);
        probe.resolve(message["answer"] as ProbeAnswer);
        return;
      }
      case "ready":
        this.#becomeReady();
        return;
      case "fault":
        this.#startFault = readFault(message);
        return;
      default:
        this.#log.warn({ type: message.t }, "unknown word from the recorder");
    }
  }

  #becomeReady(): void {
    this.#ready = true;
    this.#since = Date.now();
    if (this.#sources !== undefined) this.#link?.send({ t: "apply", sources: this.#sources });
    for (const stream of this.#listeners.keys()) this.#link?.send({ t: "watch", stream, on: true });
    for (const tell of this.#whenReady.splice(0)) tell(undefined);
  }

  #live(wire: LiveWire, bytes: Uint8Array): void {
    const listener = this.#listeners.get(wire.stream);
    if (listener === undefined) return;
    if (wire.kind === "init") listener({ kind: "init", generation: wire.generation, originUtcMs: wire.originUtcMs, picture: wire.picture, bytes });
    else if (wire.kind === "waiting") listener({ kind: "waiting", state: wire.state, fault: wire.fault });
    else listener({ kind: "fragment", generation: wire.generation, key: wire.key, utcMs: wire.utcMs, durationMs: wire.durationMs, bytes });
  }
}

/** The bundle that the launcher built, or the sources. */
function recorderScript(): string {
  const bundle = path.join(import.meta.dirname, "../dist/recorder-main.mjs");
  return process.env["MINGJIAN_BUILT"] === "true" && existsSync(bundle) ? bundle : path.join(import.meta.dirname, "recorder-main.ts");
}

function readFault(message: LinkMessage): Fault {
  const code = String(message["code"]);
  const known = Object.hasOwn(FAULT_CODES, code) ? (code as FaultCode) : "internal";
  return new Fault(known, String(message["message"]), {});
}

/** A Fault as words on the link. */
export function faultMessage(error: unknown): LinkMessage {
  return { t: "fault", code: isFault(error) ? error.code : "internal", message: error instanceof Error ? error.message : String(error) };
}
