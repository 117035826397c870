import { articlesOfRule, diffPacks, hasArticle, rulesCiting } from "@mingjian/law";
import type { Pack } from "@mingjian/law";
import { CommandError, EXIT_WRONG, both, write } from "./io.ts";
import type { CommandIo } from "./io.ts";
import type { KnownPack, KnownPacks } from "./packs.ts";
import { packTitle } from "./questions.ts";

export function known(packs: KnownPacks, id: string | undefined): KnownPack {
  const found = id === undefined ? undefined : packs.get(id);
  if (found !== undefined) return found;
  const list = [...packs.keys()].join(", ");
  throw new CommandError({ zh: `没有规则包 ${id ?? ""}，现有 ${list}`, en: `there is no pack ${id ?? ""}; known are ${list}` });
}

export async function listPacks(packs: KnownPacks, io: CommandIo): Promise<number> {
  const lines = [...packs.values()].map(({ pack, origin }) => `${packTitle(pack, origin)} · ${pack.data.effective.from} [${pack.data.effective.article}]\n`);
  await write(io.stdout, lines.join(""));
  return 0;
}

/** Every rule that cites an article, with its words. */
export async function showArticle(packs: KnownPacks, article: string, id: string | undefined, io: CommandIo): Promise<number> {
  const { pack, origin } = known(packs, id);
  if (!hasArticle(pack, article)) throw new CommandError({ zh: `${pack.data.id} 没有第 ${article} 条（项）`, en: `${pack.data.id} has no article ${article}` });
  const found = rulesCiting(pack, article);
  const lines = [`${packTitle(pack, origin)} · ${article}`];
  for (const { kind, rule } of found) {
    const { id: ruleId, from, to, follows, articles: _articles, explanation, doubt, ...rest } = rule;
    const days = `${from}..${to ?? ""}${follows === undefined ? "" : ` ← ${follows}`}`;
    lines.push(`  ${kind} ${ruleId} [${articlesOfRule(rule).join(", ")}] ${days}`, `    ${both(explanation)}`);
    if (doubt !== undefined) lines.push(`    ? ${both(doubt)}`);
    lines.push(`    ${JSON.stringify(rest)}`);
  }
  if (found.length === 0) lines.push(`  ${both({ zh: "没有规则引用该条", en: "no rule cites this article" })}`);
  await write(io.stdout, `${lines.join("\n")}\n`);
  return found.length === 0 ? EXIT_WRONG : 0;
}

/** The later of the two commencements: the first day both can be asked about. */
function defaultDate(left: Pack, right: Pack): string {
  return left.data.effective.from > right.data.effective.from ? left.data.effective.from : right.data.effective.from;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The table of differences of two packs, as Markdown or, with `json`, one object a line. */
export async function showDiff(
  packs: KnownPacks,
  ids: readonly string[],
  options: { readonly date?: string | undefined; readonly json: boolean },
  io: CommandIo,
): Promise<number> {
  const left = known(packs, ids[0]);
  const right = known(packs, ids[1]);
  const date = options.date ?? defaultDate(left.pack, right.pack);
  if (!DATE.test(date)) throw new CommandError({ zh: `日期应写作 YYYY-MM-DD：${date}`, en: `a date is written YYYY-MM-DD: ${date}` });
  const rows = diffPacks(left.pack, right.pack, date);
  if (options.json) {
    await write(io.stdout, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    return 0;
  }
  const head = [
    `${packTitle(left.pack, left.origin)} ↔ ${packTitle(right.pack, right.origin)} · ${date}`,
    "",
    `| | | ${left.pack.data.id} | ${right.pack.data.id} |`,
    "|---|---|---|---|",
  ];
  const body = rows.map((row) => `| ${row.kind} | ${both(row.topic)} | ${both(row.left)} | ${both(row.right)} |`);
  await write(io.stdout, `${[...head, ...body].join("\n")}\n`);
  return 0;
}
