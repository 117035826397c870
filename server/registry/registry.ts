import type { UtcMs } from "@mingjian/vocab";
import type { Database } from "../ports/index.ts";
import { createCameraWriter } from "./cameras.ts";
import { CHANNEL } from "./history.ts";
import type { Registry } from "./model.ts";
import type { SecretBox } from "./needs.ts";
import { createReader } from "./reader.ts";
import { createSourceReader } from "./sources.ts";
import { createUnitWriter } from "./units.ts";

export interface RegistryMeans {
  readonly database: Database;
  readonly now: () => UtcMs;
  readonly newId: () => string;
  readonly box: SecretBox;
}

/** Opens the registry's door. */
export async function createRegistry(means: RegistryMeans): Promise<Registry> {
  const heard = new Set<() => void>();
  const tell = (): void => {
    for (const one of heard) one();
  };
  const stop = await means.database.listen(CHANNEL, {
    message: tell,
    connected: (connected) => {
      if (connected) tell();
    },
  });
  return {
    reader: createReader(means.database),
    writer: { ...createUnitWriter(means), ...createCameraWriter(means) },
    sources: createSourceReader(means.database, means.box),
    onChange(one) {
      heard.add(one);
      return () => heard.delete(one);
    },
    close() {
      stop();
      heard.clear();
    },
  };
}
