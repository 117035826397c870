import { Type } from "typebox";
import { answer, compare, explain, packs, parseQuestion } from "@mingjian/law";
import type { Pack, Question } from "@mingjian/law";
import { Fault } from "@mingjian/vocab";
import type { App } from "./station.ts";

/** A law question as docs/reference/law.md describes it; the engine itself checks the words and names what is wrong. */
const QuestionBody = Type.Object({
  id: Type.Optional(Type.String({ maxLength: 200 })),
  pack: Type.String({ minLength: 1, maxLength: 64 }),
  kind: Type.String({ minLength: 1, maxLength: 32 }),
  input: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 32 }),
});
type Body = { Body: { id?: string; pack: string; kind: string; input: Record<string, unknown> } };

function read(body: Body["Body"]): Question {
  const parsed = parseQuestion(JSON.stringify({ ...body, id: body.id ?? "question" }));
  if ("error" in parsed) throw new Fault("bad-input", parsed.error.message, { pointer: parsed.error.path, law: parsed.error.code });
  return parsed.question;
}

function packOf(id: string): Pack {
  const pack = packs.get(id);
  if (pack === undefined) throw new Fault("not-found", `no pack ${id}; there are ${[...packs.keys()].join(", ")}`, { pointer: "/pack" });
  return pack;
}

function superiorOf({ data }: Pack): Pack {
  const superior = data.superior === null ? undefined : packs.get(data.superior);
  if (superior === undefined)
    throw new Fault("bad-input", `pack ${data.id} has no known superior text to compare with`, { pointer: "/pack", law: "bad-value" });
  return superior;
}

/** The law as data, for anybody signed in. Pure: no route here reads or changes anything of the station. */
export function lawRoutes(app: App): void {
  app.get("/api/v1/law/packs", { schema: { summary: "The packs of law", tags: ["law"] } }, async () =>
    [...packs.values()].map(({ data }) => ({ id: data.id, name: data.name, status: data.status, effective: data.effective })),
  );

  app.get<{ Params: { id: string } }>(
    "/api/v1/law/packs/:id",
    { schema: { summary: "One pack, whole", tags: ["law"], params: Type.Object({ id: Type.String({ maxLength: 64 }) }) } },
    async (request) => packOf(request.params.id).data,
  );

  app.post<Body>("/api/v1/law/ask", { schema: { summary: "Answer one question", tags: ["law"], body: QuestionBody } }, async (request) => {
    const question = read(request.body);
    packOf(question.pack);
    const answered = answer(packs, { question });
    if ("error" in answered) throw lawFault(answered.error);
    return answered;
  });

  app.post<Body>("/api/v1/law/explain", { schema: { summary: "Answer one question, rule by rule", tags: ["law"], body: QuestionBody } }, async (request) => {
    const question = read(request.body);
    return explain(packOf(question.pack), question);
  });

  app.post<Body>(
    "/api/v1/law/compare",
    { schema: { summary: "Regional and national answer, and the two combined", tags: ["law"], body: QuestionBody } },
    async (request) => {
      const question = read(request.body);
      const regional = packOf(question.pack);
      return compare(regional, superiorOf(regional), question);
    },
  );
}

function lawFault(error: { readonly code: string; readonly message: string; readonly path: string }): Fault {
  return new Fault(error.code === "calendar-missing" ? "calendar-missing" : "bad-input", error.message, { pointer: error.path, law: error.code });
}
