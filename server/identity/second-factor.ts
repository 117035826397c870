import { Fault } from "@mingjian/vocab";
import { callLibrary, isRefused } from "./calls.ts";
import { countAttempt, forgive } from "./failures.ts";
import type { Identity, SignedIn } from "./model.ts";
import { signInName } from "./passwords.ts";
import { headersOf } from "./sessions.ts";
import type { Inner, Sessions } from "./sessions.ts";

/** TOTP (RFC 6238) with ten backup codes, begun and ended with the password. */
export function createSecondFactor(inner: Inner, sessions: Sessions): Pick<Identity, "beginTotp" | "confirmTotp" | "disableTotp"> {
  const { database, library, now } = inner;

  async function whoever(cookie: string): Promise<SignedIn> {
    const session = await sessions.session(cookie);
    if (session === undefined) throw new Fault("not-signed-in", "Nobody is signed in.");
    return session;
  }

  /** Counts a wrong password here like one at sign-in. */
  async function counted<T>(session: SignedIn, work: () => Promise<T>): Promise<T> {
    const attempt = { account: signInName(session.user.name), address: session.address ?? "unknown" };
    await countAttempt(database, attempt, now());
    const result = await work();
    await forgive(database, attempt);
    return result;
  }

  return {
    async beginTotp(cookie, password) {
      const session = await whoever(cookie);
      if (session.user.totp) throw new Fault("conflict", "The second factor is on already.", { reason: "totp-on" });
      return counted(session, async () => {
        const begun = await callLibrary(database, () => library.api.enableTwoFactor({ body: { password }, headers: headersOf(cookie) }));
        if (isRefused(begun)) throw new Fault("sign-in-wrong", "The password is wrong.");
        if (!("totpURI" in begun) || begun.totpURI === undefined) throw new Fault("internal", "The auth library gave no secret.");
        return { uri: begun.totpURI, backupCodes: begun.backupCodes ?? [] };
      });
    },
    async confirmTotp(cookie, code, caller) {
      const session = await whoever(cookie);
      return counted(session, async () => {
        const done = await callLibrary(database, () =>
          library.api.verifyTOTP({ body: { code: code.trim() }, headers: headersOf(cookie, caller), returnHeaders: true }),
        );
        if (isRefused(done)) throw new Fault("second-factor-wrong", "The code is wrong.");
        const fresh = done.headers.getSetCookie();
        return fresh.length === 0 ? { setCookies: [], session: await whoever(cookie) } : sessions.entered(fresh);
      });
    },
    async disableTotp(cookie, password, caller) {
      const session = await whoever(cookie);
      return counted(session, async () => {
        const done = await callLibrary(database, () =>
          library.api.disableTwoFactor({ body: { password }, headers: headersOf(cookie, caller), returnHeaders: true }),
        );
        if (isRefused(done)) throw new Fault("sign-in-wrong", "The password is wrong.");
        return sessions.entered(done.headers.getSetCookie());
      });
    },
  };
}
