import i18next from "i18next";
import { ApiError } from "../api/client.ts";

function worded(group: string, key: string): string | undefined {
  const found: unknown = i18next.getResource(i18next.language, "translation", `${group}.${key}`);
  return typeof found === "string" ? found : undefined;
}

/** A fault code in the reader's words; the server's detail and the code itself where the catalogue has none. */
export function faultText(code: string, detail = ""): string {
  const text = worded("faults", code);
  if (text !== undefined) return text;
  return detail === "" ? i18next.t("errors.codeLine", { code }) : `${detail} (${code})`;
}

/** Any error for a person: what is wrong and what to do, with the server's detail where the code alone says too little. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return faultText("internal", String(error));
  const text = faultText(error.code, error.message);
  const vague = error.code === "bad-input" || error.code === "conflict" || error.code === "internal" || error.code === "not-allowed";
  return vague && error.message !== "" ? `${text} ${error.message}` : text;
}

export const gapCauseText = (cause: string): string => worded("gaps", cause) ?? worded("faults", cause) ?? cause;
/** What an alarm's detail adds to its sentence: a gap's cause in words; figures stand on the page already. */
export function alarmDetailText(code: string, detail: string): string {
  if (code === "capacity-short") return "";
  return code === "not-recording" && detail !== "" ? gapCauseText(detail) : detail;
}

export const endCauseText = (cause: string): string => worded("register.causes", cause) ?? worded("faults", cause) ?? cause;
export const stateText = (state: string): string => worded("states", state) ?? state;
export const roleText = (role: string): string => worded("roles", role) ?? role;

/** `role:duty` becomes the role's name; any other basis stands as it is. */
export function basisText(basis: string): string {
  const roles = basis.split(",").map((one) => one.trim());
  if (!roles.every((one) => one.startsWith("role:"))) return basis;
  return roles.map((one) => i18next.t("grants.roleBasis", { role: roleText(one.slice(5)) })).join("，");
}
