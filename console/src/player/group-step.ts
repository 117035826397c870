/** What is known about one camera's picture at the instant its group stands at. */
export type Standing =
  | { readonly kind: "ready" }
  | { readonly kind: "loading" }
  | { readonly kind: "gap"; readonly from: number; readonly to: number; readonly cause: string }
  | { readonly kind: "end"; readonly at: number }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  | { readonly kind: "unsupported"; readonly mime: string };

export type GroupStep =
  /** Some pictures are on their way: the clock stands. */
  | { readonly kind: "wait" }
  /** `leader` sets the clock; the others follow it. */
  | { readonly kind: "run"; readonly leader: number }
  /** No camera has a picture here: go on where the first has one again. */
  | { readonly kind: "skip"; readonly from: number; readonly to: number; readonly cause: string }
  /** Nothing was recorded after this instant by any camera. */
  | { readonly kind: "end" }
  /** No camera can be shown at all. */
  | { readonly kind: "none" };

/**
 * What cameras that play together do next. `patient` says of each whether it may still make the others wait;
 * a camera that loads for too long no longer does.
 */
export function groupStep(standings: readonly Standing[], patient: readonly boolean[]): GroupStep {
  if (standings.some((one, i) => one.kind === "loading" && patient[i] === true)) return { kind: "wait" };
  const leader = standings.findIndex((one) => one.kind === "ready");
  if (leader >= 0) return { kind: "run", leader };
  if (standings.some((one) => one.kind === "loading")) return { kind: "wait" };
  let skip: Extract<Standing, { kind: "gap" }> | undefined;
  for (const one of standings) {
    if (one.kind === "gap" && (skip === undefined || one.to < skip.to)) skip = one;
  }
  if (skip !== undefined) return { kind: "skip", from: skip.from, to: skip.to, cause: skip.cause };
  return standings.some((one) => one.kind === "end") ? { kind: "end" } : { kind: "none" };
}
