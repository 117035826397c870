import { createReadStream } from "node:fs";
import { answer, compare, explain, parseQuestion, tooLarge, unknownWord } from "@mingjian/law";
import type { AskedLine, Comparison, Explanation, Failure, Pack, ParsedQuestion, Question, QuestionId } from "@mingjian/law";
import { CommandError, EXIT_WRONG, both, lineBatches, write } from "./io.ts";
import type { CommandIo, Line } from "./io.ts";
import type { KnownPacks, PackOrigin } from "./packs.ts";

/** Turns one line into the text written for it; `wrong` when the line could not be answered. */
type Answerer = (line: Line) => { readonly text: string; readonly wrong: boolean };

/** Where the questions come from: a JSON object on the command line, a file, or standard input. */
function source(argument: string | undefined, io: CommandIo): AsyncIterable<Uint8Array | string> {
  if (argument === undefined || argument === "-") return io.stdin;
  if (argument.trimStart().startsWith("{"))
    return (async function* () {
      yield argument;
    })();
  return createReadStream(argument);
}

/** Answers line by line; the run goes on after an error, and the status tells that there was one. */
export async function answerLines(argument: string | undefined, io: CommandIo, answerer: Answerer): Promise<number> {
  let status = 0;
  try {
    for await (const lines of lineBatches(source(argument, io))) {
      const out: string[] = [];
      for (const line of lines) {
        const { text, wrong } = answerer(line);
        out.push(text);
        if (wrong) status = EXIT_WRONG;
      }
      await write(io.stdout, out.join(""));
    }
  } catch (error) {
    throw isReadError(error) ? new CommandError({ zh: `读不到 ${argument ?? "-"}`, en: `cannot read ${argument ?? "-"}` }) : error;
  }
  return status;
}

function isReadError(error: unknown): boolean {
  return error instanceof Error && "code" in error && ["ENOENT", "EACCES", "EISDIR"].includes(String(error.code));
}

function parse(line: Line): ParsedQuestion {
  return line === null ? { id: null, ...tooLarge() } : parseQuestion(line);
}

function mark(origin: PackOrigin | undefined): { readonly unsigned?: true } {
  return origin === "unsigned" ? { unsigned: true } : {};
}

/** One answer object a line, as the contract has it. Answers of a pack nobody vouched for carry `unsigned`. */
export function asking(known: KnownPacks): Answerer {
  const packs = new Map([...known].map(([id, entry]) => [id, entry.pack]));
  const unsigned = [...known.values()].some((entry) => entry.origin === "unsigned");
  return (line) => {
    const parsed = parse(line);
    const asked: AskedLine = answer(packs, parsed);
    const origin = unsigned && "question" in parsed ? known.get(parsed.question.pack)?.origin : undefined;
    return { text: `${JSON.stringify(origin === undefined ? asked : { ...asked, ...mark(origin) })}\n`, wrong: "error" in asked };
  };
}

/** `{id, regional, national, combined}` a line. */
export function comparing(known: KnownPacks): Answerer {
  return (line) => {
    const found = findPack(known, parse(line));
    if ("error" in found) return wrongLine(found);
    const superior = found.pack.data.superior;
    const national = superior === null ? undefined : known.get(superior)?.pack;
    if (national === undefined) return wrongLine({ id: found.question.id, ...noSuperior() });
    const comparison: Comparison = compare(found.pack, national, found.question);
    const text = `${JSON.stringify({ id: found.question.id, ...comparison, ...mark(found.origin) })}\n`;
    return { text, wrong: comparison.combined === null };
  };
}

function noSuperior(): Failure {
  return { error: { code: "bad-value", path: "/pack", message: "该规则包没有已知的上位法 / this pack has no known superior text" } };
}

/** Rule by rule, as text for people or, with `ndjson`, as `{id, answer, steps}` a line. */
export function explaining(known: KnownPacks, ndjson: boolean): Answerer {
  return (line) => {
    const found = findPack(known, parse(line));
    if ("error" in found) return wrongLine(found);
    const explanation = explain(found.pack, found.question);
    const text = ndjson ? `${JSON.stringify({ id: found.question.id, ...explanation, ...mark(found.origin) })}\n` : explanationText(found, explanation);
    return { text, wrong: "error" in explanation.answer };
  };
}

type Found = { readonly pack: Pack; readonly origin: PackOrigin; readonly question: Question };

function findPack(known: KnownPacks, parsed: ParsedQuestion): Found | ({ readonly id: QuestionId | null } & Failure) {
  if ("error" in parsed) return parsed;
  const { question } = parsed;
  const entry = known.get(question.pack);
  if (entry === undefined) return { id: question.id, ...unknownWord("unknown-pack", "/pack", question.pack, [...known.keys()]) };
  return { ...entry, question };
}

function wrongLine(failed: { readonly id: QuestionId | null } & Failure): { text: string; wrong: boolean } {
  return { text: `${JSON.stringify({ id: failed.id, error: failed.error })}\n`, wrong: true };
}

function explanationText(found: Found, explanation: Explanation): string {
  const { pack, origin, question } = found;
  const lines = [`${question.id} · ${packTitle(pack, origin)}`];
  for (const step of explanation.steps) {
    const parts = [step.decides ? "→" : "·", step.rule ?? "", step.articles.length === 0 ? "" : `[${step.articles.join(", ")}]`, both(step.note)];
    lines.push(`  ${parts.filter((part) => part !== "").join(" ")}`);
  }
  const { answer: given } = explanation;
  if ("error" in given) lines.push(`  ${given.error.code}: ${given.error.message}`);
  else {
    const { reason, rules: _rules, draft: _draft, doubt, ...fields } = given;
    lines.push(`  ${JSON.stringify(fields)}`, `  ${both(reason)}`);
    if (doubt !== undefined) lines.push(`  ? ${both(doubt)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A pack's name with what a reader must know of it: a draft, or not vouched for. */
export function packTitle(pack: Pack, origin: PackOrigin): string {
  const { data } = pack;
  const draft = data.status === "draft" ? ` 【草案 / draft】` : "";
  const unsigned = origin === "unsigned" ? ` 【未签名 / unsigned】` : "";
  return `${data.id}${draft}${unsigned} ${both(data.name)}`;
}
