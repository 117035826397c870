import { holds } from "../pack.ts";
import type { Dated, Pack } from "../pack.ts";
import type { Inputs, PlaceAnswer, PlaceRule, Verdict } from "../types.ts";
import { label } from "../words.ts";
import { cite } from "./judged.ts";
import type { Judged } from "./judged.ts";

type PlaceInput = Inputs["place"];

/** The higher prevails: a prohibited spot over its mandatory building, a ban on others over a plain duty. */
export const VERDICT_RANK: Readonly<Record<Verdict, number>> = {
  prohibited: 3,
  "mandatory-government-only": 2,
  mandatory: 1,
  permitted: 0,
};

/** Whether a rule speaks of the spot asked about. A mandatory place named without a spot means its key parts. */
export function coversSpot(rule: PlaceRule, spot: string | undefined): boolean {
  if (spot !== undefined && rule.exceptSpots?.includes(spot) === true) return false;
  if (rule.spots === undefined) return true;
  if (spot === undefined) return rule.verdict !== "prohibited";
  return rule.spots.includes(spot);
}

export function judgePlace(pack: Pack, input: PlaceInput): Judged<PlaceAnswer> {
  const listed = pack.place.get(input.place) ?? [];
  let best: Dated<PlaceRule> | undefined;
  for (const rule of listed) {
    if (!holds(rule, input.date) || !coversSpot(rule, input.spot)) continue;
    if (best === undefined || VERDICT_RANK[rule.verdict] > VERDICT_RANK[best.verdict]) best = rule;
  }
  if (best === undefined)
    return permitted(
      input,
      listed.some((rule) => holds(rule, input.date)),
    );
  const barred = best.verdict === "mandatory-government-only" && input.builder !== "government";
  const answer = {
    verdict: best.verdict,
    articles: cite(best.articles, best.responsible?.articles),
    ...(best.responsible === undefined ? {} : { responsible: best.responsible.who }),
    barred,
  };
  return { answer, reason: placeReason(best, barred), decided: [best] };
}

function permitted(input: PlaceInput, placeListed: boolean): Judged<PlaceAnswer> {
  const place = label("place", input.place);
  const reason =
    placeListed && input.spot !== undefined
      ? {
          zh: `本文列有${place.zh}，但未列其${label("spot", input.spot).zh}，可以安装。`,
          en: `The text lists this place (${place.en}) but not its ${label("spot", input.spot).en}: permitted.`,
        }
      : { zh: `本文未列${place.zh}，可以安装。`, en: `The text does not list this place (${place.en}): permitted.` };
  return { answer: { verdict: "permitted", articles: [], barred: false }, reason, decided: [] };
}

function placeReason(rule: PlaceRule, barred: boolean): { zh: string; en: string } {
  if (!barred) return rule.explanation;
  return {
    zh: `${rule.explanation.zh}询问者不是政府，不得在此建设。`,
    en: `${rule.explanation.en} The builder asked about is not the government and may not build here.`,
  };
}
