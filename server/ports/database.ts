/** One row as the driver reads it: bigint columns are numbers, bytea is Uint8Array, timestamptz is Date. */
export type Row = Readonly<Record<string, unknown>>;

/** What both a database and an open transaction can do. Parameters are `$1`, `$2`...; never build SQL from values. */
export interface Queries {
  /**
   * Runs one statement and gives its rows. R is the caller's word for the columns it named.
   * @throws Fault `database-away` when the database cannot be reached or does not answer in time; what a statement
   * that was under way did is then unknown, so writes carry ids and can be repeated.
   */
  query<R extends object = Row>(text: string, params?: readonly unknown[]): Promise<readonly R[]>;
  /** Runs one statement and gives how many rows it touched. Faults as `query`. */
  execute(text: string, params?: readonly unknown[]): Promise<number>;
}

export type DatabaseState = { readonly status: "up"; readonly sinceMs: number } | { readonly status: "away"; readonly sinceMs: number; readonly cause: string };

export interface Listening {
  /** One notification; the payload is at most 7,999 bytes. */
  readonly message: (payload: string) => void;
  /** true: from now on nothing is missed, but something may have been before; false: notifications may be missed. */
  readonly connected?: (connected: boolean) => void;
}

export interface Database extends Queries {
  /**
   * Runs `work` in one transaction: all of it is stored, or nothing. Serialisation failures and deadlocks are retried
   * up to TRANSACTION_TRIES_MAX times, so `work` must touch nothing but `tx`.
   * @throws Fault `database-away` as `query`; an error of `work` after rolling back.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Hears NOTIFY on a channel, over its own connection that is restored by itself. The answer ends it. */
  listen(channel: string, listening: Listening): Promise<() => void>;
  state(): DatabaseState;
  /** Called at each change of state. The answer ends it. */
  onState(heard: (state: DatabaseState) => void): () => void;
  close(): Promise<void>;
}

export const POOL_CONNECTIONS_MAX = 12;
export const CONNECT_TIMEOUT_MS = 5_000;
export const STATEMENT_TIMEOUT_MS = 15_000;
/** The client gives up after this, should the server not keep to its own limit. */
export const ANSWER_TIMEOUT_MS = 20_000;
export const LOCK_TIMEOUT_MS = 5_000;
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
export const TRANSACTION_TRIES_MAX = 4;
/** While away, the next try comes after RETRY_MS_MIN, doubling to RETRY_MS_MAX. */
export const RETRY_MS_MIN = 50;
export const RETRY_MS_MAX = 2_000;
/** A listener's connection is asked this often whether it still lives. */
export const LISTENER_BEAT_MS = 3_000;
