import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { FAULT_CODES, Fault, isFault } from "@mingjian/vocab";
import type { Problem } from "@mingjian/contract";
import type { Logger } from "../log.ts";
import type { App } from "./station.ts";

/** Answers every error as application/problem+json (RFC 9457) with a fault code. */
export function installProblems(app: App, log: Logger): void {
  app.setErrorHandler((error: FastifyError | Fault, request, reply) => {
    const fault = toFault(error);
    if (fault.code === "internal") log.error({ request: request.id, url: request.url.split("?")[0], error: error.stack ?? error.message }, "request failed");
    return answer(reply, request, fault);
  });
  app.setNotFoundHandler((request, reply) => answer(reply, request, new Fault("not-found", "no such address")));
}

function toFault(error: FastifyError | Fault): Fault {
  if (isFault(error)) return error;
  if (error.validation !== undefined) {
    const first = error.validation[0];
    const pointer = `${first?.instancePath ?? ""}${missing(first?.params)}`;
    return new Fault("bad-input", `${error.validationContext ?? "input"}: ${pointer} ${first?.message ?? "is not valid"}`.trim(), { pointer });
  }
  if (error.statusCode === 413) return new Fault("too-large", "the request is larger than its limit");
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return new Fault("bad-input", error.message);
  return new Fault("internal", "a mistake of the program", {}, { cause: error });
}

function missing(params: Record<string, unknown> | undefined): string {
  const name =
    params?.["missingProperty"] ??
    params?.["additionalProperty"] ??
    (Array.isArray(params?.["requiredProperties"]) ? params["requiredProperties"][0] : undefined);
  return typeof name === "string" ? `/${name}` : "";
}

function answer(reply: FastifyReply, request: FastifyRequest, fault: Fault): FastifyReply {
  const status = FAULT_CODES[fault.code];
  const { pointer, ...details } = fault.details;
  const problem: Problem = {
    type: `urn:mingjian:fault:${fault.code}`,
    title: fault.code,
    status,
    code: fault.code,
    detail: fault.message,
    ...(typeof pointer === "string" ? { pointer } : {}),
    details: { ...details, request: request.id },
  };
  const retry = details["retryAfterSeconds"];
  if (typeof retry === "number") void reply.header("retry-after", Math.ceil(retry));
  return reply.code(status).type("application/problem+json").send(problem);
}
