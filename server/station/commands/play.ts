import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { FAULT_CODES, Fault, parseUtc } from "@mingjian/vocab";
import type { FaultCode } from "@mingjian/vocab";
import type { Io } from "./io.ts";
import { askSecret, settingsOf } from "./io.ts";

const HELP = `mingjian play --camera ID --from 2026-11-22T10:00:00+08:00 --to 2026-11-22T10:05:00+08:00 --out FILE.mp4 --user NAME --purpose TEXT [--code TOTP] [--server URL]
Signs in to the running station as a person whose role allows copying, asks for a grant, and writes the span into FILE.
The copy is in the register like every other use. The password is asked for, or read from standard input.
`;

export async function playCommand(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      camera: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      out: { type: "string" },
      user: { type: "string" },
      purpose: { type: "string" },
      code: { type: "string" },
      server: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { camera, from, to, out, user, purpose } = values;
  if (values.help || camera === undefined || from === undefined || to === undefined || out === undefined || user === undefined || purpose === undefined) {
    io.out(HELP);
    return values.help ? 0 : 2;
  }
  for (const [name, text] of [
    ["from", from],
    ["to", to],
  ] as const) {
    if (parseUtc(text) === undefined) throw new Fault("bad-input", `--${name} is an instant like 2026-11-22T10:00:00+08:00`, { pointer: `/${name}` });
  }
  const server = new Client(values.server ?? ownAddress(io));
  const password = await askSecret(io, "密码 / Password: ");
  const signedIn = (await server.post("/api/v1/sign-in", { name: user, password, ...(values.code === undefined ? {} : { code: values.code }) })) as {
    secondFactorNeeded?: boolean;
  };
  if (signedIn.secondFactorNeeded === true) throw new Fault("bad-input", "this account has a second factor: give it with --code", { pointer: "/code" });
  try {
    const grant = (await server.post("/api/v1/grants", { cameras: [camera], live: false, from, to, actions: ["view", "copy"], purpose })) as { id: string };
    const bytes = await server.download(`/media/v1/span.mp4?${new URLSearchParams({ camera, from, to, grant: grant.id }).toString()}`, out);
    io.err(`${out}: ${bytes} bytes\n`);
    return 0;
  } finally {
    await server.post("/api/v1/sign-out", {});
  }
}

function ownAddress(io: Io): string {
  const settings = settingsOf(io);
  if (settings.publicUrl !== "") return settings.publicUrl;
  return `${settings.tlsCertificateFile === "" ? "http" : "https"}://127.0.0.1:${settings.port}`;
}

class Client {
  readonly #base: string;
  #cookie = "";

  constructor(base: string) {
    this.#base = base.replace(/\/$/, "");
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const response = await this.#ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const cookies = response.headers.getSetCookie().map((one) => one.split(";")[0] ?? "");
    if (cookies.length > 0) this.#cookie = cookies.join("; ");
    return response.json();
  }

  /** Into a file beside the target first: what stands under the name is whole. */
  async download(path: string, file: string): Promise<number> {
    const response = await this.#ask(path, {});
    const part = `${file}.part`;
    const target = createWriteStream(part);
    try {
      if (response.body === null) throw new Fault("no-footage", "the answer is empty");
      await pipeline(Readable.fromWeb(response.body as never), target);
      await rename(part, file);
      return target.bytesWritten;
    } catch (error) {
      await rm(part, { force: true });
      if (error instanceof Fault) throw error;
      throw new Fault("stopping", `the file broke off: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.#base + path, { ...init, headers: { ...(init.headers as Record<string, string>), cookie: this.#cookie } });
    } catch (error) {
      throw new Fault("recorder-away", `no station answers at ${this.#base}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    const code = problem.code !== undefined && Object.hasOwn(FAULT_CODES, problem.code) ? (problem.code as FaultCode) : "internal";
    throw new Fault(code, problem.detail ?? `status ${response.status}`);
  }
}
