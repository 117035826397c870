import { useCallback, useEffect, useRef, useState } from "react";

export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Loads on mount, whenever `load` changes (memoise it), on demand and every `everyMs`. Late answers of an earlier load are dropped. */
export function useLoad<Value>(load: (signal: AbortSignal) => Promise<Value>, everyMs?: number): Loaded<Value> {
  const [value, setValue] = useState<Value>();
  const [error, setError] = useState<unknown>();
  const [loading, setLoading] = useState(true);
  const current = useRef<AbortController | undefined>(undefined);

  const run = useCallback(() => {
    current.current?.abort();
    const mine = new AbortController();
    current.current = mine;
    setLoading(true);
    load(mine.signal).then(
      (answer) => {
        if (mine.signal.aborted) return;
        setValue(answer);
        setError(undefined);
        setLoading(false);
      },
      (failure: unknown) => {
        if (mine.signal.aborted) return;
        setError(failure);
        setLoading(false);
      },
    );
  }, [load]);

  useEffect(() => {
    run();
    const timer = everyMs === undefined ? undefined : setInterval(run, everyMs);
    return () => {
      clearInterval(timer);
      current.current?.abort();
    };
  }, [run, everyMs]);
  return { value, error, loading, reload: run };
}
