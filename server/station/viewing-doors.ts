import type { Access, Scope } from "../access/index.ts";
import { Fault } from "@mingjian/vocab";
import type { GrantAsk, Grants, Register } from "../viewing/index.ts";

function scopeOf(target: GrantAsk["target"]): Scope {
  return target === "live" ? { kind: "live" } : { kind: "span", span: target };
}

/** The gateway's view of the grants. */
export function grantsDoor(access: Access): Grants {
  return {
    check: async ({ target, ...question }) => {
      const answer = await access.check({ ...question, scope: scopeOf(target) });
      if (answer.allowed) {
        const { grant } = answer;
        return {
          allowed: true,
          expiresAt: grant.expiresAt,
          purpose: grant.purpose,
          basis: grant.basis,
          span: grant.scope.kind === "span" ? grant.scope.span : undefined,
        };
      }
      if (answer.code === "grant-expired" || answer.code === "grant-revoked" || answer.code === "grant-needed") return { allowed: false, code: answer.code };
      if (answer.code === "database-away") throw new Fault("database-away", "the grant cannot be looked up");
      return { allowed: false, code: "grant-needed" };
    },
    onChange: (listener) =>
      access.onEnded((ended) => listener(ended.grant, ended.code === "grant-expired" || ended.code === "database-away" ? ended.code : "grant-revoked")),
  };
}

/** The gateway's view of the register. */
export function registerDoor(access: Access): Register {
  return {
    begin: ({ target, ...use }) => access.beginUse({ ...use, scope: scopeOf(target) }),
    end: async (session, result) => {
      access.endUse(session, { ...result, servedFrom: result.servedFrom ?? null, servedTo: result.servedTo ?? null });
    },
  };
}
