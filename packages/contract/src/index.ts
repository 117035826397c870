export { Done, ID_PATTERN, Id, Instant, Problem, StreamRoleSchema } from "./common.ts";
export {
  Me,
  NewUser,
  OneTimeCode,
  Password,
  PasswordChange,
  ROLES,
  Role,
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
  UserName,
} from "./identity.ts";
export {
  CAMERA_STATES,
  Camera,
  CameraChange,
  NewCamera,
  NewUnit,
  PROBE_STEPS,
  ProbeRequest,
  ProbeResult,
  StreamSourceInput,
  StreamStatus,
  Transport,
  Unit,
} from "./registry.ts";
export { Band, Grant, GrantRequest, RecordedDays, RegisterEntry, RegisterPage, Timeline } from "./viewing.ts";
export { EVENT_KINDS, Health, Level } from "./health.ts";
export type { EventKind } from "./health.ts";
export {
  MEDIA_FLAG_KEY,
  MEDIA_HEADER_BYTES,
  MEDIA_KIND_FRAGMENT,
  MEDIA_KIND_INIT,
  PLAYBACK_WINDOW_MS,
  readMediaHeader,
  writeMediaHeader,
} from "./media-socket.ts";
export type { ClientMessage, MediaHeader, ServerMessage } from "./media-socket.ts";
