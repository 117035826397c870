import { Fault } from "@mingjian/vocab";
import { PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, USER_NAME_CHARS_MAX } from "./library.ts";

const DISPLAY_NAME_CHARS_MAX = 64;
const NAME = /^[\p{L}\p{N}._-]+$/u;

/** Long enough for the rules, and tried first by anybody who guesses. */
const COMMON = [
  "1234567890",
  "0123456789",
  "qwertyuiop",
  "1qaz2wsx3edc",
  "q1w2e3r4t5",
  "password",
  "passw0rd",
  "admin",
  "administrator",
  "mingjian",
  "iloveyou",
  "letmein",
  "welcome",
  "abc123",
  "asdfghjkl",
  "zxcvbnm",
  "woaini",
  "qwerty",
  "111111",
  "888888",
  "666666",
  "hikvision",
  "dahua",
  "changeme",
];

function bad(pointer: string, message: string, rule: string): Fault {
  return new Fault("bad-input", message, { pointer, rule });
}

/** @throws Fault `bad-input` with the `rule` that is broken. */
export function checkPassword(password: string, userName: string): void {
  if ([...password].length < PASSWORD_CHARS_MIN) throw bad("/password", `A password has at least ${PASSWORD_CHARS_MIN} characters.`, "too-short");
  if (password.length > PASSWORD_CHARS_MAX) throw bad("/password", `A password has at most ${PASSWORD_CHARS_MAX} characters.`, "too-long");
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{Ll}\p{Lu}\p{N}]/u].filter((kind) => kind.test(password)).length;
  if (kinds < 2) throw bad("/password", "A password mixes at least two of small letters, capitals, digits and other characters.", "one-kind");
  if (new Set(password).size < 5) throw bad("/password", "A password has at least five different characters.", "repeated");
  const plain = password.toLowerCase();
  if (userName.length >= 3 && plain.includes(userName.toLowerCase())) throw bad("/password", "A password does not hold the user's name.", "holds-name");
  const rest = COMMON.reduce((left, word) => left.replaceAll(word, ""), plain).replaceAll(/[^\p{L}]/gu, "");
  if (COMMON.some((word) => plain.includes(word)) && rest.length < 4) throw bad("/password", "This password is among the first that are guessed.", "common");
}

/** The name as stored for sign-in. */
export function signInName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

export function checkUserName(name: string): string {
  const normal = name.normalize("NFC");
  if (normal.length < 2 || normal.length > USER_NAME_CHARS_MAX || !NAME.test(normal)) {
    throw bad("/name", `A name has 2 to ${USER_NAME_CHARS_MAX} letters, digits, ".", "_" or "-".`, "name");
  }
  return normal;
}

export function checkDisplayName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed.length > DISPLAY_NAME_CHARS_MAX || /\p{Cc}/u.test(trimmed)) {
    throw bad("/displayName", `A display name has 1 to ${DISPLAY_NAME_CHARS_MAX} characters.`, "display-name");
  }
  return trimmed;
}
