import type { ServerMessage } from "@mingjian/contract";

const TEXT_MESSAGE_CHARS_MAX = 16_384;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** Reads a text message of a media socket; undefined when it is not one this console knows. Never throws. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  if (text.length > TEXT_MESSAGE_CHARS_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  switch (value["type"]) {
    case "start":
      return parseStart(value);
    case "gap": {
      const { from, to, cause } = value;
      return isNumber(from) && isNumber(to) && isText(cause) && from <= to ? { type: "gap", from, to, cause } : undefined;
    }
    case "end-of-footage": {
      const at = value["at"];
      return isNumber(at) ? { type: "end-of-footage", at } : undefined;
    }
    case "waiting": {
      const { state, fault } = value;
      return isText(state) && (isText(fault) || fault === null) ? { type: "waiting", state, fault } : undefined;
    }
    case "end": {
      const { code, detail } = value;
      return isText(code) ? { type: "end", code, detail: isText(detail) ? detail : "" } : undefined;
    }
    default:
      return undefined;
  }
}

function parseStart(value: Record<string, unknown>): ServerMessage | undefined {
  const { session, camera, stream, mime, width, height, origin, generation } = value;
  if (!isText(session) || !isText(camera) || !isText(mime)) return undefined;
  if (stream !== "main" && stream !== "sub") return undefined;
  if (!isNumber(width) || !isNumber(height) || !isNumber(origin) || !isNumber(generation)) return undefined;
  return { type: "start", session, camera, stream, mime, width, height, origin, generation };
}

/** The codec a person knows, from a MIME type such as `video/mp4; codecs="hvc1.1.6.L93.B0"`. */
export function codecWord(mime: string): string {
  const codecs = /codecs="?([^";]+)/.exec(mime)?.[1] ?? mime;
  if (/hvc1|hev1/.test(codecs)) return "H.265";
  if (/avc[13]/.test(codecs)) return "H.264";
  return codecs;
}
