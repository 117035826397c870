/** The files of a new pack, ready to be filled: `pack.json` passes every check, with no rule yet. */
export function packSkeleton(id: string, from: string): { readonly [name: string]: string } {
  const head = {
    $schema: "../../schema/pack.schema.json",
    format: 1,
    id,
    name: { zh: "（填写规章全称）", en: "(full name of the text)" },
    region: { zh: "（填写地区）", en: "(region)" },
    status: "in-force",
    level: "local-government-rule",
    superior: "national-2025",
    effective: { from, article: "1" },
    articles: { last: 1, items: {} },
    place: [],
    deadline: [],
    retention: [],
    access: [],
    penalty: [],
    duty: [],
  };
  return {
    "pack.json": `${JSON.stringify(head, null, 2)}\n`,
    "cases.ndjson": "",
    "SOURCES.md": SOURCES.replace("PACK", id),
  };
}

const SOURCES = `# PACK: sources

* Text: (who published it, decree number, dates of adoption and publication, address)
* Read from: (official gazette, database copy, scan)

## Unsure

(third-party copy, draft, damaged passages)

## Left to a person

(what the text contradicts or leaves open, with the article)
`;
