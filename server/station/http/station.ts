import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Health, Camera as CameraAnswer } from "@mingjian/contract";
import type { Access } from "../../access/index.ts";
import type { Identity, SignedIn } from "../../identity/index.ts";
import type { AlarmLog } from "../../operations/index.ts";
import type { Database } from "../../ports/index.ts";
import type { Registry } from "../../registry/index.ts";
import type { TimelineReader } from "../../timeline/index.ts";
import type { Gateway } from "../../viewing/index.ts";
import type { Camera } from "../../registry/index.ts";
import type { Logger } from "../log.ts";
import type { Recorder } from "../recorder.ts";
import type { Settings } from "../settings.ts";

/** Everything the routes stand on. */
export interface Station {
  readonly settings: Settings;
  readonly version: string;
  readonly demo: boolean;
  readonly startedAt: number;
  readonly log: Logger;
  readonly database: Database;
  readonly databaseKind: "embedded" | "server";
  readonly identity: Identity;
  readonly registry: Registry;
  readonly access: Access;
  readonly timeline: TimelineReader;
  readonly recorder: Recorder;
  readonly gateway: Gateway;
  readonly alarms: AlarmLog;
  /** The health page's facts, worked out anew at most once a second. */
  health(): Promise<Health>;
  /** A stored camera with what it does now. */
  describe(camera: Camera): CameraAnswer;
  readonly stopping: () => boolean;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who is signed in; set by the guard on every route that is not public. */
    signedIn: SignedIn | undefined;
  }
}

/** The person behind a guarded request. */
export function person(request: FastifyRequest): SignedIn {
  if (request.signedIn === undefined) throw new Error("assertion failed: a guarded route without a person");
  return request.signedIn;
}

export type App = FastifyInstance;
