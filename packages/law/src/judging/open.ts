import type { Pack } from "../pack.ts";
import type { Question } from "../types.ts";
import type { Text } from "../words.ts";

/** The word of a question that rules and open points are listed by. */
function wordOf(question: Question): string {
  switch (question.kind) {
    case "place":
      return question.input.place;
    case "deadline":
      return question.input.event;
    case "retention":
      return question.input.class;
    case "access":
      return question.input.requester;
    case "penalty":
      return question.input.violation;
    case "duty":
      return question.input.topic;
  }
}

/** What the text leaves open about a question that no rule of the pack answers. */
export function openDoubt(pack: Pack, question: Question): Text | undefined {
  const word = wordOf(question);
  const { date } = question.input;
  return pack.data.open?.find(
    (point) => point.kind === question.kind && point.words.includes(word) && point.from <= date && (point.to === undefined || date <= point.to),
  )?.doubt;
}
