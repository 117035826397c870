export { SESSIONS_MAX, SESSIONS_PER_USER_MAX, createGateway } from "./gateway.ts";
export type { Gateway, GatewayDoors } from "./gateway.ts";
export type {
  FootageFile,
  FootageFiles,
  FootageIndex,
  FootagePiece,
  GapPiece,
  GrantAnswer,
  GrantAsk,
  GrantEnd,
  Grants,
  LiveEvent,
  LiveFrames,
  MediaOut,
  NewUse,
  Register,
  StreamPicture,
  UseResult,
  Viewer,
} from "./needs.ts";
export type { PlaybackAsk, RunningPlayback } from "./playback.ts";
export type { SpanAsk, SpanOut } from "./span-file.ts";
