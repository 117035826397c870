import type { Text } from "./words.ts";

export type Kind = "place" | "deadline" | "retention" | "access" | "penalty" | "duty";
export const KINDS: readonly Kind[] = ["place", "deadline", "retention", "access", "penalty", "duty"];

/** What every rule of a pack carries. Dates are `YYYY-MM-DD`; both ends count. */
export interface RuleHead {
  readonly id: string;
  readonly from: string;
  readonly to?: string;
  readonly follows?: string;
  readonly articles: readonly string[];
  readonly explanation: Text;
  /** What the text leaves open; a comparison then leaves the case to a person. */
  readonly doubt?: Text;
}

export type Verdict = "prohibited" | "mandatory-government-only" | "mandatory" | "permitted";
export interface PlaceRule extends RuleHead {
  readonly verdict: Exclude<Verdict, "permitted">;
  readonly places: readonly string[];
  readonly spots?: readonly string[];
  /** The rule holds for every spot but these: a text that speaks of the inside only. Not together with `spots`. */
  readonly exceptSpots?: readonly string[];
  readonly responsible?: { readonly who: string; readonly articles: readonly string[] };
}

export type PeriodUnit = "days" | "working-days" | "months" | "years";
export interface DeadlineRule extends RuleHead {
  readonly event: string;
  readonly count: number;
  readonly unit: PeriodUnit;
  readonly direction: "before" | "after";
  readonly start: "event" | "commencement";
  readonly authority: string;
}

export interface Period {
  readonly count: number;
  readonly unit: Exclude<PeriodUnit, "working-days">;
}
export interface RetentionRule extends RuleHead {
  readonly classes: readonly string[];
  /** Null where the text sets the class no period. */
  readonly minimum: Period | null;
  readonly thenDelete?: boolean;
}

export interface AccessNeeds {
  readonly staff?: number;
  readonly documents?: readonly string[];
  readonly eitherDocument?: { readonly of: readonly string[]; readonly missing: string };
  readonly approvals?: readonly string[];
  readonly eitherApproval?: { readonly of: readonly string[]; readonly missing: string };
}
export interface AccessRule extends RuleHead {
  readonly right: "grant" | "refuse";
  readonly requesters: readonly string[];
  readonly actions: readonly string[];
  readonly emergency?: boolean;
  readonly procedure?: readonly string[];
  readonly needs?: AccessNeeds;
}

/** CNY, both ends included. */
export interface Fine {
  readonly min: number;
  readonly max: number;
}
export interface PenaltyStage {
  readonly when: "always" | "order-missed" | "serious" | "order-missed-or-serious";
  readonly measures?: readonly string[];
  readonly subjects?: readonly string[];
  readonly fines?: readonly (Fine & { readonly subjects?: readonly string[] })[];
}
export interface PenaltyRule extends RuleHead {
  readonly violations: readonly string[];
  readonly subjects?: readonly string[];
  readonly stages: readonly PenaltyStage[];
}

export interface DutyRule extends RuleHead {
  readonly topics: readonly string[];
  readonly actors: readonly string[];
  readonly binding: boolean;
}

export interface RulesByKind {
  readonly place: readonly PlaceRule[];
  readonly deadline: readonly DeadlineRule[];
  readonly retention: readonly RetentionRule[];
  readonly access: readonly AccessRule[];
  readonly penalty: readonly PenaltyRule[];
  readonly duty: readonly DutyRule[];
}
export type Rule = RulesByKind[Kind][number];

/** Words of one kind that no rule answers and the text does not settle either. */
export interface OpenPoint {
  readonly id: string;
  readonly from: string;
  readonly to?: string;
  readonly kind: Kind;
  readonly words: readonly string[];
  readonly articles: readonly string[];
  readonly doubt: Text;
}

/** One regulation as dated data; PACK-FORMAT.md explains every field. */
export interface PackData extends RulesByKind {
  readonly format: 1;
  readonly id: string;
  readonly name: Text;
  readonly region: Text;
  readonly status: "in-force" | "draft";
  readonly level: "administrative-regulation" | "local-regulation" | "local-government-rule";
  readonly superior: string | null;
  readonly effective: { readonly from: string; readonly to?: string; readonly article: string };
  readonly articles: { readonly last: number; readonly items: Readonly<Record<string, number>> };
  readonly note?: Text;
  readonly open?: readonly OpenPoint[];
}

export interface Inputs {
  readonly place: { readonly date: string; readonly place: string; readonly spot?: string; readonly builder: string };
  readonly deadline: { readonly date: string; readonly event: string };
  readonly retention: { readonly date: string; readonly class: string; readonly recordedOn: string };
  readonly access: {
    readonly date: string;
    readonly requester: string;
    readonly action: string;
    readonly staff: number;
    readonly documents: readonly string[];
    readonly approvals: readonly string[];
    readonly emergency: boolean;
  };
  readonly penalty: {
    readonly date: string;
    readonly violation: string;
    readonly subject: string;
    readonly orderMissed: boolean;
    readonly serious: boolean;
  };
  readonly duty: { readonly date: string; readonly actor: string; readonly topic: string };
}

export type QuestionId = string | number;
export type QuestionOf<K extends Kind> = {
  readonly id: QuestionId;
  readonly pack: string;
  readonly kind: K;
  readonly input: Inputs[K];
};
export type Question = { readonly [K in Kind]: QuestionOf<K> }[Kind];

/** What every answer adds to the contract's fields. `rules` are the ids of the rules that decided. */
export interface AnswerTail {
  readonly reason: Text;
  readonly rules: readonly string[];
  readonly draft?: true;
  readonly doubt?: Text;
}

export interface NotApplicable {
  readonly applies: false;
}
export interface PlaceAnswer {
  readonly verdict: Verdict;
  readonly articles: readonly string[];
  readonly responsible?: string;
  /** True when the place is kept for the government and the builder is not the government. */
  readonly barred: boolean;
}
export interface DeadlineAnswer {
  readonly due: string;
  readonly unit: PeriodUnit;
  readonly count: number;
  readonly direction: "before" | "after";
  readonly authority: string;
  readonly articles: readonly string[];
}
export interface RetentionAnswer {
  readonly minimum: Period | null;
  readonly mayDeleteFrom: string | null;
  readonly thenDelete: boolean;
  readonly articles: readonly string[];
}
export interface AccessAnswer {
  readonly decision: "allow" | "deny" | "incomplete";
  readonly missing: readonly string[];
  readonly articles: readonly string[];
}
export interface PenaltyAnswer {
  readonly measures: readonly string[];
  readonly fine: Fine | null;
  readonly articles: readonly string[];
}
export interface DutyAnswer {
  readonly binding: boolean;
  readonly articles: readonly string[];
}
export interface AnswersByKind {
  readonly place: PlaceAnswer;
  readonly deadline: DeadlineAnswer;
  readonly retention: RetentionAnswer;
  readonly access: AccessAnswer;
  readonly penalty: PenaltyAnswer;
  readonly duty: DutyAnswer;
}
export type Answer = (NotApplicable | AnswersByKind[Kind]) & AnswerTail;

export type QuestionErrorCode =
  | "bad-json"
  | "too-large"
  | "missing-field"
  | "unknown-field"
  | "bad-type"
  | "bad-date"
  | "bad-value"
  | "unknown-pack"
  | "unknown-kind"
  | "unknown-word"
  | "calendar-missing"
  | "date-out-of-range";

/** `path` is a JSON pointer into the question, "" for the whole line. */
export interface QuestionError {
  readonly code: QuestionErrorCode;
  readonly message: string;
  readonly path: string;
}
export type Failure = { readonly error: QuestionError };
