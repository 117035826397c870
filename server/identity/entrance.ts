import { Fault } from "@mingjian/vocab";
import { callLibrary, cookiesBack, isRefused } from "./calls.ts";
import { countAttempt, forgive, takeBack } from "./failures.ts";
import type { Attempt } from "./failures.ts";
import { PASSWORD_CHARS_MAX, USER_NAME_CHARS_MAX } from "./library.ts";
import type { Caller, Identity, SignInAnswer } from "./model.ts";
import { checkPassword, signInName } from "./passwords.ts";
import { headersOf } from "./sessions.ts";
import type { Inner, Sessions } from "./sessions.ts";
import { endSessions, findUser } from "./users.ts";

const CODE_CHARS_MAX = 20;

/** In and out, and one's own password. */
export function createEntrance(inner: Inner, sessions: Sessions): Pick<Identity, "signIn" | "signOut" | "changePassword"> {
  const { database, library, now } = inner;
  return {
    async signIn(input, caller) {
      if (input.name.length > USER_NAME_CHARS_MAX || input.password.length > PASSWORD_CHARS_MAX || (input.code?.length ?? 0) > CODE_CHARS_MAX) throw wrong();
      const attempt: Attempt = { account: signInName(input.name), address: caller.address };
      await countAttempt(database, attempt, now());
      const answer = await enter(inner, sessions, input, caller);
      // The count is taken back last: dying here leaves one failure too many, never one too few.
      if (answer.kind === "entered") await forgive(database, attempt);
      else await takeBack(database, attempt);
      return answer;
    },

    signOut: (cookie) => sessions.signOut(cookie),

    async changePassword(cookie, current, next, caller) {
      const session = await sessions.session(cookie);
      if (session === undefined) throw new Fault("not-signed-in", "Nobody is signed in.");
      checkPassword(next, session.user.name);
      const attempt: Attempt = { account: signInName(session.user.name), address: caller.address };
      await countAttempt(database, attempt, now());
      const changed = await callLibrary(database, () =>
        library.api.changePassword({
          body: { currentPassword: current, newPassword: next, revokeOtherSessions: true },
          headers: headersOf(cookie, caller),
          returnHeaders: true,
        }),
      );
      if (isRefused(changed)) throw wrong();
      await forgive(database, attempt);
      const entered = await sessions.entered(changed.headers.getSetCookie());
      await database.transaction(async (tx) => {
        await tx.query("delete from sessions where user_id = $1 and id <> $2", [session.user.id, entered.session.id]);
        await tx.query("select pg_notify('sign_in_ended', $1)", [`${session.user.id} ${session.id}`]);
      });
      return entered;
    },
  };
}

async function enter(
  inner: Inner,
  sessions: Sessions,
  input: { readonly name: string; readonly password: string; readonly code?: string | undefined },
  caller: Caller,
): Promise<SignInAnswer> {
  const { database, library, now } = inner;
  const first = await callLibrary(database, () =>
    library.api.signInUsername({
      body: { username: signInName(input.name), password: input.password },
      headers: headersOf(undefined, caller),
      returnHeaders: true,
    }),
  );
  if (isRefused(first)) throw wrong();
  const user = await findUser(database, { name: input.name }, now());
  if (user === undefined || user.disabled) {
    if (user !== undefined) await database.transaction((tx) => endSessions(tx, user.id));
    throw wrong();
  }
  const cookies = first.headers.getSetCookie();
  if (!("twoFactorRedirect" in first.response)) return { kind: "entered", ...(await sessions.entered(cookies)) };
  if (input.code === undefined) return { kind: "second-factor-needed" };
  const code = input.code.trim();
  const totp = /^\d{6}$/.test(code);
  if (totp && !(await useOnce(inner, user.id, code))) throw wrongCode();
  const headers = headersOf(cookiesBack(cookies), caller);
  const second = totp
    ? await callLibrary(database, () => library.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }))
    : await callLibrary(database, () => library.api.verifyBackupCode({ body: { code }, headers, returnHeaders: true }));
  if (isRefused(second)) throw wrongCode();
  return { kind: "entered", ...(await sessions.entered(second.headers.getSetCookie())) };
}

/** A code seen once is not taken again while it could still be valid. */
async function useOnce({ database, hash, now }: Inner, user: string, code: string): Promise<boolean> {
  const hasher = hash();
  hasher.update(new TextEncoder().encode(`${user} ${code}`));
  const digest = Array.from(hasher.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await database.query("delete from used_codes where user_id = $1 and used_ms < $2", [user, now() - 5 * 60_000]);
  const rows = await database.query("insert into used_codes (user_id, code_hash, used_ms) values ($1, $2, $3) on conflict do nothing returning user_id", [
    user,
    digest,
    now(),
  ]);
  return rows.length > 0;
}

function wrong(): Fault {
  return new Fault("sign-in-wrong", "Name or password is wrong.");
}

function wrongCode(): Fault {
  return new Fault("second-factor-wrong", "The code is wrong or was used already.");
}
