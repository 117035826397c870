import { VERDICT_RANK } from "./judging/place.ts";
import type {
  AccessAnswer,
  Answer,
  AnswersByKind,
  AnswerTail,
  DeadlineAnswer,
  DutyAnswer,
  Fine,
  Kind,
  PackData,
  PenaltyAnswer,
  PlaceAnswer,
  RetentionAnswer,
} from "./types.ts";
import type { Text } from "./words.ts";

/** The rule by which two answers were brought together. */
export type CombiningRule = Text & { readonly id: string };
export type Basis = readonly { readonly pack: string; readonly articles: readonly string[] }[];

/**
 * What follows from the two texts together. Where no rule decides, `decidedBy` is `person`, `why` says what is
 * open, and `answer` holds only what is settled.
 */
export type Combined =
  | {
      readonly decidedBy: "rule";
      readonly rule: CombiningRule;
      readonly answer: object;
      readonly basis: Basis;
      readonly superior: string;
      readonly open?: Text;
    }
  | { readonly decidedBy: "person"; readonly why: Text; readonly answer: null; readonly basis: Basis; readonly superior: string };

interface Side<A> {
  readonly pack: PackData;
  readonly answer: A;
}
interface Sides<A> {
  readonly regional: Side<A>;
  readonly national: Side<A>;
}
type Settled = { readonly rule: CombiningRule; readonly answer: object; readonly open?: Text } | { readonly why: Text };
type Combiner<A> = (regional: A, national: A) => Settled;

const COMBINERS: { readonly [K in Kind]: Combiner<AnswersByKind[K]> } = {
  place: combinePlace,
  deadline: combineDeadline,
  retention: combineRetention,
  access: combineAccess,
  penalty: combinePenalty,
  duty: combineDuty,
};

/** Brings the two answers to one question of a kind together, or says that it is left to a person. */
export function combine(kind: Kind, sides: Sides<Answer>): Combined {
  const { regional, national } = sides;
  const superior = national.pack.id;
  const basis = [regional, national].flatMap((side) => {
    const articles = articlesOf(side.answer);
    return articles.length === 0 ? [] : [{ pack: side.pack.id, articles }];
  });
  const doubt = doubtOf(regional.answer, national.answer) ?? doubtOf(national.answer, regional.answer);
  const settled: Settled = doubt === undefined ? combineApplying(kind, sides) : { why: doubt };
  if ("why" in settled) return { decidedBy: "person", why: settled.why, answer: null, basis, superior };
  return { decidedBy: "rule", ...settled, basis, superior };
}

/** A text's doubt, unless the other text settles the place: by a ban, or by listing what this one may not even name. */
function doubtOf(answer: Answer, other: Answer): Text | undefined {
  if (!("verdict" in answer) || !("verdict" in other)) return answer.doubt;
  const settled = other.verdict === "prohibited" || (answer.verdict === "permitted" && other.verdict !== "permitted");
  return answer.verdict === "prohibited" || settled ? undefined : answer.doubt;
}

function articlesOf(answer: Answer): readonly string[] {
  return "articles" in answer ? answer.articles : [];
}

function combineApplying(kind: Kind, sides: Sides<Answer>): Settled {
  const regional = fieldsOf(sides.regional.answer);
  const national = fieldsOf(sides.national.answer);
  if (regional === undefined && national === undefined)
    return { rule: rule("neither-applies", "两者均不适用。", "Neither text applies."), answer: { applies: false } };
  if (regional === undefined) return { rule: rule("only-national", "只有上位法适用。", "Only the superior text applies."), answer: national ?? {} };
  if (national === undefined)
    return {
      rule: rule("only-regional", "上位法对此没有规定期限，只适用地方规定。", "The superior text sets nothing here; only the regional text applies."),
      answer: regional,
    };
  // The kind fixes the fields of both answers; the table is keyed by it.
  return (COMBINERS[kind] as Combiner<AnswersByKind[Kind]>)(regional, national);
}

/** An answer without its tail, or undefined when its text does not apply. */
function fieldsOf(answer: Answer): AnswersByKind[Kind] | undefined {
  const { reason: _reason, rules: _rules, draft: _draft, doubt: _doubt, ...fields }: Answer & Partial<AnswerTail> = answer;
  return "applies" in fields ? undefined : fields;
}

function rule(id: string, zh: string, en: string): CombiningRule {
  return { id, zh, en };
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}

function combinePlace(regional: PlaceAnswer, national: PlaceAnswer): Settled {
  const verdict = VERDICT_RANK[regional.verdict] > VERDICT_RANK[national.verdict] ? regional.verdict : national.verdict;
  const barred = verdict !== "prohibited" && (regional.barred || national.barred);
  const found = verdict === "prohibited" ? [] : union(listOf(regional.responsible), listOf(national.responsible));
  const who = found.length === 1 ? { responsible: found[0] } : {};
  const answer = { verdict, ...who, barred };
  const combining = rule(
    "stricter-place",
    "任一文本禁止即禁止，任一文本排除他人建设即排除。",
    "Prohibited if either text prohibits, barred if either text bars.",
  );
  if (found.length < 2) return { rule: combining, answer };
  const open = {
    zh: "两个文本指明的建设主体不同，由谁建设由人决定；上位法优先。",
    en: "The two texts name different builders; who builds is left to a person. The superior text ranks first.",
  };
  return { rule: combining, answer, open };
}

function listOf(word: string | undefined): readonly string[] {
  return word === undefined ? [] : [word];
}

function combineDeadline(regional: DeadlineAnswer, national: DeadlineAnswer): Settled {
  const [first, second] = regional.direction === national.direction && national.due < regional.due ? [national, regional] : [regional, national];
  if (regional.direction !== national.direction) {
    return {
      why: {
        zh: "一个期限在事前，一个在事后，两者都应遵守。",
        en: "One period lies before the event and one after it; both are to be kept, and a person sees to it.",
      },
    };
  }
  const answer = { ...first, articles: first.articles, alsoDue: second.due };
  return { rule: rule("earliest-deadline", "以先到的期限为准，两个期限均列出。", "The earliest period counts; both are shown."), answer };
}

function combineRetention(regional: RetentionAnswer, national: RetentionAnswer): Settled {
  const longer = (regional.mayDeleteFrom ?? "") > (national.mayDeleteFrom ?? "") ? regional : national;
  const answer = { minimum: longer.minimum, mayDeleteFrom: longer.mayDeleteFrom, thenDelete: regional.thenDelete || national.thenDelete };
  return {
    rule: rule(
      "longer-retention",
      "以较长的最短留存期为准；期满后已经实现处理目的的，应当删除。",
      "The longer minimum counts; after it footage is deleted once its purpose is met.",
    ),
    answer,
  };
}

function combineAccess(regional: AccessAnswer, national: AccessAnswer): Settled {
  const denials = [regional, national].filter((answer) => answer.decision === "deny").length;
  if (denials === 2) return { rule: rule("both-deny", "两个文本均无此权利。", "Neither text gives this right."), answer: { decision: "deny", missing: [] } };
  if (denials === 1) {
    return regional.decision === "deny"
      ? {
          why: {
            zh: "上位法赋予此权利而地方规定没有；地方规定的限制是否仍有效力，由人决定。",
            en: "The superior text gives this right and the regional one does not; whether the regional limit still stands is left to a person.",
          },
        }
      : {
          why: {
            zh: "地方规定赋予此权利而上位法没有；该权利是否仍有依据，由人决定。",
            en: "The regional text gives this right and the superior one does not; whether the right still has a basis is left to a person.",
          },
        };
  }
  const missing = union(regional.missing, national.missing);
  const answer = { decision: missing.length === 0 ? "allow" : "incomplete", missing };
  return {
    rule: rule("conditions-of-both", "两个文本的条件都应满足；不一致时上位法优先。", "The conditions of both texts are met; the superior text ranks first."),
    answer,
  };
}

function combinePenalty(regional: PenaltyAnswer, national: PenaltyAnswer): Settled {
  if (isSilent(regional)) {
    const id = isSilent(national) ? "neither-punishes" : "only-national";
    return {
      rule: rule(id, "地方规定对此没有处罚，适用上位法。", "The regional text has no penalty for this; the superior text applies."),
      answer: { measures: national.measures, fine: national.fine },
    };
  }
  if (pointsElsewhere(regional)) return combinePointer(regional, national);
  if (isSilent(national)) {
    if (regional.fine === null) {
      return {
        rule: rule(
          "only-regional",
          "上位法对此没有处罚，地方规定此阶段没有罚款。",
          "The superior text has no penalty for this, and the regional one has no fine at this stage.",
        ),
        answer: { measures: regional.measures, fine: null },
      };
    }
    return {
      why: {
        zh: "上位法对此没有处罚，地方罚款是否有效由人决定（行政处罚法第十四条）。",
        en: "The superior text has no penalty for this; whether the local fine stands is left to a person (Administrative Penalty Law art. 14).",
      },
    };
  }
  if (isWithin(regional, national)) {
    return {
      rule: rule(
        "within-national-range",
        "地方处罚在上位法的种类和幅度之内，按其具体规定。",
        "The local penalty lies within the kinds and range of the superior text and specifies it.",
      ),
      answer: { measures: national.measures, fine: regional.fine },
    };
  }
  return {
    why: {
      zh: "地方处罚与上位法的种类或者幅度不一致，由人决定（行政处罚法第十四条）。",
      en: "The local penalty differs in kind or range from the superior text; it is left to a person (Administrative Penalty Law art. 14).",
    },
  };
}

/** A regional text that only points to other laws stands in the way of no superior penalty. */
function combinePointer(regional: PenaltyAnswer, national: PenaltyAnswer): Settled {
  if (isSilent(national) || pointsElsewhere(national)) {
    return {
      rule: rule(
        "only-other-law",
        "两个文本均没有自己的处罚；其他法律、法规有处罚规定的，从其规定。",
        "Neither text has a penalty of its own; where another law has one, it is followed.",
      ),
      answer: { measures: regional.measures, fine: null },
    };
  }
  return {
    rule: rule(
      "only-national",
      "地方规定对此没有自己的处罚，只指向其他法律、法规；适用上位法的处罚。",
      "The regional text has no penalty of its own for this and only points to other laws; the penalty of the superior text applies.",
    ),
    answer: { measures: national.measures, fine: national.fine },
  };
}

function isSilent(answer: PenaltyAnswer): boolean {
  return answer.measures.length === 0 && answer.fine === null;
}

/** Whether the text has no penalty of its own for this and only points to the penalties of other laws. */
function pointsElsewhere(answer: PenaltyAnswer): boolean {
  return answer.measures.length === 1 && answer.measures[0] === "per-other-law" && answer.fine === null;
}

function isWithin(regional: PenaltyAnswer, national: PenaltyAnswer): boolean {
  return regional.measures.every((measure) => national.measures.includes(measure)) && isFineWithin(regional.fine, national.fine);
}

function isFineWithin(regional: Fine | null, national: Fine | null): boolean {
  if (regional === null || national === null) return regional === national;
  return regional.min >= national.min && regional.max <= national.max;
}

function combineDuty(regional: DutyAnswer, national: DutyAnswer): Settled {
  const answer = { binding: regional.binding || national.binding };
  return { rule: rule("duties-of-both", "任一文本规定的义务都应履行。", "A duty of either text is to be kept."), answer };
}
