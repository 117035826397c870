import path from "node:path";
import { createIdentity } from "../../identity/index.ts";
import type { Identity } from "../../identity/index.ts";
import { createRegistry } from "../../registry/index.ts";
import type { Registry } from "../../registry/index.ts";
import { createLog } from "../log.ts";
import { identityMeans, openStationDatabase, registryMeans } from "../main.ts";
import type { Io } from "./io.ts";
import { settingsOf } from "./io.ts";

export interface Doors {
  readonly registry: Registry;
  readonly identity: Identity;
}

/** Opens the database for one command, beside a running station or without one, and closes it again. */
export async function withDoors<T>(io: Io, work: (doors: Doors) => Promise<T>): Promise<T> {
  const settings = settingsOf(io);
  const log = createLog("warn", "command");
  const database = await openStationDatabase(settings, log);
  try {
    const keyFile = path.join(settings.data, "secret.key");
    const registry = await createRegistry(registryMeans(database, keyFile));
    const identity = await createIdentity(identityMeans(database, settings));
    try {
      return await work({ registry, identity });
    } finally {
      identity.close();
      registry.close();
    }
  } finally {
    await database.close();
  }
}
