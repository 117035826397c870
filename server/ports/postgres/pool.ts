import { Fault } from "@mingjian/vocab";
import pg from "pg";
import type { Database, DatabaseState, Listening, Queries, Row } from "../database.ts";
import {
  ANSWER_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  POOL_CONNECTIONS_MAX,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
  STATEMENT_TIMEOUT_MS,
  TRANSACTION_TRIES_MAX,
} from "../database.ts";
import { causeOf, errorCode, isConnectionLost, isRetryable, toFault } from "./errors.ts";
import { Listener } from "./listener.ts";

export interface Address {
  /** A `postgres://` URL; or the socket folder, user and database of a server of ours. */
  readonly config: pg.ClientConfig;
  /** Makes the server reachable, where that is ours to do, and says where it is now. Called before each try while away. */
  readonly revive?: () => Promise<pg.ClientConfig>;
  readonly stop?: () => Promise<void>;
}

const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") => {
    if (oid === INT8) return readInt8;
    return format === "binary" ? pg.types.getTypeParser(oid, "binary") : pg.types.getTypeParser(oid, "text");
  }) as typeof pg.types.getTypeParser,
};

function readInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`assertion failed: ${text} is beyond 2^53`);
  return value;
}

export function clientConfig(config: pg.ClientConfig): pg.ClientConfig {
  return {
    application_name: "mingjian",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    ...config,
    types,
  };
}

function queriesOf(client: Pick<pg.ClientBase, "query">): Queries {
  return {
    async query<R extends object = Row>(text: string, params: readonly unknown[] = []): Promise<readonly R[]> {
      const result = await client.query<pg.QueryResultRow>(text, [...params]);
      return result.rows as unknown as readonly R[];
    },
    async execute(text: string, params: readonly unknown[] = []): Promise<number> {
      return (await client.query(text, [...params])).rowCount ?? 0;
    },
  };
}

/** A pool with a state of its own: while the database is away every call fails at once and one loop tries again. */
export class PostgresDatabase implements Database {
  readonly #address: Address;
  #pool: pg.Pool;
  readonly #heard = new Set<(state: DatabaseState) => void>();
  readonly #listener: Listener;
  #state: DatabaseState = { status: "away", sinceMs: Date.now(), cause: "not yet connected" };
  #config: pg.ClientConfig;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;

  constructor(address: Address) {
    this.#address = address;
    this.#config = address.config;
    this.#pool = this.#newPool();
    this.#listener = new Listener(() => clientConfig(this.#config));
  }

  #newPool(): pg.Pool {
    const pool = new pg.Pool({ ...clientConfig(this.#config), max: POOL_CONNECTIONS_MAX, idleTimeoutMillis: 30_000, allowExitOnIdle: true });
    // An idle connection that breaks says so here; without a listener the process would end.
    pool.on("error", (error) => {
      if (pool === this.#pool) this.#wentAway(error);
    });
    return pool;
  }

  /** A server of ours that was started again listens at another place. */
  #moveTo(config: pg.ClientConfig): void {
    if (config.host === this.#config.host) return;
    this.#config = config;
    void this.#pool.end().catch(() => undefined);
    this.#pool = this.#newPool();
  }

  /** The first connection. @throws Fault `database-away` when there is none. */
  async connect(): Promise<void> {
    try {
      await this.#pool.query("select 1");
      this.#cameBack();
    } catch (error) {
      throw toFault(error);
    }
  }

  async query<R extends object = Row>(text: string, params: readonly unknown[] = []): Promise<readonly R[]> {
    this.#refuseWhileAway();
    try {
      return await queriesOf(this.#pool as unknown as Pick<pg.ClientBase, "query">).query<R>(text, params);
    } catch (error) {
      throw this.#judge(error);
    }
  }

  async execute(text: string, params: readonly unknown[] = []): Promise<number> {
    this.#refuseWhileAway();
    try {
      return await queriesOf(this.#pool as unknown as Pick<pg.ClientBase, "query">).execute(text, params);
    } catch (error) {
      throw this.#judge(error);
    }
  }

  async transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      this.#refuseWhileAway();
      try {
        return await this.#transactionOnce(work);
      } catch (error) {
        if (!isRetryable(error) || tries >= TRANSACTION_TRIES_MAX) throw this.#judge(error);
      }
    }
  }

  async #transactionOnce<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on("error", onError);
    try {
      await client.query("begin");
      const result = await work(queriesOf(client));
      await client.query("commit");
      return result;
    } catch (error) {
      if (errorCode(error) === undefined && isConnectionLost(error)) broken ??= error as Error;
      await client.query("rollback").catch((failed: Error) => {
        broken ??= failed;
      });
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  listen(channel: string, listening: Listening): Promise<() => void> {
    return this.#listener.listen(channel, listening);
  }

  state(): DatabaseState {
    return this.#state;
  }

  onState(heard: (state: DatabaseState) => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#listener.close();
    await this.#pool.end();
    await this.#address.stop?.();
  }

  #refuseWhileAway(): void {
    if (this.#closed) throw new Fault("database-away", "The database is closed.", { cause: "closed" });
    if (this.#state.status === "away") {
      throw new Fault("database-away", `The database does not answer (${this.#state.cause}).`, { cause: this.#state.cause });
    }
  }

  #judge(error: unknown): unknown {
    if (isConnectionLost(error)) this.#wentAway(error);
    return toFault(error);
  }

  #wentAway(error: unknown): void {
    if (this.#closed || this.#state.status === "away") return;
    this.#set({ status: "away", sinceMs: Date.now(), cause: causeOf(error) });
    this.#retryMs = RETRY_MS_MIN;
    this.#tryLater();
  }

  #cameBack(): void {
    if (this.#state.status === "up") return;
    this.#set({ status: "up", sinceMs: Date.now() });
  }

  #set(state: DatabaseState): void {
    this.#state = state;
    for (const heard of this.#heard) heard(state);
  }

  #tryLater(): void {
    this.#retry = setTimeout(() => void this.#tryAgain(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  async #tryAgain(): Promise<void> {
    try {
      const config = await this.#address.revive?.();
      if (this.#closed) return;
      if (config !== undefined) this.#moveTo(config);
      await this.#pool.query("select 1");
      this.#cameBack();
    } catch {
      if (!this.#closed) this.#tryLater();
    }
  }
}
