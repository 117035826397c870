import type {
  Camera,
  CameraChange,
  Grant,
  GrantRequest,
  Health,
  Me,
  NewCamera,
  NewUser,
  ProbeResult,
  RecordedDays,
  RegisterPage,
  SetupRequest,
  SetupState,
  SignInRequest,
  SignInSession,
  StreamSourceInput,
  Timeline,
  TotpSecret,
  Unit,
  User,
  UserChange,
} from "@mingjian/contract";
import { call, query } from "./client.ts";

type Signal = AbortSignal | undefined;
export type SignInAnswer = Me | { readonly secondFactorNeeded: true };

const PROBE_TIMEOUT_MS = 60_000;
const id = encodeURIComponent;

export const setupState = (): Promise<SetupState> => call("/setup");
export const setUp = (body: SetupRequest): Promise<Me> => call("/setup", { method: "POST", body });
export const signIn = (body: SignInRequest): Promise<SignInAnswer> => call("/sign-in", { method: "POST", body });
export const signOut = (): Promise<unknown> => call("/sign-out", { method: "POST", body: {} });
export const me = (): Promise<Me> => call("/me");

export const sessions = (signal?: Signal): Promise<SignInSession[]> => call("/me/sessions", { signal });
export const revokeSession = (session: string): Promise<unknown> => call(`/me/sessions/${id(session)}`, { method: "DELETE" });
export const beginTotp = (password: string): Promise<TotpSecret> => call("/me/totp", { method: "POST", body: { password } });
export const confirmTotp = (code: string): Promise<Me> => call("/me/totp/confirm", { method: "POST", body: { code } });
export const disableTotp = (password: string): Promise<Me> => call("/me/totp", { method: "DELETE", body: { password } });
export const changePassword = (current: string, next: string): Promise<Me> => call("/me/password", { method: "POST", body: { current, next } });

export const users = (signal?: Signal): Promise<User[]> => call("/users", { signal });
export const createUser = (body: NewUser): Promise<User> => call("/users", { method: "POST", body });
export const changeUser = (user: string, body: UserChange): Promise<User> => call(`/users/${id(user)}`, { method: "PATCH", body });

export const units = (signal?: Signal): Promise<Unit[]> => call("/units", { signal });
export const createUnit = (body: { name: string; kind: "operator" | "authority"; parent: string | null }): Promise<Unit> =>
  call("/units", { method: "POST", body });

export const cameras = (signal?: Signal): Promise<Camera[]> => call("/cameras", { signal });
export const createCamera = (body: NewCamera): Promise<Camera> => call("/cameras", { method: "POST", body });
export const changeCamera = (camera_: string, body: CameraChange): Promise<Camera> => call(`/cameras/${id(camera_)}`, { method: "PATCH", body });
export const removeCamera = (camera_: string, version: number): Promise<unknown> => call(`/cameras/${id(camera_)}${query({ version })}`, { method: "DELETE" });
export const probe = (source: StreamSourceInput): Promise<ProbeResult> =>
  call("/cameras/probe", { method: "POST", body: { source }, timeoutMs: PROBE_TIMEOUT_MS });
export const recordedDays = (camera_: string, month: string, zone: string, signal?: Signal): Promise<RecordedDays> =>
  call(`/cameras/${id(camera_)}/days${query({ month, zone })}`, { signal });

export interface TimelineQuery {
  readonly camera: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly resolutionMs: number;
}
export const timeline = (wanted: TimelineQuery, signal?: Signal): Promise<Timeline> => call(`/timeline${query({ ...wanted })}`, { signal });

export const grants = (activeOnly: boolean, signal?: Signal): Promise<Grant[]> =>
  call(`/grants${query({ active: activeOnly ? "true" : undefined })}`, { signal });
export const requestGrant = (body: GrantRequest): Promise<Grant> => call("/grants", { method: "POST", body });
export const revokeGrant = (grant: string): Promise<unknown> => call(`/grants/${id(grant)}`, { method: "DELETE" });

export interface RegisterQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly camera?: string | undefined;
  readonly user?: string | undefined;
  readonly limit?: number | undefined;
  readonly before?: string | undefined;
}
export const register = (wanted: RegisterQuery, signal?: Signal): Promise<RegisterPage> => call(`/register${query({ ...wanted })}`, { signal });

export const health = (signal?: Signal): Promise<Health> => call("/health", { signal });
