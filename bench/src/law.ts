import { ask, packs, wordList } from "@mingjian/law";
import type { WordList } from "@mingjian/law";

const QUESTIONS_DEFAULT = 1_000_000;
const QUESTIONS_MAX = 100_000_000;
const WARM_UP = 100_000;

function pick(list: WordList, at: number): string {
  const words = [...wordList(list).keys()];
  return words[at % words.length] ?? "";
}

/** The n-th of a fixed, mixed set: every pack and kind in turn, words and days varied. */
function question(n: number): string {
  const pack = [...packs.keys()][n % packs.size] ?? "";
  const date = `20${String(17 + (n % 10)).padStart(2, "0")}-${String(1 + (n % 12)).padStart(2, "0")}-${String(1 + (n % 28)).padStart(2, "0")}`;
  const step = Math.floor(n / 6);
  const inputs = [
    ["place", { date, place: pick("place", step), builder: pick("builder", step) }],
    ["deadline", { date, event: pick("event", step) }],
    ["retention", { date, class: pick("retentionClass", step), recordedOn: date }],
    [
      "access",
      {
        date,
        requester: pick("requester", step),
        action: pick("action", n),
        staff: step % 3,
        documents: ["work-id", "unit-letter"],
        approvals: [pick("approval", step)],
        emergency: n % 2 === 0,
      },
    ],
    ["penalty", { date, violation: pick("violation", step), subject: pick("subject", n), orderMissed: step % 2 === 0, serious: step % 3 === 0 }],
    ["duty", { date, actor: pick("actor", n), topic: pick("topic", step) }],
  ] as const;
  const [kind, input] = inputs[step % inputs.length] ?? inputs[0];
  return JSON.stringify({ id: `q-${n}`, pack, kind, input });
}

const LINES = 10_000;

/**
 * Questions a second on one core: JSON line in, checked, judged with its reasons, answer line out.
 * `--questions N` sets how many. The last line printed is one JSON object.
 */
export async function run(args: string[]): Promise<void> {
  const flag = args.indexOf("--questions");
  const questions = flag === -1 ? QUESTIONS_DEFAULT : Number(args[flag + 1]);
  if (!Number.isInteger(questions) || questions < 1 || questions > QUESTIONS_MAX)
    throw new Error(`--questions takes a whole number from 1 to ${QUESTIONS_MAX}`);
  const lines = Array.from({ length: LINES }, (_, n) => question(n));
  const answer = (n: number): number => JSON.stringify(ask(packs, lines[n % LINES] ?? "")).length;
  const errors = lines.filter((line) => "error" in ask(packs, line)).length;
  for (let n = 0; n < WARM_UP; n++) answer(n);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let characters = 0;
  for (let n = 0; n < questions; n++) characters += answer(n);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    bench: "law",
    questions,
    seconds: round(seconds),
    perSecond: Math.round(questions / seconds),
    cpuSeconds: round((user + system) / 1e6),
    answerCharacters: Math.round(characters / questions),
    errorsPer10k: errors,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
