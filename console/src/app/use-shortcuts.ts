import { useEffect, useRef } from "react";
import { shortcutFor } from "./shortcuts.ts";
import type { Place, ShortcutAction } from "./shortcuts.ts";

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
    target.closest('[role="dialog"], .ant-select, .ant-dropdown') !== null
  );
}

/** Acts on the shortcuts of a place. A focused button keeps Enter and the space bar for itself. */
export function useShortcuts(place: Place, act: (action: ShortcutAction) => boolean | void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      const onControl = event.target instanceof HTMLElement && event.target.closest('button, a, [role="treeitem"]') !== null;
      if (onControl && (event.key === " " || event.key === "Enter")) return;
      const action = shortcutFor(event, place);
      if (action !== undefined && latest.current(action) !== false) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [place]);
}
