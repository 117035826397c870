import { stateCouncilCalendar } from "./calendar.ts";
import type { WorkCalendar } from "./calendar.ts";
import { judge } from "./judge.ts";
import { isReached, penaltyHolds } from "./judging/penalty.ts";
import { coversSpot } from "./judging/place.ts";
import { holds } from "./pack.ts";
import type { Dated, Pack } from "./pack.ts";
import type { Answer, Failure, PenaltyRule, Question, Rule } from "./types.ts";
import type { Text } from "./words.ts";

/** One rule looked at on the way to an answer, and what became of it. */
export interface Step {
  readonly rule: string | null;
  readonly articles: readonly string[];
  readonly decides: boolean;
  readonly note: Text;
}
export interface Explanation {
  readonly answer: Answer | Failure;
  readonly steps: readonly Step[];
}

/** The answer of `judge` with every rule that speaks of the question's word, and why each did or did not decide. */
export function explain(pack: Pack, question: Question, calendar: WorkCalendar = stateCouncilCalendar): Explanation {
  const answer = judge(pack, question, calendar);
  const decided = new Set("error" in answer ? [] : answer.rules);
  const steps: Step[] = [commencementStep(pack, question)];
  for (const rule of candidates(pack, question)) {
    const decides = decided.has(rule.id);
    const note = decides ? rule.explanation : passedOver(pack, question, rule);
    steps.push({ rule: rule.id, articles: rule.articles, decides, note });
    if (decides && question.kind === "penalty") steps.push(...stageSteps(pack, question.input));
  }
  steps.push(...conventionSteps(question, answer));
  return { answer, steps };
}

function commencementStep(pack: Pack, question: Question): Step {
  const { from, article } = pack.data.effective;
  const before = question.input.date < from;
  return {
    rule: null,
    articles: [article],
    decides: false,
    note: before
      ? { zh: `${question.input.date}在${from}施行之前。`, en: `${question.input.date} is before commencement on ${from}.` }
      : { zh: `${from}起施行，${question.input.date}在施行之后。`, en: `In force from ${from}; ${question.input.date} is not before it.` },
  };
}

function candidates(pack: Pack, question: Question): readonly Dated<Rule>[] {
  switch (question.kind) {
    case "place":
      return pack.place.get(question.input.place) ?? [];
    case "deadline":
      return pack.deadline.get(question.input.event) ?? [];
    case "retention":
      return pack.retention.get(question.input.class) ?? [];
    case "access":
      return pack.access.get(question.input.requester) ?? [];
    case "penalty":
      return pack.penalty.get(question.input.violation) ?? [];
    case "duty":
      return pack.duty.get(question.input.topic) ?? [];
  }
}

const OTHER: Text = { zh: "不涉及所问情形。", en: "Does not speak of the case asked about." };

function passedOver(pack: Pack, question: Question, rule: Dated<Rule>): Text {
  if (question.kind === "deadline") {
    if ("start" in rule && rule.start === "commencement")
      return { zh: "只适用于施行前已经建成的系统。", en: "Holds only for systems finished before commencement." };
  }
  if (question.input.date < pack.data.effective.from) return { zh: "施行之前不适用。", en: "Does not apply before commencement." };
  if (!holds(rule, question.input.date)) return { zh: `只在${rule.from}至${rule.end}之间有效。`, en: `Holds only from ${rule.from} to ${rule.end}.` };
  if (question.kind === "place" && "verdict" in rule) {
    return coversSpot(rule, question.input.spot)
      ? { zh: "被更严格的规则取代。", en: "A stricter rule prevails over it." }
      : { zh: "未列所问部位。", en: "Does not name the spot asked about." };
  }
  if (question.kind === "access" && "right" in rule) {
    if (!rule.actions.includes(question.input.action)) return { zh: "涉及其他行为。", en: "Speaks of another action." };
    if ((rule.emergency ?? question.input.emergency) !== question.input.emergency) {
      return rule.emergency === true
        ? { zh: "只在突发事件中适用。", en: "Holds only in an emergency." }
        : { zh: "突发事件中不适用。", en: "Does not hold in an emergency." };
    }
    return { zh: "已有授权规则适用。", en: "A rule that grants the right prevails over it." };
  }
  return OTHER;
}

function stageSteps(pack: Pack, input: Extract<Question, { kind: "penalty" }>["input"]): Step[] {
  const rule = (pack.penalty.get(input.violation) ?? []).find((candidate) => penaltyHolds(candidate, input));
  return (rule?.stages ?? []).map((stage) => stageStep(rule?.articles ?? [], stage, isReached(stage, input)));
}

const WHEN: Readonly<Record<PenaltyRule["stages"][number]["when"], Text>> = {
  always: { zh: "首次查处", en: "at once" },
  "order-missed": { zh: "逾期不改正或者拒不改正", en: "after the order is missed or refused" },
  serious: { zh: "造成严重后果", en: "with serious consequences" },
  "order-missed-or-serious": { zh: "拒不改正或者造成严重后果", en: "after refusal or with serious consequences" },
};

function stageStep(articles: readonly string[], stage: PenaltyRule["stages"][number], reached: boolean): Step {
  const when = WHEN[stage.when];
  const note = reached
    ? { zh: `阶段“${when.zh}”已达到。`, en: `The stage "${when.en}" is reached.` }
    : { zh: `阶段“${when.zh}”未达到。`, en: `The stage "${when.en}" is not reached.` };
  return { rule: null, articles, decides: false, note };
}

function conventionSteps(question: Question, answer: Answer | Failure): Step[] {
  const notes: Text[] = [];
  if ("due" in answer) {
    if (answer.unit === "days") notes.push({ zh: "C1：起算日不计入。", en: "C1: the day of the event is not counted." });
    else if (answer.unit === "working-days")
      notes.push({ zh: "C4：按国务院放假安排计算工作日，当日不计入。", en: "C4: working days by the State Council notices; the day itself is not counted." });
    else notes.push({ zh: "C2：到对应日，没有对应日的到月末。", en: "C2: the corresponding day, else the last of the month." });
    notes.push({ zh: "C3：到期日为休息日的不顺延。", en: "C3: no extension over rest days." });
  }
  if ("mayDeleteFrom" in answer && answer.mayDeleteFrom !== null)
    notes.push({ zh: "C5：留存末日的次日起可以删除。", en: "C5: deletion from the day after the last day kept." });
  if ("verdict" in answer) notes.push({ zh: "C7：结论针对场所，与建设者无关。", en: "C7: the verdict classes the place, whoever builds." });
  if (question.kind === "access" && !("error" in answer))
    notes.push({ zh: "C10：以用途正当、内容不涉密为前提。", en: "C10: the lawful purpose and non-secret content are taken as given." });
  return notes.map((note) => ({ rule: null, articles: [], decides: false, note }));
}
