import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { ROOT, lineOf, pidOf, start, stop } from "./children.ts";
import { familyOf, findBelow } from "./processes.ts";

const PASSWORD = "only-while-measuring";

/** The whole product as shipped, on a data folder of its own, with a first administrator. */
export class Product {
  readonly address: string;
  /** The Cookie header of the administrator. */
  cookie = "";
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  static async start(data: string, environment: NodeJS.ProcessEnv = {}): Promise<Product> {
    const child = start(process.execPath, ["--disable-warning=ExperimentalWarning", path.join(ROOT, "server/station/cli.ts"), "start", "--no-demo"], {
      env: { ...process.env, MINGJIAN_LOG_LEVEL: "error", ...environment, MINGJIAN_DATA: data, MINGJIAN_PORT: "0" },
      stdio: ["ignore", "pipe", process.env["MINGJIAN_BENCH_VERBOSE"] === undefined ? "ignore" : "inherit"],
    });
    const link = await lineOf(child, "mingjian", (line) => /(http\S+)\/setup\?token=(\S+)/.exec(line) ?? undefined);
    const product = new Product(child, link[1] ?? "");
    await product.call("POST", "/api/v1/setup", {
      token: link[2] ?? "",
      name: "bench",
      displayName: "Bench",
      password: PASSWORD,
      unitName: "Bench",
    });
    return product;
  }

  async call(method: string, call: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.address}${call}`, {
      method,
      headers: {
        cookie: this.cookie,
        origin: this.address,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const cookies = answer.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
    if (cookies.length > 0) this.cookie = cookies.join("; ");
    const said = (await answer.json()) as unknown;
    if (!answer.ok) throw new Error(`${method} ${call}: ${answer.status} ${JSON.stringify(said)}`);
    return said;
  }

  async addCamera(id: string, url: string, subUrl?: string, transport: "auto" | "tcp" | "udp" = "tcp"): Promise<void> {
    const units = (await this.call("GET", "/api/v1/units")) as { id: string; kind: string }[];
    const unit = units.find((one) => one.kind === "operator")?.id;
    const streams = {
      main: { url, transport },
      ...(subUrl === undefined ? {} : { sub: { url: subUrl, transport } }),
    };
    await this.call("POST", "/api/v1/cameras", { id, unit, name: id, ...streams });
  }

  /** The recorder process and what it started. */
  recorderPids(): number[] {
    return familyOf(findBelow(pidOf(this.#child), "recorder-main."));
  }

  /** Everything: main process, recorder, database. */
  allPids(): number[] {
    return familyOf([pidOf(this.#child)]);
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }
}
