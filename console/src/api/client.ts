/** A refusal or failure of the API, with the fault code that the catalogue explains. `network`: no answer at all. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly pointer: string | undefined;

  constructor(code: string, status: number, detail: string, details: ApiError["details"] = {}, pointer?: string) {
    super(detail);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.details = details;
    this.pointer = pointer;
  }
}

export const API_ROOT = "/api/v1";
const TIMEOUT_MS = 30_000;

type Listener = () => void;
let signedOut: Listener | undefined;

/** Who is told when an answer says that nobody is signed in. */
export function onSignedOut(listener: Listener | undefined): void {
  signedOut = listener;
}

export interface CallOptions {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

function textOf(value: unknown, other: string): string {
  return typeof value === "string" ? value : other;
}

async function problemOf(response: Response): Promise<ApiError> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  if (typeof body !== "object" || body === null) return new ApiError("internal", response.status, response.statusText);
  const problem = body as Record<string, unknown>;
  const details = typeof problem["details"] === "object" && problem["details"] !== null ? (problem["details"] as ApiError["details"]) : {};
  const pointer = typeof problem["pointer"] === "string" ? problem["pointer"] : undefined;
  return new ApiError(textOf(problem["code"], "internal"), response.status, textOf(problem["detail"], textOf(problem["title"], "")), details, pointer);
}

/** Calls the API at `path` below /api/v1. Throws ApiError. The answer's shape is the contract's, as `Answer`. */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const init: RequestInit = {
    method: options.method ?? "GET",
    signal,
    credentials: "same-origin",
    headers: { accept: "application/json" },
  };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { accept: "application/json", "content-type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(`${API_ROOT}${path}`, init);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new ApiError("network", 0, "");
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === "not-signed-in" && path !== "/sign-in") signedOut?.();
    throw problem;
  }
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

export function query(values: Readonly<Record<string, string | number | readonly string[] | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === "") continue;
    if (typeof value === "string" || typeof value === "number") search.append(name, String(value));
    else for (const one of value) search.append(name, one);
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of a media socket on this server. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
