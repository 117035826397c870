export { answer, ask } from "./ask.ts";
export type { AskedLine } from "./ask.ts";
export { builtInProblems, packs } from "./builtin.ts";
export type { Packs } from "./builtin.ts";
export { stateCouncilCalendar, workCalendar } from "./calendar.ts";
export type { WorkCalendar } from "./calendar.ts";
export { articlesOfRule, hasArticle, rulesCiting } from "./cited.ts";
export type { CitingRule } from "./cited.ts";
export type { Basis, Combined, CombiningRule } from "./combine.ts";
export { compare } from "./compare.ts";
export type { Comparison } from "./compare.ts";
export { coverageProblems, readCoverage } from "./coverage.ts";
export { coveragePage } from "./coverage-page.ts";
export { diffPacks } from "./diff.ts";
export type { DiffRow } from "./diff.ts";
export { explain } from "./explain.ts";
export type { Explanation, Step } from "./explain.ts";
export { judge } from "./judge.ts";
export { SIGNATURE_FILE, packManifest } from "./manifest.ts";
export type { PackFile } from "./manifest.ts";
export { PACK_TEXT_MAX, checkPack, loadPack } from "./pack.ts";
export type { LocatedProblem, Pack, PackResult } from "./pack.ts";
export { QUESTION_BYTES_MAX, parseQuestion, readQuestion, tooLarge, unknownWord } from "./question.ts";
export type { ParsedQuestion } from "./question.ts";
export type { Problem } from "./schema.ts";
export { packSkeleton } from "./skeleton.ts";
export { KINDS } from "./types.ts";
export type {
  AccessAnswer,
  Answer,
  AnswersByKind,
  AnswerTail,
  DeadlineAnswer,
  DutyAnswer,
  Failure,
  Fine,
  Inputs,
  Kind,
  NotApplicable,
  PackData,
  PenaltyAnswer,
  Period,
  PeriodUnit,
  PlaceAnswer,
  Question,
  QuestionError,
  QuestionErrorCode,
  QuestionId,
  QuestionOf,
  RetentionAnswer,
  Rule,
  Verdict,
} from "./types.ts";
export { label, wordList } from "./words.ts";
export type { Text, WordList } from "./words.ts";
