import { assert } from "@mingjian/vocab";
import pg from "pg";
import { LISTENER_BEAT_MS, RETRY_MS_MAX, RETRY_MS_MIN } from "../database.ts";
import type { Listening } from "../database.ts";

const CHANNEL = /^[a-z][a-z_]{0,30}$/;

/** One connection for all LISTEN channels, restored by itself, with a beat that finds a silent death. */
export class Listener {
  readonly #config: () => pg.ClientConfig;
  readonly #heard = new Map<string, Set<Listening>>();
  #client: pg.Client | undefined;
  #connecting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  #closed = false;

  constructor(config: () => pg.ClientConfig) {
    this.#config = config;
  }

  async listen(channel: string, listening: Listening): Promise<() => void> {
    assert(CHANNEL.test(channel), "a channel is a short lower-case word");
    const known = this.#heard.get(channel);
    const set = known ?? new Set();
    set.add(listening);
    this.#heard.set(channel, set);
    const client = this.#client;
    if (client === undefined) await this.#connect();
    else if (known !== undefined) listening.connected?.(true);
    else {
      await client.query(`listen ${channel}`).then(
        () => listening.connected?.(true),
        () => this.#lost(client),
      );
    }
    return () => set.delete(listening);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#connecting;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #tell(connected: boolean): void {
    for (const set of this.#heard.values()) for (const listening of set) listening.connected?.(connected);
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    clearTimeout(this.#timer);
    client.end().catch(() => undefined);
    this.#tell(false);
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  #beat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query("select 1").then(
        () => {
          if (this.#client === client) this.#beat(client);
        },
        () => this.#lost(client),
      );
    }, LISTENER_BEAT_MS);
    this.#timer.unref();
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#connectOnce().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connectOnce(): Promise<void> {
    if (this.#closed || this.#client !== undefined) return;
    const client = new pg.Client({ ...this.#config(), application_name: "mingjian-listener", query_timeout: LISTENER_BEAT_MS });
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    client.on("notification", (notice) => {
      for (const listening of this.#heard.get(notice.channel) ?? []) listening.message(notice.payload ?? "");
    });
    try {
      await client.connect();
      for (const channel of this.#heard.keys()) await client.query(`listen ${channel}`);
    } catch {
      client.end().catch(() => undefined);
      this.#again();
      return;
    }
    if (this.#closed) {
      client.end().catch(() => undefined);
      return;
    }
    this.#client = client;
    this.#retryMs = RETRY_MS_MIN;
    this.#beat(client);
    this.#tell(true);
  }
}
