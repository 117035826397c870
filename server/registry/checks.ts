import { Fault, isId } from "@mingjian/vocab";

export const NAME_CHARS_MAX = 128;
export const POSITION_CHARS_MAX = 256;

export function bad(pointer: string, message: string): Fault {
  return new Fault("bad-input", message, { pointer });
}

export function checkName(name: string, pointer = "/name"): string {
  const trimmed = name.trim();
  if (trimmed === "") throw bad(pointer, "The name is empty.");
  if (trimmed.length > NAME_CHARS_MAX) throw bad(pointer, `The name is longer than ${NAME_CHARS_MAX} characters.`);
  if (/\p{Cc}/u.test(trimmed)) throw bad(pointer, "The name holds a control character.");
  return trimmed;
}

export function checkPosition(position: string): string {
  if (position.length > POSITION_CHARS_MAX) throw bad("/position", `The position is longer than ${POSITION_CHARS_MAX} characters.`);
  return position.trim();
}

export function checkId(id: string, pointer = "/id"): string {
  if (!isId(id)) throw bad(pointer, "An id is 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit.");
  return id;
}
