import type { Profiler } from "node:inspector";
import { Session } from "node:inspector";

/** Takes any bytes; throws when the property does not hold. */
export type Property = (bytes: Uint8Array) => void;

export interface FuzzOptions {
  readonly inputs: number;
  /** Another seed takes another path; the same seed the same. */
  readonly seed: number;
  readonly starts: readonly Uint8Array[];
  /** Whether the coverage of this script guides the search. */
  readonly follows: (url: string) => boolean;
  readonly bytesMax?: number;
}

export interface FuzzResult {
  readonly inputs: number;
  /** Inputs that reached something new, the starts included. */
  readonly corpus: readonly Uint8Array[];
  readonly failure: { readonly input: Uint8Array; readonly error: unknown } | undefined;
}

const BATCH_INPUTS = 100;
const BYTES_MAX = 4096;
/** Values at which lengths and counters change their minds. */
const TELLING = [0, 1, 0x7f, 0x80, 0xff, 0x0d, 0x0a, 0x20, 0x24, 0x3a, 0x40, 0xe0];

/** Reproducible chance: xorshift32, an integer of [0, below). */
export function dice(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Mutation = (bytes: number[], roll: (below: number) => number, corpus: readonly Uint8Array[]) => void;

const MUTATIONS: readonly Mutation[] = [
  (bytes, roll) => void (bytes[roll(bytes.length)] = roll(256)),
  (bytes, roll) => void (bytes[roll(bytes.length)] = TELLING[roll(TELLING.length)] ?? 0),
  (bytes, roll) => {
    const at = roll(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << roll(8));
  },
  (bytes, roll) => void bytes.splice(roll(bytes.length + 1), 0, roll(256)),
  (bytes, roll) => void bytes.splice(roll(bytes.length), 1 + roll(8)),
  (bytes, roll) => void bytes.splice(roll(bytes.length)),
  (bytes, roll) => {
    const from = roll(bytes.length);
    bytes.splice(roll(bytes.length), 0, ...bytes.slice(from, from + 1 + roll(64)));
  },
  (bytes, roll, corpus) => {
    const other = corpus[roll(corpus.length)] ?? new Uint8Array();
    const from = roll(other.length + 1);
    bytes.splice(roll(bytes.length), 0, ...other.subarray(from, from + 1 + roll(64)));
  },
  (bytes, roll) => {
    const at = roll(bytes.length);
    for (const [index, value] of [0xff, 0xff, 0xff, 0xff].entries()) bytes[at + index] = roll(2) === 0 ? value : 0;
  },
];

function mutate(input: Uint8Array, roll: (below: number) => number, corpus: readonly Uint8Array[], bytesMax: number): Uint8Array {
  const bytes = [...input];
  for (let times = 1 + roll(4); times > 0; times--) {
    if (bytes.length === 0) bytes.push(roll(256));
    MUTATIONS[roll(MUTATIONS.length)]?.(bytes, roll, corpus);
  }
  return Uint8Array.from(bytes.slice(0, bytesMax));
}

let session: Session | undefined;

/** One session for the life of the process: a function that ran before coverage began has no counters of its own. */
function coverageSession(): Session {
  if (session === undefined) {
    session = new Session();
    session.connect();
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }
  return session;
}

/** Which characters of which script were ever run. */
class Coverage {
  readonly #session = coverageSession();
  readonly #seen = new Map<string, Uint8Array>();
  readonly #follows: (url: string) => boolean;

  constructor(follows: (url: string) => boolean) {
    this.#follows = follows;
    // Forgets what ran before this search.
    this.#session.post("Profiler.takePreciseCoverage");
  }

  /** How many characters ran since the last call that never ran before; remembered when `keep` says so. */
  take(keep: boolean): number {
    let found: Profiler.ScriptCoverage[] = [];
    // The answer comes before `post` returns: the session is this thread's own.
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error === null) found = taken.result;
    });
    return found.filter((script) => this.#follows(script.url)).reduce((sum, script) => sum + this.#merge(script, keep), 0);
  }

  #merge(script: Profiler.ScriptCoverage, keep: boolean): number {
    let fresh = 0;
    for (const { ranges } of script.functions) {
      const [whole] = ranges;
      if (whole === undefined || whole.count === 0) continue;
      const ran = new Uint8Array(whole.endOffset - whole.startOffset);
      // Ranges stand outer before inner, and the inner one says what is true.
      for (const { startOffset, endOffset, count } of ranges) ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
      fresh += this.#add(script.url, whole.startOffset, ran, keep);
    }
    return fresh;
  }

  #add(url: string, offset: number, ran: Uint8Array, keep: boolean): number {
    let seen = this.#seen.get(url);
    if (seen === undefined || seen.length < offset + ran.length) {
      const longer = new Uint8Array(offset + ran.length);
      if (seen !== undefined) longer.set(seen);
      this.#seen.set(url, longer);
      seen = longer;
    }
    let fresh = 0;
    for (const [index, one] of ran.entries()) {
      if (one === 1 && seen[offset + index] === 0) {
        if (keep) seen[offset + index] = 1;
        fresh += 1;
      }
    }
    return fresh;
  }
}

/** Searches for bytes that break a property, keeping inputs that reach something new. Stops at the first failure. */
export function fuzz(property: Property, options: FuzzOptions): FuzzResult {
  const { inputs, seed, starts, follows, bytesMax = BYTES_MAX } = options;
  const roll = dice(seed);
  const corpus: Uint8Array[] = [Uint8Array.of(0)];
  const coverage = new Coverage(follows);
  let done = 0;
  const failureOf = (input: Uint8Array): FuzzResult["failure"] => {
    try {
      done += 1;
      property(input);
      return undefined;
    } catch (error) {
      return { input, error };
    }
  };
  for (const start of starts) {
    const failure = failureOf(start);
    if (failure !== undefined) return { inputs: done, corpus, failure };
    corpus.push(start);
  }
  coverage.take(true);
  while (done < inputs) {
    const batch = Array.from({ length: BATCH_INPUTS }, () => mutate(corpus[roll(corpus.length)] ?? new Uint8Array(), roll, corpus, bytesMax));
    for (const input of batch) {
      const failure = failureOf(input);
      if (failure !== undefined) return { inputs: done, corpus, failure };
    }
    // Asking costs more than a hundred inputs: ask once, and look for the one only when there is something to find.
    if (coverage.take(false) === 0) continue;
    for (const input of batch) {
      failureOf(input);
      if (coverage.take(true) > 0) corpus.push(input);
    }
  }
  return { inputs: done, corpus, failure: undefined };
}
