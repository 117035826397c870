/** Every keyboard shortcut, once: the pages act on it, the sheet prints it. */
export type Place = "everywhere" | "wall" | "playback";

export interface Shortcut {
  readonly place: Place;
  /** `KeyboardEvent.key`, with `Shift+` before it where Shift counts. */
  readonly keys: readonly string[];
  readonly action: string;
}

export const SHORTCUTS = [
  { place: "everywhere", keys: ["?"], action: "sheet" },
  { place: "everywhere", keys: ["Escape"], action: "close" },
  { place: "wall", keys: ["1"], action: "wall1" },
  { place: "wall", keys: ["2"], action: "wall4" },
  { place: "wall", keys: ["3"], action: "wall9" },
  { place: "wall", keys: ["4"], action: "wall16" },
  { place: "wall", keys: ["f"], action: "fullScreen" },
  { place: "wall", keys: ["t"], action: "tour" },
  { place: "wall", keys: ["Enter"], action: "maximise" },
  { place: "wall", keys: ["Delete"], action: "clearTile" },
  { place: "wall", keys: ["/"], action: "searchCamera" },
  { place: "playback", keys: [" ", "k"], action: "playPause" },
  { place: "playback", keys: [","], action: "frameBack" },
  { place: "playback", keys: ["."], action: "frameOn" },
  { place: "playback", keys: ["ArrowLeft"], action: "back10" },
  { place: "playback", keys: ["ArrowRight"], action: "on10" },
  { place: "playback", keys: ["Shift+ArrowLeft"], action: "back60" },
  { place: "playback", keys: ["Shift+ArrowRight"], action: "on60" },
  { place: "playback", keys: ["["], action: "previousGap" },
  { place: "playback", keys: ["]"], action: "nextGap" },
  { place: "playback", keys: ["{"], action: "previousRecorded" },
  { place: "playback", keys: ["}"], action: "nextRecorded" },
  { place: "playback", keys: ["-"], action: "slower" },
  { place: "playback", keys: ["=", "+"], action: "faster" },
  { place: "playback", keys: ["g"], action: "goTo" },
  { place: "playback", keys: ["f"], action: "fullScreen" },
] as const satisfies readonly Shortcut[];

export type ShortcutAction = (typeof SHORTCUTS)[number]["action"];

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The action a key means at a place; undefined when it means none there. */
export function shortcutFor(press: KeyPress, place: Place): ShortcutAction | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const whole = press.shiftKey && press.key.startsWith("Arrow") ? `Shift+${key}` : key;
  return SHORTCUTS.find((one) => one.place === place && one.keys.some((name) => name === whole))?.action;
}
