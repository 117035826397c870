import { Fault } from "@mingjian/vocab";
import type { Database, Queries } from "../ports/index.ts";

interface QueryResult {
  readonly command: "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  readonly rowCount: number;
  readonly rows: unknown[];
}

const NONE: QueryResult = { command: "SELECT", rowCount: 0, rows: [] };

/** A transaction of the port, held open between the library's BEGIN and its COMMIT or ROLLBACK. */
interface Held {
  readonly tx: Queries;
  /** Lets the port commit, or roll back. */
  readonly settle: (how: "commit" | "rollback") => void;
  /** Settles when the port has done so. */
  readonly done: Promise<void>;
}

const ROLLED_BACK = new Error("rolled back");

function hold(database: Database): Promise<Held> {
  return new Promise((resolve, reject) => {
    let begun = false;
    const done = database.transaction((tx) => {
      if (begun) throw new Fault("database-away", "The transaction lost a race.", { cause: "serialisation" });
      begun = true;
      return new Promise<void>((commit, rollback) => {
        resolve({
          tx,
          settle: (how) => {
            if (how === "commit") commit();
            else rollback(ROLLED_BACK);
          },
          done: Promise.resolve().then(() => done),
        });
      });
    });
    done.catch(reject);
  });
}

async function runOn(queries: Queries, text: string, params: readonly unknown[]): Promise<QueryResult> {
  const word = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase();
  const command = word === "INSERT" || word === "UPDATE" || word === "DELETE" ? word : "SELECT";
  if (command !== "SELECT" && !/\breturning\b/i.test(text)) return { command, rowCount: await queries.execute(text, params), rows: [] };
  const rows = await queries.query(text, params);
  return { command, rowCount: rows.length, rows: [...rows] };
}

interface LibraryClient {
  query(text: string, params?: readonly unknown[]): Promise<QueryResult>;
  release(): void;
}

/** What the library takes for a `pg` pool: our database port, with its timeouts, faults and state. */
export interface LibraryPool {
  connect(): Promise<LibraryClient>;
  end(): Promise<void>;
}

function createClient(database: Database): LibraryClient {
  let held: Held | undefined;
  return {
    async query(text, params = []) {
      if (/^begin\b|^start transaction\b/i.test(text)) {
        held = await hold(database);
        return NONE;
      }
      const how = /^(commit|rollback)$/i.exec(text)?.[1]?.toLowerCase();
      if (how === "commit" || how === "rollback") {
        const ending = held;
        held = undefined;
        ending?.settle(how);
        await ending?.done.catch((error: unknown) => {
          if (error !== ROLLED_BACK) throw error;
        });
        return NONE;
      }
      return runOn(held?.tx ?? database, text, params);
    },
    release() {
      held?.settle("rollback");
      held?.done.catch(() => undefined);
      held = undefined;
    },
  };
}

export function poolOver(database: Database): LibraryPool {
  return { connect: async () => createClient(database), end: async () => undefined };
}
