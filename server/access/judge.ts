import type { UtcMs } from "@mingjian/vocab";
import type { CheckAnswer, CheckQuestion, Grant } from "./model.ts";

/**
 * Whether a grant allows this, now. A grant of somebody else, for another camera, action or time is no grant at all:
 * `grant-needed`, whatever else may be wrong with it, so that nothing is learnt about other people's grants.
 */
export function judge(grant: Grant | undefined, question: CheckQuestion, now: UtcMs): CheckAnswer {
  if (grant === undefined || !covers(grant, question)) return { allowed: false, code: "grant-needed" };
  if (grant.revokedAt !== null) return { allowed: false, code: "grant-revoked" };
  // The clock may have been set back since the grant was issued: then it is not yet good either.
  if (now >= grant.expiresAt || now < grant.issuedAt - CLOCK_SLACK_MS) return { allowed: false, code: "grant-expired" };
  return { allowed: true, grant };
}

/** Several processes of one machine agree on the time this well. */
export const CLOCK_SLACK_MS = 60_000;

function covers(grant: Grant, question: CheckQuestion): boolean {
  if (grant.id !== question.grant || grant.user !== question.user) return false;
  if (!grant.cameras.includes(question.camera) || !grant.actions.includes(question.action)) return false;
  if (grant.scope.kind === "live" || question.scope.kind === "live") return grant.scope.kind === question.scope.kind;
  const asked = question.scope.span;
  return asked.from < asked.to && asked.from >= grant.scope.span.from && asked.to <= grant.scope.span.to;
}
