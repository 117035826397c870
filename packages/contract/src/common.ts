import { Type } from "typebox";
import type { Static } from "typebox";

export const ID_PATTERN = "^[a-z0-9][a-z0-9-]{0,63}$";

export const Id = Type.String({ pattern: ID_PATTERN, description: "1 to 64 of a-z, 0-9 and '-'" });

/** RFC 3339 in UTC or with an offset. The server answers in UTC with milliseconds. */
export const Instant = Type.String({ format: "date-time", maxLength: 35 });

export const StreamRoleSchema = Type.Union([Type.Literal("main"), Type.Literal("sub")]);

/** RFC 9457, with the fault code that docs/reference/faults.md explains. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    /** Where in the input, as a JSON pointer. */
    pointer: Type.Optional(Type.String()),
    /** Facts to fill the message in the reader's language. */
    details: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]))),
  },
  { $id: "Problem" },
);
export type Problem = Static<typeof Problem>;

export const Done = Type.Object({ done: Type.Literal(true) });
