import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import {
  Done,
  Id,
  Me,
  NewUser,
  PasswordChange,
  SecondFactorNeeded,
  SetupRequest,
  SetupState,
  SignInRequest,
  SignInSession,
  TotpBegin,
  TotpConfirm,
  TotpSecret,
  User,
  UserChange,
} from "@mingjian/contract";
import type { NewUser as NewUserBody, SetupRequest as SetupBody, SignInRequest as SignInBody, UserChange as UserChangeBody } from "@mingjian/contract";
import { Fault, formatUtc } from "@mingjian/vocab";
import type { UnitId, UserId } from "@mingjian/vocab";
import type { Caller, Entered, SignedIn, User as StoredUser } from "../../identity/index.ts";
import { person } from "./station.ts";
import type { App, Station } from "./station.ts";

const DEMO_UNIT = "demo";
/** The first person can do everything once, and gives the roles to others on the users page. */
const FIRST_ROLES = ["administrator", "security-chief", "duty"] as const;

export function caller(request: FastifyRequest): Caller {
  return { address: request.ip, agent: (request.headers["user-agent"] ?? "").slice(0, 256) };
}

function userAnswer(user: StoredUser): User {
  return { ...user, roles: [...user.roles], lockedUntil: user.lockedUntil === null ? null : formatUtc(user.lockedUntil) };
}

async function meAnswer(station: Station, signedIn: SignedIn): Promise<Me> {
  const unit = signedIn.user.unit === null ? undefined : await station.registry.reader.unit(signedIn.user.unit);
  return { user: userAnswer(signedIn.user), unitName: unit?.name ?? null, session: signedIn.id, demo: station.demo };
}

async function enter(station: Station, reply: FastifyReply, entered: Entered): Promise<Me> {
  void reply.header("set-cookie", [...entered.setCookies]);
  return meAnswer(station, entered.session);
}

const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) });
type WithId = { Params: { id: string } };

export function identityRoutes(app: App, station: Station): void {
  signInRoutes(app, station);
  sessionRoutes(app, station);
  ownAccountRoutes(app, station);
  userRoutes(app, station);
}

function signInRoutes(app: App, station: Station): void {
  const { identity } = station;
  app.get(
    "/api/v1/setup",
    { config: { public: true }, schema: { summary: "Whether the first administrator is still to be made", tags: ["sign-in"], response: { 200: SetupState } } },
    async () => ({ needed: await identity.setupNeeded(), demo: station.demo }),
  );

  app.post<{ Body: SetupBody }>(
    "/api/v1/setup",
    {
      config: { public: true },
      schema: { summary: "Make the first administrator with the one-time token", tags: ["sign-in"], body: SetupRequest, response: { 200: Me } },
    },
    async (request, reply) => {
      const { token, name, displayName, password, unitName } = request.body;
      if (!(await identity.setupNeeded())) throw new Fault("setup-done", "the first administrator exists already");
      const makeUnit = async (): Promise<UnitId> => (station.demo ? (DEMO_UNIT as UnitId) : firstUnit(station, unitName));
      const entered = await identity.setup({ token, name, displayName, password, makeUnit, roles: FIRST_ROLES }, caller(request));
      return enter(station, reply, entered);
    },
  );

  app.post<{ Body: SignInBody }>(
    "/api/v1/sign-in",
    {
      config: { public: true },
      schema: { summary: "Sign in", tags: ["sign-in"], body: SignInRequest, response: { 200: Type.Union([Me, SecondFactorNeeded]) } },
    },
    async (request, reply) => {
      const answer = await identity.signIn(request.body, caller(request));
      return answer.kind === "entered" ? enter(station, reply, answer) : { secondFactorNeeded: true };
    },
  );

  app.post(
    "/api/v1/sign-out",
    { config: { public: true }, schema: { summary: "Sign out", tags: ["sign-in"], response: { 200: Done } } },
    async (request, reply) => {
      void reply.header("set-cookie", [...(await identity.signOut(request.headers.cookie))]);
      return { done: true };
    },
  );
}

function sessionRoutes(app: App, station: Station): void {
  const { identity } = station;
  app.get("/api/v1/me", { schema: { summary: "Who is signed in", tags: ["sign-in"], response: { 200: Me } } }, async (request) =>
    meAnswer(station, person(request)),
  );

  app.get("/api/v1/me/sessions", { schema: { summary: "My sign-ins", tags: ["sign-in"], response: { 200: Type.Array(SignInSession) } } }, async (request) => {
    const me = person(request);
    return (await identity.sessions(me.user.id)).map((one) => ({
      id: one.id,
      current: one.id === me.id,
      createdAt: formatUtc(one.createdAt),
      expiresAt: formatUtc(one.expiresAt),
      address: one.address,
      agent: one.agent,
    }));
  });

  app.delete<WithId>(
    "/api/v1/me/sessions/:id",
    { schema: { summary: "End one of my sign-ins", tags: ["sign-in"], params: IdParams, response: { 200: Done } } },
    async (request) => {
      await identity.revokeSession(person(request).user.id, request.params.id);
      return { done: true };
    },
  );
}

function ownAccountRoutes(app: App, station: Station): void {
  const { identity } = station;
  app.post<{ Body: { password: string } }>(
    "/api/v1/me/totp",
    { schema: { summary: "Begin the second factor", tags: ["sign-in"], body: TotpBegin, response: { 200: TotpSecret } } },
    async (request) => {
      const begun = await identity.beginTotp(request.headers.cookie ?? "", request.body.password);
      return { uri: begun.uri, backupCodes: [...begun.backupCodes] };
    },
  );

  app.post<{ Body: { code: string } }>(
    "/api/v1/me/totp/confirm",
    { schema: { summary: "Confirm the second factor with a code", tags: ["sign-in"], body: TotpConfirm, response: { 200: Me } } },
    async (request, reply) => enter(station, reply, await identity.confirmTotp(request.headers.cookie ?? "", request.body.code, caller(request))),
  );

  app.delete<{ Body: { password: string } }>(
    "/api/v1/me/totp",
    { schema: { summary: "Switch the second factor off", tags: ["sign-in"], body: TotpBegin, response: { 200: Me } } },
    async (request, reply) => enter(station, reply, await identity.disableTotp(request.headers.cookie ?? "", request.body.password, caller(request))),
  );

  app.post<{ Body: { current: string; next: string } }>(
    "/api/v1/me/password",
    { schema: { summary: "Change my password", tags: ["sign-in"], body: PasswordChange, response: { 200: Me } } },
    async (request, reply) =>
      enter(station, reply, await identity.changePassword(request.headers.cookie ?? "", request.body.current, request.body.next, caller(request))),
  );
}

function userRoutes(app: App, station: Station): void {
  const { identity } = station;
  const config = { roles: ["administrator"] } as const;
  app.get(
    "/api/v1/users",
    { config: { roles: ["administrator", "auditor"] }, schema: { summary: "Users", tags: ["users"], response: { 200: Type.Array(User) } } },
    async () => (await identity.users()).map(userAnswer),
  );

  app.post<{ Body: NewUserBody }>(
    "/api/v1/users",
    { config, schema: { summary: "Add a user", tags: ["users"], body: NewUser, response: { 200: User } } },
    async (request) => userAnswer(await identity.addUser({ ...request.body, unit: request.body.unit as UnitId | null })),
  );

  app.patch<WithId & { Body: UserChangeBody }>(
    "/api/v1/users/:id",
    { config, schema: { summary: "Change a user", tags: ["users"], params: Type.Object({ id: Id }), body: UserChange, response: { 200: User } } },
    async (request) => {
      const id = request.params.id as UserId;
      const changed = await identity.changeUser(id, { ...request.body, unit: request.body.unit as UnitId | null | undefined });
      const { roles, unit, disabled } = request.body;
      if (roles !== undefined || unit !== undefined || disabled === true) await station.access.revokeAllOf(id, person(request).user.id);
      return userAnswer(changed);
    },
  );
}

async function firstUnit(station: Station, name: string | undefined): Promise<UnitId> {
  const units = await station.registry.reader.units();
  const first = units.find((unit) => unit.kind === "operator" && !unit.demo);
  if (first !== undefined) return first.id;
  return (await station.registry.writer.addUnit({ id: "unit-1", name: name ?? "本单位", kind: "operator", parent: null }, "system:setup")).id;
}
