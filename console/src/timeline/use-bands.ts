import { useEffect, useRef, useState } from "react";
import * as calls from "../api/calls.ts";
import { readBands } from "./bands.ts";
import type { TimeBand } from "./bands.ts";
import { covers, fetchSpan, resolutionMs } from "./geometry.ts";
import type { View } from "./geometry.ts";

const RENEW_MS = 10_000;
const SETTLE_MS = 120;
const RULER_WIDTH = 1200;

export interface CameraBands {
  readonly bands: readonly TimeBand[];
  readonly first: number | undefined;
  readonly last: number | undefined;
}

interface Held {
  readonly cameras: string;
  readonly span: View;
  readonly resolution: number;
  readonly at: number;
}

/** The bands of cameras around a view: asked anew when the view leaves what is held, and every ten seconds. */
export function useBands(cameras: readonly string[], view: View): ReadonlyMap<string, CameraBands> {
  const [bands, setBands] = useState<ReadonlyMap<string, CameraBands>>(new Map());
  const held = useRef<Held | undefined>(undefined);
  const [beat, setBeat] = useState(0);
  const key = cameras.join(" ");
  useEffect(() => {
    const timer = setInterval(() => setBeat((old) => old + 1), RENEW_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (key === "") return;
    const resolution = resolutionMs(view, RULER_WIDTH);
    const now = Date.now();
    const has = held.current;
    const fresh = has !== undefined && has.cameras === key && covers(has.span, view) && has.resolution === resolution && now - has.at < RENEW_MS - 500;
    if (fresh) return;
    const abort = new AbortController();
    const timer = setTimeout(
      () => {
        const span = fetchSpan(view);
        calls
          .timeline(
            {
              camera: key.split(" "),
              from: new Date(span.from).toISOString(),
              to: new Date(span.to).toISOString(),
              resolutionMs: resolution,
            },
            abort.signal,
          )
          .then(
            (answer) => {
              held.current = { cameras: key, span, resolution, at: Date.now() };
              setBands(
                new Map(
                  answer.cameras.map((one) => [
                    one.camera,
                    {
                      bands: readBands(one.bands),
                      first: one.first === null ? undefined : Date.parse(one.first),
                      last: one.last === null ? undefined : Date.parse(one.last),
                    },
                  ]),
                ),
              );
            },
            () => undefined,
          );
      },
      has === undefined || has.cameras !== key ? 0 : SETTLE_MS,
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key, view, beat]);
  return bands;
}
