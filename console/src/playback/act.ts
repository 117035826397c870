import type { ShortcutAction } from "../app/shortcuts.ts";
import { PLAYBACK_RATES } from "../player/playback-group.ts";
import type { PlaybackGroup } from "../player/playback-group.ts";

/** What the buttons and keys of the playback page do. */
export interface PlaybackDeeds {
  readonly group: PlaybackGroup;
  readonly playing: boolean;
  readonly rate: number;
  readonly seek: (utcMs: number) => void;
  readonly toBand: (kind: "gap" | "recorded", direction: 1 | -1) => void;
  readonly goTo: () => void;
  readonly share: () => void;
  readonly fullScreen: () => void;
}

export type PlaybackAction = ShortcutAction | "share";

const SHIFTS_MS: Partial<Record<PlaybackAction, number>> = {
  back10: -10_000,
  on10: 10_000,
  back60: -60_000,
  on60: 60_000,
};

/** The next speed up (1) or down (-1), or the same at the end of the list. */
export function nextRate(rate: number, direction: 1 | -1): number {
  const at = PLAYBACK_RATES.findIndex((one) => one === rate);
  return PLAYBACK_RATES[Math.min(PLAYBACK_RATES.length - 1, Math.max(0, at + direction))] ?? 1;
}

/** Does `action`; false when it is none of this page's. */
export function act(action: PlaybackAction, deeds: PlaybackDeeds): boolean {
  const { group, playing, rate, seek, toBand } = deeds;
  const shift = SHIFTS_MS[action];
  if (shift !== undefined) seek(group.utcMs + shift);
  else if (action === "playPause") (playing ? () => group.pause() : () => group.play())();
  else if (action === "frameBack") group.stepFrame(-1);
  else if (action === "frameOn") group.stepFrame(1);
  else if (action === "previousGap") toBand("gap", -1);
  else if (action === "nextGap") toBand("gap", 1);
  else if (action === "previousRecorded") toBand("recorded", -1);
  else if (action === "nextRecorded") toBand("recorded", 1);
  else if (action === "slower") group.setRate(nextRate(rate, -1));
  else if (action === "faster") group.setRate(nextRate(rate, 1));
  else if (action === "goTo") deeds.goTo();
  else if (action === "share") deeds.share();
  else if (action === "fullScreen") deeds.fullScreen();
  else return false;
  return true;
}
