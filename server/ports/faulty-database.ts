import { Fault } from "@mingjian/vocab";
import type { Database, DatabaseState, Listening, Queries, Row } from "./database.ts";

/** How the next call breaks: nothing was stored; it was, and the answer was lost; or not at all. */
export type DatabaseFailure = "failed" | "failed-but-stored" | "none";

/** A database for tests whose next calls break as planned. A transaction is one call. */
export class FaultyDatabase implements Database {
  readonly #inner: Database;
  readonly #heard = new Set<(state: DatabaseState) => void>();
  #plan: DatabaseFailure[] = [];
  #away = false;

  constructor(inner: Database) {
    this.#inner = inner;
  }

  /** The next calls break so, in order. */
  plan(...failures: readonly DatabaseFailure[]): void {
    this.#plan.push(...failures);
  }

  /** Away until told otherwise. */
  setAway(away: boolean): void {
    this.#away = away;
    for (const heard of this.#heard) heard(this.state());
  }

  #lost(): Fault {
    return new Fault("database-away", "The database does not answer (planned).", { cause: "planned" });
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#away) throw this.#lost();
    const failure = this.#plan.shift();
    if (failure === "failed") throw this.#lost();
    const result = await work();
    if (failure === "failed-but-stored") throw this.#lost();
    return result;
  }

  query<R extends object = Row>(text: string, params?: readonly unknown[]): Promise<readonly R[]> {
    return this.#run(() => this.#inner.query<R>(text, params));
  }

  execute(text: string, params?: readonly unknown[]): Promise<number> {
    return this.#run(() => this.#inner.execute(text, params));
  }

  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    return this.#run(() => this.#inner.transaction(work));
  }

  listen(channel: string, listening: Listening): Promise<() => void> {
    return this.#inner.listen(channel, listening);
  }

  state(): DatabaseState {
    return this.#away ? { status: "away", sinceMs: 0, cause: "planned" } : this.#inner.state();
  }

  onState(heard: (state: DatabaseState) => void): () => void {
    this.#heard.add(heard);
    return () => this.#heard.delete(heard);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
