import type { TimeBand } from "./bands.ts";
import { ticks, xOf } from "./geometry.ts";
import type { View } from "./geometry.ts";

export const RULER_PX = 26;
export const ROW_PX = 30;
const BAND_INSET_PX = 5;
/** A gap or an alarm is never thinner than this, so that it is seen on a view of 30 days. */
const THIN_PX_MIN = 2;

export interface TimelineColours {
  readonly ground: string;
  readonly row: string;
  readonly rule: string;
  readonly ruleDay: string;
  readonly text: string;
  readonly textDim: string;
  readonly recorded: string;
  readonly gap: string;
  readonly gapStripe: string;
  readonly alarm: string;
  readonly playhead: string;
  readonly now: string;
}

export interface TimelineRow {
  readonly camera: string;
  readonly name: string;
  readonly bands: readonly TimeBand[];
}

export interface TimelineScene {
  readonly width: number;
  readonly view: View;
  readonly zone: string;
  readonly rows: readonly TimelineRow[];
  readonly playheadUtcMs: number;
  readonly nowUtcMs: number;
  readonly hoverX: number | undefined;
  readonly colours: TimelineColours;
  readonly font: string;
}

export const timelineHeight = (rows: number): number => RULER_PX + Math.max(1, rows) * ROW_PX;

export function drawTimeline(context: CanvasRenderingContext2D, scene: TimelineScene): void {
  const height = timelineHeight(scene.rows.length);
  context.fillStyle = scene.colours.ground;
  context.fillRect(0, 0, scene.width, height);
  drawRuler(context, scene, height);
  scene.rows.forEach((row, index) => drawRow(context, scene, row, RULER_PX + index * ROW_PX));
  drawLine(context, xOf(scene.nowUtcMs, scene.view, scene.width), height, scene.colours.now, 1, [3, 3]);
  if (scene.hoverX !== undefined) drawLine(context, scene.hoverX, height, scene.colours.textDim, 1, []);
  drawPlayhead(context, scene, height);
}

function drawRuler(context: CanvasRenderingContext2D, scene: TimelineScene, height: number): void {
  const { view, width, colours } = scene;
  context.font = scene.font;
  context.textBaseline = "middle";
  for (const tick of ticks(view, width, scene.zone)) {
    const x = Math.round(xOf(tick.at, view, width)) + 0.5;
    context.strokeStyle = tick.day ? colours.ruleDay : colours.rule;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, tick.day ? 0 : RULER_PX - 7);
    context.lineTo(x, height);
    context.stroke();
    context.fillStyle = tick.day ? colours.text : colours.textDim;
    context.fillText(tick.label, x + 5, RULER_PX / 2 - 1);
  }
}

function drawRow(context: CanvasRenderingContext2D, scene: TimelineScene, row: TimelineRow, top: number): void {
  const { view, width, colours } = scene;
  const y = top + BAND_INSET_PX;
  const tall = ROW_PX - 2 * BAND_INSET_PX;
  context.fillStyle = colours.row;
  context.fillRect(0, y, width, tall);
  for (const kind of ["recorded", "gap", "alarm"] as const) {
    for (const band of row.bands) {
      if (band.kind !== kind || band.to < view.from || band.from > view.to) continue;
      const left = Math.max(0, xOf(band.from, view, width));
      const right = Math.min(width, xOf(band.to, view, width));
      const wide = Math.max(right - left, kind === "recorded" ? 0.5 : THIN_PX_MIN);
      if (kind === "recorded") fill(context, colours.recorded, left, y, wide, tall);
      else if (kind === "alarm") fill(context, colours.alarm, left, y - 3, wide, 5);
      else drawGap(context, colours, left, y, wide, tall);
    }
  }
}

function fill(context: CanvasRenderingContext2D, colour: string, x: number, y: number, wide: number, tall: number): void {
  context.fillStyle = colour;
  context.fillRect(x, y, wide, tall);
}

/** Gaps are striped too: nobody has to tell red from green. */
function drawGap(context: CanvasRenderingContext2D, colours: TimelineColours, x: number, y: number, wide: number, tall: number): void {
  fill(context, colours.gap, x, y, wide, tall);
  if (wide < 6) return;
  context.save();
  context.beginPath();
  context.rect(x, y, wide, tall);
  context.clip();
  context.strokeStyle = colours.gapStripe;
  context.lineWidth = 2;
  context.beginPath();
  for (let at = x - tall; at < x + wide; at += 8) {
    context.moveTo(at, y + tall);
    context.lineTo(at + tall, y);
  }
  context.stroke();
  context.restore();
}

function drawLine(context: CanvasRenderingContext2D, x: number, height: number, colour: string, wide: number, dash: number[]): void {
  context.strokeStyle = colour;
  context.lineWidth = wide;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, 0);
  context.lineTo(Math.round(x) + 0.5, height);
  context.stroke();
  context.setLineDash([]);
}

function drawPlayhead(context: CanvasRenderingContext2D, scene: TimelineScene, height: number): void {
  const x = xOf(scene.playheadUtcMs, scene.view, scene.width);
  if (x < -8 || x > scene.width + 8) return;
  drawLine(context, x, height, scene.colours.playhead, 2, []);
  context.fillStyle = scene.colours.playhead;
  context.beginPath();
  context.moveTo(x - 6, 0);
  context.lineTo(x + 7, 0);
  context.lineTo(x + 0.5, 9);
  context.fill();
}
