import type { Failure, QuestionErrorCode } from "./types.ts";

/** An error as a value, its message in Chinese and then in English. */
export function failure(code: QuestionErrorCode, path: string, zh: string, en: string): Failure {
  return { error: { code, message: `${zh} / ${en}`, path } };
}
