import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WebSocket } from "ws";
import { readMediaHeader } from "@mingjian/contract";
import type { Camera, Grant, Me, MediaHeader, Problem, RegisterPage, ServerMessage, Timeline, Unit } from "@mingjian/contract";
import { FAULT_CODES, formatUtc } from "@mingjian/vocab";
import type { FaultCode, StreamId } from "@mingjian/vocab";
import { startStation } from "../main.ts";
import type { RunningStation } from "../main.ts";
import type { OpenPiece } from "../recorder-messages.ts";
import { loadSettings } from "../settings.ts";
import type { Settings } from "../settings.ts";

/** Nothing here is timed; what never comes is given up after this. */
export const GIVE_UP_MS = 60_000;
export const PASSWORD = "a long enough pass phrase";

export interface TestHouse {
  readonly data: string;
  readonly settings: Settings;
  readonly running: RunningStation;
  end(): Promise<void>;
}

/** A station on a temporary folder, with two demonstration cameras, on a free port. */
export async function startHouse(environment: Record<string, string> = {}): Promise<TestHouse> {
  const data = mkdtempSync(path.join(tmpdir(), "mingjian-station-"));
  // As root the database runs under another account, which must find its folder.
  if (process.getuid?.() === 0) chmodSync(data, 0o711);
  const settings = loadSettings(
    {
      MINGJIAN_DATA: data,
      MINGJIAN_PORT: "0",
      MINGJIAN_DEMO_CAMERAS: "2",
      MINGJIAN_LOG_LEVEL: "error",
      ...environment,
    },
    data,
  );
  try {
    const running = await startStation(settings, { demo: true });
    return {
      data,
      settings,
      running,
      end: async () => {
        await running.stop();
        rmSync(data, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
}

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A browser: keeps its cookie. Every error it is given must be a problem of the closed list. */
export class Browser {
  readonly base: string;
  cookie = "";

  constructor(base: string) {
    this.base = base;
  }

  async ask<T = unknown>(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(this.base + url, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(GIVE_UP_MS),
      headers: {
        ...(this.cookie === "" ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const set = response.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
    if (set.length > 0) this.cookie = set.join("; ");
    if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
      await response.body?.cancel();
      return { status: response.status, headers: response.headers, body: undefined as T };
    }
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") === true;
    const answer = { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text) as T };
    if (response.status >= 400) assertProblem(answer, `${method} ${url}`);
    return answer;
  }

  get<T = unknown>(url: string): Promise<Answer<T>> {
    return this.ask<T>("GET", url);
  }

  post<T = unknown>(url: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.ask<T>("POST", url, body, headers);
  }

  /** An answer that is not good is a failure of the test. */
  async good<T>(method: string, url: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, url, body);
    assert.equal(answer.status, 200, `${method} ${url}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async bytes(url: string): Promise<Uint8Array> {
    const response = await fetch(this.base + url, {
      headers: { cookie: this.cookie },
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    assert.equal(response.status, 200);
    return new Uint8Array(await response.arrayBuffer());
  }

  signIn(name: string, password = PASSWORD): Promise<Answer<Me>> {
    return this.post<Me>("/api/v1/sign-in", { name, password });
  }

  grant(
    request: Partial<{
      cameras: string[];
      live: boolean;
      from: string;
      to: string;
      actions: string[];
      purpose: string;
    }>,
  ): Promise<Answer<Grant>> {
    return this.post<Grant>("/api/v1/grants", {
      cameras: ["demo-1"],
      live: true,
      actions: ["view"],
      purpose: "test",
      ...request,
    });
  }

  cameras(): Promise<Camera[]> {
    return this.good<Camera[]>("GET", "/api/v1/cameras");
  }

  async register(query = ""): Promise<RegisterPage["entries"]> {
    return (await this.good<RegisterPage>("GET", `/api/v1/register?limit=500${query}`)).entries;
  }

  timeline(camera: string, fromMs: number, toMs: number): Promise<Timeline> {
    return this.good<Timeline>("GET", `/api/v1/timeline?${new URLSearchParams({ camera, from: formatUtc(fromMs), to: formatUtc(toMs) }).toString()}`);
  }

  watch(query: Record<string, string>, kind: "live" | "playback" = "live", headers: Record<string, string> = {}): Watcher {
    const url = `${this.base.replace("http", "ws")}/media/v1/${kind}?${new URLSearchParams(query).toString()}`;
    return new Watcher(new WebSocket(url, { headers: { cookie: this.cookie, ...headers } }));
  }
}

export function codeOf(answer: Answer): string {
  return (answer.body as Problem).code;
}

function assertProblem(answer: Answer, what: string): void {
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/, what);
  const problem = answer.body as Problem;
  assert.ok(Object.hasOwn(FAULT_CODES, problem.code), `${what}: ${problem.code} is in the list of faults`);
  assert.equal(problem.status, answer.status, what);
  assert.equal(FAULT_CODES[problem.code as FaultCode], answer.status, what);
  assert.equal(typeof problem.detail, "string", what);
  assert.equal(problem.type, `urn:mingjian:fault:${problem.code}`, what);
}

export type Heard =
  | { readonly text: ServerMessage; readonly frame?: undefined }
  | { readonly text?: undefined; readonly frame: MediaHeader; readonly payload: Uint8Array };

/** A media socket: what it was told, in order, to be waited for one by one. */
export class Watcher {
  readonly heard: Heard[] = [];
  /** The HTTP status of a refused upgrade. */
  refusedWith: number | undefined;
  closed = false;
  readonly #ws: WebSocket;
  readonly #waiting = new Set<() => void>();
  #seen = 0;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on("message", (data: Buffer, binary: boolean) => {
      if (!binary) this.heard.push({ text: JSON.parse(data.toString("utf8")) as ServerMessage });
      else {
        const frame = readMediaHeader(data);
        assert.ok(frame);
        this.heard.push({ frame, payload: data.subarray(24) });
      }
      this.#wake();
    });
    ws.on("unexpected-response", (_request, response) => {
      this.refusedWith = response.statusCode;
      response.destroy();
      this.closed = true;
      this.#wake();
    });
    ws.on("error", () => {});
    ws.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** The next message that fits, after those already taken. Fails when the socket closes first. */
  async next(what: string, fits: (heard: Heard) => boolean): Promise<Heard> {
    const giveUp = AbortSignal.timeout(GIVE_UP_MS);
    while (true) {
      while (this.#seen < this.heard.length) {
        const heard = this.heard[this.#seen++];
        if (heard !== undefined && fits(heard)) return heard;
      }
      if (this.closed) throw new Error(`closed before ${what}; told ${JSON.stringify(this.heard.map(({ text }) => text).filter(Boolean))}`);
      await new Promise<void>((resolve, reject) => {
        giveUp.addEventListener("abort", () => reject(new Error(`no ${what} came`)), { once: true });
        this.#waiting.add(resolve);
      });
    }
  }

  told(type: ServerMessage["type"]): Promise<ServerMessage> {
    return this.next(type, ({ text }) => text?.type === type).then(({ text }) => text as ServerMessage);
  }

  async frame(key = false): Promise<MediaHeader> {
    const { frame } = await this.next("frame", (heard) => heard.frame?.kind === 2 && (!key || heard.frame.key));
    assert.ok(frame);
    return frame;
  }

  async end(): Promise<string> {
    const message = await this.told("end");
    return message.type === "end" ? message.code : "";
  }

  /** The status with which the socket was refused. */
  async refused(): Promise<number | undefined> {
    await this.next("an end", () => false).catch(() => {});
    return this.refusedWith;
  }

  say(message: unknown): void {
    this.#ws.send(JSON.stringify(message));
  }

  close(): void {
    this.#ws.terminate();
  }

  #wake(): void {
    // Whoever is woken waits anew only in a later turn.
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Resolves when the recorder's word, told once a second, fits. */
export async function whenRecorder<T>(house: TestHouse, what: string, find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const { recorder } = house.running.station;
  const giveUp = AbortSignal.timeout(GIVE_UP_MS);
  while (true) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise<void>((resolve, reject) => {
      const stop = recorder.onState(() => {
        stop();
        resolve();
      });
      giveUp.addEventListener(
        "abort",
        () => {
          stop();
          reject(new Error(`never: ${what}`));
        },
        { once: true },
      );
    });
  }
}

/** The piece of this stream being written, once it holds so many milliseconds. */
export function whenRecorded(house: TestHouse, stream: string, ms: number): Promise<OpenPiece> {
  return whenRecorder(house, `${ms} ms of ${stream}`, () =>
    house.running.station.recorder.state?.open.findLast((piece) => piece.stream === (stream as StreamId) && piece.toMs - piece.fromMs >= ms),
  );
}

/** Makes the first account with the one-time link; it holds every role of the station's unit. */
export async function setUp(house: TestHouse): Promise<Browser> {
  const { address, setupLink } = house.running;
  const token = new URL(setupLink ?? "").searchParams.get("token") ?? "";
  const first = new Browser(address);
  await first.good("POST", "/api/v1/setup", { token, name: "first", displayName: "第一人", password: PASSWORD });
  return first;
}

/** A signed-in person with these roles. */
export async function personWith(first: Browser, name: string, roles: readonly string[], unit: string | null): Promise<Browser> {
  await first.good("POST", "/api/v1/users", { name, displayName: name, password: PASSWORD, unit, roles });
  const browser = new Browser(first.base);
  const answer = await browser.signIn(name);
  assert.equal(answer.status, 200);
  return browser;
}

/** One person of each role, by name: duty, chief, auditor, admin, stranger (of another unit), nothing. */
export async function everybody(first: Browser): Promise<ReadonlyMap<string, Browser>> {
  const unit = await first.good<Unit>("POST", "/api/v1/units", { name: "另一单位", kind: "operator", parent: null });
  const people = new Map<string, Browser>();
  for (const [name, roles, of] of [
    ["duty", ["duty"], "demo"],
    ["chief", ["security-chief"], "demo"],
    ["auditor", ["auditor"], null],
    ["admin", ["administrator"], null],
    ["stranger", ["duty", "security-chief"], unit.id],
    ["nothing", [], "demo"],
  ] as const) {
    people.set(name, await personWith(first, name, roles, of));
  }
  return people;
}

/** A live picture of demo-1 that runs. */
export async function watching(browser: Browser): Promise<Watcher> {
  const grant = (await browser.grant({})).body;
  const watcher = browser.watch({ camera: "demo-1", grant: grant.id });
  await watcher.frame();
  return watcher;
}
