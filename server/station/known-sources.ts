import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { isFault } from "@mingjian/vocab";
import type { SecretBox } from "../ports/index.ts";
import type { Logger } from "./log.ts";
import type { RecorderSource } from "./recorder-messages.ts";

const CONTEXT = "known-sources";

/**
 * What was last recorded, sealed beside the footage: so that a station that starts while its database is away
 * records the same cameras until the database is back.
 */
export class KnownSources {
  readonly #file: string;
  readonly #box: SecretBox;
  readonly #log: Logger;

  constructor(file: string, box: SecretBox, log: Logger) {
    this.#file = file;
    this.#box = box;
    this.#log = log;
  }

  read(): readonly RecorderSource[] {
    try {
      return JSON.parse(this.#box.open(readFileSync(this.#file, "utf8"), CONTEXT)) as RecorderSource[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        this.#log.warn({ error: isFault(error) ? error.code : String(error) }, "the list of known cameras cannot be read");
      return [];
    }
  }

  /** Whole or not at all; failing costs only what a start without a database could have recorded. */
  write(sources: readonly RecorderSource[]): void {
    try {
      writeFileSync(`${this.#file}.part`, this.#box.seal(JSON.stringify(sources), CONTEXT), { mode: 0o600 });
      renameSync(`${this.#file}.part`, this.#file);
    } catch (error) {
      this.#log.warn({ error: String(error) }, "the list of known cameras cannot be kept");
    }
  }
}
