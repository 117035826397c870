import { holds } from "../pack.ts";
import type { Dated, Pack } from "../pack.ts";
import type { AccessAnswer, AccessNeeds, AccessRule, Inputs } from "../types.ts";
import { label } from "../words.ts";
import { cite } from "./judged.ts";
import type { Judged } from "./judged.ts";

type AccessInput = Inputs["access"];

/** Whether a rule speaks of this requester, action and state of emergency on this day. */
export function accessHolds(rule: Dated<AccessRule>, input: AccessInput): boolean {
  return holds(rule, input.date) && rule.actions.includes(input.action) && (rule.emergency ?? input.emergency) === input.emergency;
}

export function judgeAccess(pack: Pack, input: AccessInput): Judged<AccessAnswer> {
  const rules = (pack.access.get(input.requester) ?? []).filter((rule) => accessHolds(rule, input));
  const grant = rules.find((rule) => rule.right === "grant");
  if (grant === undefined) return denied(rules[0], input);
  const missing = missingNeeds(grant.needs ?? {}, input);
  const articles = cite(grant.articles, grant.procedure);
  if (missing.length === 0) return { answer: { decision: "allow", missing, articles }, reason: grant.explanation, decided: [grant] };
  const reason = {
    zh: `${grant.explanation.zh}尚缺：${missing.map((word) => label("missing", word).zh).join("、")}。`,
    en: `${grant.explanation.en} Missing: ${missing.map((word) => label("missing", word).en).join(", ")}.`,
  };
  return { answer: { decision: "incomplete", missing, articles }, reason, decided: [grant] };
}

function denied(refusal: Dated<AccessRule> | undefined, input: AccessInput): Judged<AccessAnswer> {
  if (refusal !== undefined) {
    return { answer: { decision: "deny", missing: [], articles: refusal.articles }, reason: refusal.explanation, decided: [refusal] };
  }
  const who = label("requester", input.requester);
  const what = label("action", input.action);
  return {
    answer: { decision: "deny", missing: [], articles: [] },
    reason: { zh: `本文未赋予${who.zh}${what.zh}的权利。`, en: `The text gives no right to this action (${what.en}) to this requester (${who.en}).` },
    decided: [],
  };
}

/** The words of what a grant asks for and the request does not show, in the order staff, papers, approvals. */
export function missingNeeds(needs: AccessNeeds, input: AccessInput): string[] {
  const missing: string[] = [];
  if (needs.staff !== undefined && input.staff < needs.staff) missing.push("two-staff");
  for (const document of needs.documents ?? []) if (!input.documents.includes(document)) missing.push(document);
  const either = needs.eitherDocument;
  if (either !== undefined && !either.of.some((document) => input.documents.includes(document))) missing.push(either.missing);
  for (const approval of needs.approvals ?? []) if (!input.approvals.includes(approval)) missing.push(approval);
  const anyApproval = needs.eitherApproval;
  if (anyApproval !== undefined && !anyApproval.of.some((approval) => input.approvals.includes(approval))) missing.push(anyApproval.missing);
  return missing;
}
