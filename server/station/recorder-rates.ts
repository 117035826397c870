import { MS_PER_DAY } from "@mingjian/vocab";
import type { StreamId } from "@mingjian/vocab";
import type { Clock } from "../ports/index.ts";

const SAMPLE_MS = 10_000;
/** Rates are measured over the last hour, or what there is of it. */
const SAMPLES_MAX = 360;
/** Below this a rate says nothing. */
const MEASURED_MS_MIN = 20_000;

interface Written {
  readonly stream: StreamId;
  readonly writtenBytes: number;
}

/** Bytes a day that each stream writes, measured on what was made durable. */
export class RateBook {
  readonly #clock: Clock;
  #samples: { readonly atMs: number; readonly bytes: ReadonlyMap<StreamId, number> }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(written: readonly Written[]): Record<string, number> {
    const atMs = this.#clock.monotonicMs();
    const last = this.#samples.at(-1);
    if (last === undefined || atMs - last.atMs >= SAMPLE_MS) {
      this.#samples.push({ atMs, bytes: new Map(written.map((one) => [one.stream, one.writtenBytes])) });
      if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    }
    const rates: Record<string, number> = {};
    for (const { stream, writtenBytes } of written) {
      const first = this.#samples.find((sample) => sample.bytes.has(stream));
      const bytes = first?.bytes.get(stream);
      if (first === undefined || bytes === undefined || atMs - first.atMs < MEASURED_MS_MIN) continue;
      const rate = ((writtenBytes - bytes) / (atMs - first.atMs)) * MS_PER_DAY;
      if (rate > 0) rates[stream] = Math.round(rate);
    }
    return rates;
  }
}
