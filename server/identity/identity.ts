import type { UserId } from "@mingjian/vocab";
import type { Chance, Clock, Database, Hash } from "../ports/index.ts";
import { createEntrance } from "./entrance.ts";
import { createLibrary } from "./library.ts";
import type { Identity } from "./model.ts";
import type { KeySource } from "./needs.ts";
import { createSecondFactor } from "./second-factor.ts";
import { createSessions } from "./sessions.ts";
import { createSetup } from "./setup.ts";
import { sweepFailures } from "./failures.ts";
import { SESSION_CHANNEL, addUser, changeUser, findUser, listUsers } from "./users.ts";

const SWEEP_MS = 10 * 60_000;

export interface IdentityMeans {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly hash: Hash;
  readonly newId: () => string;
  readonly keys: KeySource;
  /** Cookies only over TLS; false only on plain HTTP. */
  readonly secure: boolean;
}

/** Opens the door of people and sign-ins. */
export async function createIdentity(means: IdentityMeans): Promise<Identity> {
  const { database, clock, newId } = means;
  const now = (): number => clock.utcMs();
  const library = createLibrary({ database, newId, secret: means.keys.derive("sign-in"), secure: means.secure });
  const heard = new Set<Parameters<Identity["onSessionsEnded"]>[0]>();
  const stop = await database.listen(SESSION_CHANNEL, {
    message(payload) {
      const [user = "", session] = payload.split(" ");
      for (const one of heard) one({ user: user as UserId, session });
    },
  });
  const inner = { database, library, now, newId, hash: means.hash, chance: means.chance };
  const sessions = createSessions(inner);
  const sweep = clock.every(SWEEP_MS, () => {
    sweepFailures(database, now())
      .then(() => sessions.sweep())
      .catch(() => undefined);
  });
  return {
    ...createSetup(inner, sessions),
    ...createEntrance(inner, sessions),
    ...createSecondFactor(inner, sessions),
    session: (cookie) => sessions.session(cookie),
    sessions: (user) => sessions.list(user),
    revokeSession: (user, id) => sessions.revoke(user, id),
    onSessionsEnded(one) {
      heard.add(one);
      return () => heard.delete(one);
    },
    users: () => listUsers(database, now()),
    user: (id) => findUser(database, { id }, now()),
    userByName: (name) => findUser(database, { name }, now()),
    addUser: (user) => addUser(inner, user),
    changeUser: (id, change) => changeUser(inner, id, change),
    close() {
      sweep.cancel();
      stop();
      heard.clear();
    },
  };
}
