import { assert } from "@mingjian/vocab";
import pg from "pg";
import { LISTENER_BEAT_MS, RETRY_MS_MAX, RETRY_MS_MIN } from "../database.ts";
import type { Listening } from "../database.ts";

const CHANNEL = /^[a-z][a-z_]{0,30}$/;

/** One connection for all LISTEN channels, restored by itself, with a beat that finds a silent death. */
export function createListener(config: () => pg.ClientConfig): {
  listen(channel: string, listening: Listening): Promise<() => void>;
  close(): Promise<void>;
} {
  const heard = new Map<string, Set<Listening>>();
  let client: pg.Client | undefined;
  let connecting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = RETRY_MS_MIN;
  let closed = false;

  function tell(connected: boolean): void {
    for (const set of heard.values()) for (const listening of set) listening.connected?.(connected);
  }

  function lost(which: pg.Client): void {
    if (client !== which) return;
    client = undefined;
    clearTimeout(timer);
    which.end().catch(() => undefined);
    tell(false);
    again();
  }

  function again(): void {
    if (closed) return;
    timer = setTimeout(() => void connect(), retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  }

  function beat(which: pg.Client): void {
    timer = setTimeout(() => {
      which.query("select 1").then(() => { if (client === which) beat(which); }, () => lost(which));
    }, LISTENER_BEAT_MS);
    timer.unref();
  }

  function connect(): Promise<void> {
    connecting ??= connectOnce().finally(() => { connecting = undefined; });
    return connecting;
  }

  async function connectOnce(): Promise<void> {
    if (closed || client !== undefined) return;
    const fresh = new pg.Client({ ...config(), application_name: "mingjian-listener", query_timeout: LISTENER_BEAT_MS });
    fresh.on("error", () => lost(fresh));
    fresh.on("end", () => lost(fresh));
    fresh.on("notification", (notice) => {
      for (const listening of heard.get(notice.channel) ?? []) listening.message(notice.payload ?? "");
    });
    try {
      await fresh.connect();
      for (const channel of heard.keys()) await fresh.query(`listen ${channel}`);
    } catch {
      fresh.end().catch(() => undefined);
      again();
      return;
    }
    if (closed) {
      fresh.end().catch(() => undefined);
      return;
    }
    client = fresh;
    retryMs = RETRY_MS_MIN;
    beat(fresh);
    tell(true);
  }

  return {
    async listen(channel, listening) {
      assert(CHANNEL.test(channel), "a channel is a short lower-case word");
      const known = heard.get(channel);
      const set = known ?? new Set();
      set.add(listening);
      heard.set(channel, set);
      if (client === undefined) await connect();
      else if (known === undefined) {
        const using: pg.Client = client;
        await using.query(`listen ${channel}`).then(() => listening.connected?.(true), () => lost(using));
      } else listening.connected?.(true);
      return () => set.delete(listening);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await connecting;
      await client?.end().catch(() => undefined);
      client = undefined;
    },
  };
}
