import { stateCouncilCalendar } from "./calendar.ts";
import type { WorkCalendar } from "./calendar.ts";
import { judgeAccess } from "./judging/access.ts";
import { deadlineRule, judgeDeadline } from "./judging/deadline.ts";
import { judgeDuty } from "./judging/duty.ts";
import { notApplicable } from "./judging/judged.ts";
import type { Judged } from "./judging/judged.ts";
import { openDoubt } from "./judging/open.ts";
import { judgePenalty } from "./judging/penalty.ts";
import { judgePlace } from "./judging/place.ts";
import { judgeRetention } from "./judging/retention.ts";
import type { Pack } from "./pack.ts";
import type { Answer, AnswersByKind, Failure, Kind, Question } from "./types.ts";
import type { Text } from "./words.ts";

/**
 * The answer of one pack to one parsed question, by the conventions of the law contract, with its reason and the
 * ids of the rules that decided. A missing calendar year or a date beyond the year 9999 comes back as an error.
 * The question's `pack` field is not looked at: the pack given answers.
 */
export function judge(pack: Pack, question: Question, calendar: WorkCalendar = stateCouncilCalendar): Answer | Failure {
  const outside = inForce(pack, question);
  if (outside !== undefined) return finish(pack, outside, undefined);
  const judged = judgeKind(pack, question, calendar);
  if ("error" in judged) return judged;
  return finish(pack, judged, judged.decided.length === 0 ? openDoubt(pack, question) : undefined);
}

function judgeKind(pack: Pack, question: Question, calendar: WorkCalendar): Judged<AnswersByKind[Kind]> | Failure {
  switch (question.kind) {
    case "place":
      return judgePlace(pack, question.input);
    case "deadline":
      return judgeDeadline(pack, question.input, calendar);
    case "retention":
      return judgeRetention(pack, question.input);
    case "access":
      return judgeAccess(pack, question.input);
    case "penalty":
      return judgePenalty(pack, question.input);
    case "duty":
      return judgeDuty(pack, question.input);
  }
}

/** C6: outside the days in force nothing applies, except a period given to systems finished before commencement. */
function inForce(pack: Pack, question: Question): Judged<never> | undefined {
  const { from, to } = pack.data.effective;
  const { date } = question.input;
  if (date < from) {
    if (question.kind === "deadline" && deadlineRule(pack, question.input) !== undefined) return undefined;
    return notApplicable(`${date}在${from}施行之前，不适用。`, `${date} is before commencement on ${from}: not applicable.`);
  }
  if (to !== undefined && date > to) return notApplicable(`${date}在${to}失效之后，不适用。`, `${date} is after the last day in force, ${to}: not applicable.`);
  return undefined;
}

function finish(pack: Pack, judged: Judged<AnswersByKind[Kind]>, open: Text | undefined): Answer {
  const { answer, reason, decided } = judged;
  const rules = decided.map((rule) => rule.id);
  const doubt = decided.find((rule) => rule.doubt !== undefined)?.doubt ?? open;
  return {
    ...answer,
    reason,
    rules,
    ...(pack.data.status === "draft" ? { draft: true } : {}),
    ...(doubt === undefined ? {} : { doubt }),
  };
}
