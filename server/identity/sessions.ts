import { Fault } from "@mingjian/vocab";
import type { UserId, UtcMs } from "@mingjian/vocab";
import type { Chance, Database, Hash } from "../ports/index.ts";
import { callLibrary, cookiesBack, isRefused } from "./calls.ts";
import { ADDRESS_HEADER } from "./library.ts";
import type { Library } from "./library.ts";
import type { Caller, Entered, SignedIn } from "./model.ts";
import { SESSION_CHANNEL, USER_COLUMNS, userOf } from "./users.ts";
import type { UserRow } from "./users.ts";

export interface Inner {
  readonly database: Database;
  readonly library: Library;
  readonly now: () => UtcMs;
  readonly newId: () => string;
  readonly hash: Hash;
  readonly chance: Chance;
}

const COOKIE_CHARS_MAX = 8_192;
const AGENT_CHARS_MAX = 256;
const CODES_KEPT_MS = 10 * 60_000;

interface SessionRow {
  readonly id: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
}

export interface Sessions {
  session(cookie: string | undefined): Promise<SignedIn | undefined>;
  list(user: UserId): Promise<readonly SignedIn[]>;
  revoke(user: UserId, id: string): Promise<void>;
  signOut(cookie: string | undefined): Promise<readonly string[]>;
  /** Set-Cookie values of a call of the library -> the session they open. */
  entered(setCookies: readonly string[]): Promise<Entered>;
  sweep(): Promise<void>;
}

export function headersOf(cookie: string | undefined, caller?: Caller): Headers {
  const headers = new Headers();
  if (cookie !== undefined) headers.set("cookie", cookie);
  if (caller !== undefined) {
    headers.set(ADDRESS_HEADER, caller.address);
    headers.set("user-agent", caller.agent.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, AGENT_CHARS_MAX));
  }
  return headers;
}

export function createSessions({ database, library, now }: Inner): Sessions {
  async function session(cookie: string | undefined): Promise<SignedIn | undefined> {
    if (cookie === undefined || cookie.length > COOKIE_CHARS_MAX || !cookie.includes("mingjian.session_token")) return undefined;
    const answer = await callLibrary(database, () =>
      library.api.getSession({ headers: headersOf(cookie), query: { disableCookieCache: true, disableRefresh: true } }),
    );
    if (answer === null || isRefused(answer)) return undefined;
    const [row] = await database.query<UserRow & SessionRow & { readonly session_id: string }>(
      `select ${USER_COLUMNS}, s.id as session_id, s.created_at, s.expires_at, s.ip_address, s.user_agent
       from sessions s join users u on u.id = s.user_id where s.id = $1 and not u.disabled`,
      [answer.session.id],
    );
    if (row === undefined) return undefined;
    return { ...signedIn({ ...row, id: row.session_id }), user: userOf(row, now()) };
  }

  return {
    session,
    async list(user) {
      const rows = await database.query<UserRow & SessionRow & { readonly session_id: string }>(
        `select ${USER_COLUMNS}, s.id as session_id, s.created_at, s.expires_at, s.ip_address, s.user_agent
         from sessions s join users u on u.id = s.user_id where u.id = $1 and s.expires_at > $2 order by s.created_at desc`,
        [user, new Date(now())],
      );
      return rows.map((row) => ({ ...signedIn({ ...row, id: row.session_id }), user: userOf(row, now()) }));
    },
    async revoke(user, id) {
      await database.transaction(async (tx) => {
        const gone = await tx.query("delete from sessions where id = $1 and user_id = $2 returning id", [id, user]);
        if (gone.length === 0) throw new Fault("not-found", "There is no such session.", { session: id });
        await tx.query("select pg_notify($1, $2)", [SESSION_CHANNEL, `${user} ${id}`]);
      });
    },
    async signOut(cookie) {
      const current = await session(cookie);
      const answer = await callLibrary(database, () => library.api.signOut({ headers: headersOf(cookie), returnHeaders: true }));
      if (current !== undefined) await database.query("select pg_notify($1, $2)", [SESSION_CHANNEL, `${current.user.id} ${current.id}`]);
      return isRefused(answer) ? [] : answer.headers.getSetCookie();
    },
    async entered(setCookies) {
      const opened = await session(cookiesBack(setCookies));
      if (opened === undefined) throw new Fault("sign-in-wrong", "Name or password is wrong.");
      return { setCookies: setCookies.filter((cookie) => cookie.includes("session_token") || /max-age=0/i.test(cookie)), session: opened };
    },
    async sweep() {
      const at = new Date(now());
      await database.query("delete from sessions where expires_at < $1", [at]);
      await database.query("delete from verifications where expires_at < $1", [at]);
      await database.query("delete from used_codes where used_ms < $1", [now() - CODES_KEPT_MS]);
    },
  };
}

function signedIn(row: SessionRow): Omit<SignedIn, "user"> {
  return { id: row.id, createdAt: row.created_at.getTime(), expiresAt: row.expires_at.getTime(), address: row.ip_address, agent: row.user_agent };
}
