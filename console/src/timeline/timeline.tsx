import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { gapCauseText } from "../i18n/words.ts";
import { dateClockText, offsetLabel } from "../time/zone-time.ts";
import { bandAt } from "./bands.ts";
import { RULER_PX, ROW_PX, drawTimeline, timelineHeight } from "./draw.ts";
import type { TimelineColours, TimelineRow } from "./draw.ts";
import { panBy, spanOf, timeAt, xOf, zoomAbout } from "./geometry.ts";
import type { View } from "./geometry.ts";

const COLOURS: TimelineColours = {
  ground: "#10161d",
  row: "#1c2630",
  rule: "#222d38",
  ruleDay: "#41505e",
  text: "#dbe3ea",
  textDim: "#93a2b1",
  recorded: "#3f8fb0",
  gap: "#a8432f",
  gapStripe: "#6d2417",
  alarm: "#f0b429",
  playhead: "#ffe08a",
  now: "#46b07b",
};
const WHEEL_STEP = 1.25;
const DRAG_PX_MIN = 4;
const KEY_MS = 10_000;

export interface TimelineProps {
  readonly view: View;
  readonly zone: string;
  readonly rows: readonly TimelineRow[];
  readonly utcMs: number;
  readonly nowUtcMs: number;
  readonly onView: (view: View) => void;
  readonly onSeek: (utcMs: number) => void;
}

interface Drag {
  readonly x: number;
  readonly view: View;
  moved: boolean;
}

/** The bands of each camera on one ruler. Click seeks, drag pans, the wheel zooms about the cursor; all of it by keys too. */
export function Timeline({ view, zone, rows, utcMs, nowUtcMs, onView, onSeek }: TimelineProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<Drag | undefined>(undefined);
  const [width, setWidth] = useState(800);
  const [hover, setHover] = useState<{ x: number; y: number }>();

  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(200, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (element === null || context === null || context === undefined) return;
    const ratio = devicePixelRatio || 1;
    const height = timelineHeight(rows.length);
    if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
      element.width = Math.round(width * ratio);
      element.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(context, {
      width,
      view,
      zone,
      rows,
      playheadUtcMs: utcMs,
      nowUtcMs,
      hoverX: hover?.x,
      colours: COLOURS,
      font: "12px system-ui, sans-serif",
    });
  }, [width, view, zone, rows, utcMs, nowUtcMs, hover]);

  // React's wheel listener is passive; zooming must keep the page from scrolling.
  const latest = useRef({ view, width, onView });
  useEffect(() => {
    latest.current = { view, width, onView };
  });
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const now = latest.current;
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        now.onView(panBy(now.view, ((event.deltaX || event.deltaY) / now.width) * spanOf(now.view)));
      } else now.onView(zoomAbout(now.view, event.offsetX / now.width, event.deltaY > 0 ? WHEEL_STEP : 1 / WHEEL_STEP));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const onMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { offsetX: x, offsetY: y } = event.nativeEvent;
    setHover({ x, y });
    const held = drag.current;
    if (held === undefined) return;
    if (Math.abs(x - held.x) > DRAG_PX_MIN) held.moved = true;
    if (held.moved) onView(panBy(held.view, ((held.x - x) / width) * spanOf(held.view)));
  };
  const onUp = (event: PointerEvent<HTMLCanvasElement>): void => {
    const held = drag.current;
    drag.current = undefined;
    if (held !== undefined && !held.moved) onSeek(timeAt(event.nativeEvent.offsetX, view, width));
  };
  const onKey = useCallback(
    (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const about = Math.min(1, Math.max(0, xOf(utcMs, view, 1)));
      if (event.key === "PageUp" || event.key === "PageDown") onView(panBy(view, (event.key === "PageUp" ? -0.8 : 0.8) * spanOf(view)));
      else if (event.key === "+" || event.key === "=") onView(zoomAbout(view, about, 1 / WHEEL_STEP));
      else if (event.key === "-") onView(zoomAbout(view, about, WHEEL_STEP));
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight")
        onSeek(utcMs + (event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 6 : 1) * KEY_MS);
      else if (event.key === "Home" || event.key === "End") onSeek(event.key === "Home" ? view.from : view.to);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    [utcMs, view, onView, onSeek],
  );

  const hoverAt = hover === undefined ? undefined : timeAt(hover.x, view, width);
  return (
    <div className="timeline-canvas">
      <canvas
        ref={canvas}
        style={{ height: timelineHeight(rows.length) }}
        tabIndex={0}
        role="slider"
        aria-label={`${t("playback.timeline")}。${t("playback.timelineHelp")}`}
        aria-valuemin={Math.round(view.from)}
        aria-valuemax={Math.round(view.to)}
        aria-valuenow={Math.round(utcMs)}
        aria-valuetext={`${dateClockText(utcMs, zone)} ${offsetLabel(utcMs, zone)}`}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          drag.current = { x: event.nativeEvent.offsetX, view, moved: false };
        }}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={() => (drag.current = undefined)}
        onPointerLeave={() => setHover(undefined)}
        onKeyDown={onKey}
      />
      {hover === undefined || hoverAt === undefined ? null : (
        <div className="timeline-tip" style={{ left: Math.min(width - 110, Math.max(110, hover.x)) }}>
          {dateClockText(hoverAt, zone)}
          {tipWords(rows, hover.y, hoverAt, t)}
        </div>
      )}
    </div>
  );
}

function tipWords(rows: readonly TimelineRow[], y: number, at: number, t: ReturnType<typeof useTranslation>["t"]): string {
  const row = rows[Math.floor((y - RULER_PX) / ROW_PX)];
  if (row === undefined) return "";
  const band = bandAt(row.bands, at);
  if (band === undefined) return ` · ${t("bands.empty")}`;
  const cause = band.cause === null ? "" : `：${gapCauseText(band.cause)}`;
  return ` · ${t(`bands.${band.kind}`)}${cause}`;
}
