import type { Packs } from "./builtin.ts";
import { stateCouncilCalendar } from "./calendar.ts";
import type { WorkCalendar } from "./calendar.ts";
import { judge } from "./judge.ts";
import { parseQuestion, unknownWord } from "./question.ts";
import type { ParsedQuestion } from "./question.ts";
import type { Answer, Failure, QuestionId } from "./types.ts";

/** One line of answers: the question's id (null when it could not be read) and either the answer or the error. */
export type AskedLine = { readonly id: QuestionId | null } & (Answer | Failure);

/** Answers one line of questions with the packs given. Never throws. */
export function ask(packs: Packs, line: string, calendar: WorkCalendar = stateCouncilCalendar): AskedLine {
  return answer(packs, parseQuestion(line), calendar);
}

/** Answers a question that has been read already. */
export function answer(packs: Packs, parsed: ParsedQuestion, calendar: WorkCalendar = stateCouncilCalendar): AskedLine {
  if ("error" in parsed) return parsed;
  const { question } = parsed;
  const pack = packs.get(question.pack);
  if (pack === undefined) return { id: question.id, ...unknownWord("unknown-pack", "/pack", question.pack, [...packs.keys()]) };
  return { id: question.id, ...judge(pack, question, calendar) };
}
