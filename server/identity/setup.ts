import { Fault } from "@mingjian/vocab";
import type { Queries } from "../ports/index.ts";
import type { Identity } from "./model.ts";
import { callLibrary, isRefused } from "./calls.ts";
import { headersOf } from "./sessions.ts";
import type { Inner, Sessions } from "./sessions.ts";
import { insertUser, prepareUser } from "./users.ts";

const TOKEN_BYTES = 24;
const SETUP_LOCK = "select pg_advisory_xact_lock(7224014)";

/** The first administrator, by a token that is printed at start and works once. */
export function createSetup(inner: Inner, sessions: Sessions): Pick<Identity, "setupNeeded" | "issueSetupToken" | "setup"> {
  const { database, library, now } = inner;
  const hashOf = (token: string): string => {
    const hasher = inner.hash();
    hasher.update(new TextEncoder().encode(`mingjian set-up ${token}`));
    return hex(hasher.digest());
  };
  return {
    setupNeeded: () => noUser(database),
    issueSetupToken: () =>
      database.transaction(async (tx) => {
        await tx.query(SETUP_LOCK);
        if (!(await noUser(tx))) return undefined;
        const token = hex(inner.chance.bytes(TOKEN_BYTES));
        await tx.query(
          "insert into setup_token (token_sha256, issued_ms) values ($1, $2) on conflict (the_one) do update set token_sha256 = $1, issued_ms = $2",
          [hashOf(token), now()],
        );
        return token;
      }),
    async setup(input, caller) {
      await checkToken(database, hashOf(input.token));
      const roles = input.roles ?? ["administrator"];
      if (!roles.includes("administrator")) throw new Fault("bad-input", "The first user is an administrator.", { pointer: "/roles" });
      const prepared = await prepareUser(library, { name: input.name, displayName: input.displayName, password: input.password, unit: null, roles });
      const unit = (await input.makeUnit?.()) ?? null;
      await database.transaction(async (tx) => {
        await tx.query(SETUP_LOCK);
        await checkToken(tx, hashOf(input.token));
        await insertUser(tx, inner, { ...prepared, unit });
        await tx.query("delete from setup_token");
      });
      const answer = await callLibrary(database, () =>
        library.api.signInUsername({
          body: { username: prepared.name, password: input.password },
          headers: headersOf(undefined, caller),
          returnHeaders: true,
        }),
      );
      if (isRefused(answer)) throw new Fault("internal", "The first administrator cannot sign in.");
      return sessions.entered(answer.headers.getSetCookie());
    },
  };
}

async function noUser(queries: Queries): Promise<boolean> {
  return (await queries.query("select 1 from users limit 1")).length === 0;
}

/** Digests are compared, so the time it takes tells nothing of the token. */
async function checkToken(queries: Queries, hash: string): Promise<void> {
  if (!(await noUser(queries))) throw new Fault("setup-done", "The first administrator exists already.");
  const rows = await queries.query("select 1 from setup_token where token_sha256 = $1", [hash]);
  if (rows.length === 0) throw new Fault("setup-token-wrong", "The set-up link is not valid.");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
