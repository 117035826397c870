import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import type { Me } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { ApiError, onSignedOut } from "../api/client.ts";
import { forgetPurpose } from "../access/purpose.ts";

type SessionState =
  | { readonly kind: "unknown" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "signed-in"; readonly me: Me };

interface SessionDoor {
  readonly state: SessionState;
  readonly enter: (me: Me) => void;
  readonly leave: () => Promise<void>;
  readonly reload: () => Promise<void>;
}

const SessionContext = createContext<SessionDoor | undefined>(undefined);
const UNREACHABLE_RETRY_MS = 4000;

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<SessionState>({ kind: "unknown" });
  const reload = useCallback(async () => {
    try {
      setState({ kind: "signed-in", me: await calls.me() });
    } catch (error) {
      setState({ kind: error instanceof ApiError && error.code === "not-signed-in" ? "signed-out" : "unreachable" });
    }
  }, []);
  const leave = useCallback(async () => {
    await calls.signOut().catch(() => undefined);
    forgetPurpose();
    setState({ kind: "signed-out" });
  }, []);
  const enter = useCallback((me: Me) => setState({ kind: "signed-in", me }), []);

  useEffect(() => {
    void reload();
    onSignedOut(() => setState({ kind: "signed-out" }));
    return () => onSignedOut(undefined);
  }, [reload]);
  useEffect(() => {
    if (state.kind !== "unreachable") return;
    const timer = setTimeout(() => void reload(), UNREACHABLE_RETRY_MS);
    return () => clearTimeout(timer);
  }, [state, reload]);

  const door = useMemo(() => ({ state, enter, leave, reload }), [state, enter, leave, reload]);
  return <SessionContext value={door}>{children}</SessionContext>;
}

export function useSession(): SessionDoor {
  const door = useContext(SessionContext);
  if (door === undefined) throw new Error("assertion failed: no SessionProvider above");
  return door;
}

/** Who is signed in; only below the pages that need it. */
export function useMe(): Me {
  const { state } = useSession();
  if (state.kind !== "signed-in") throw new Error("assertion failed: a page for signed-in people without one");
  return state.me;
}
