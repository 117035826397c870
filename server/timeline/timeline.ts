import type { Database } from "../ports/index.ts";
import { createIndexer } from "./indexer.ts";
import type { Timeline } from "./model.ts";
import { createReader } from "./reader.ts";

/** Opens the door of the index. */
export function createTimeline({ database }: { readonly database: Database }): Timeline {
  return { reader: createReader(database), indexer: createIndexer(database) };
}
