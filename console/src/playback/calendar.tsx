import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import * as calls from "../api/calls.ts";
import { useLoad } from "../app/use-load.ts";
import { civil, dateText, fromCivil, two } from "../time/zone-time.ts";
import type { CivilTime } from "../time/zone-time.ts";
import { Icon } from "../ui/icons.tsx";
import { useNow } from "../ui/use-now.ts";

const RENEW_MS = 60_000;

export interface CalendarProps {
  readonly cameras: readonly string[];
  readonly zone: string;
  readonly utcMs: number;
  readonly onDay: (dayStartUtcMs: number) => void;
}

interface DayFacts {
  readonly recorded: boolean;
  readonly gaps: boolean;
}

/** Which days of a month have footage of any of the cameras, and where some is missing. */
function useDays(cameras: readonly string[], month: string, zone: string): ReadonlyMap<string, DayFacts> | undefined {
  const key = cameras.join(" ");
  const load = useCallback(
    async (signal: AbortSignal) => {
      const days = new Map<string, DayFacts>();
      const ids = key === "" ? [] : key.split(" ");
      const answers = await Promise.all(ids.map((camera) => calls.recordedDays(camera, month, zone, signal)));
      for (const { day, recordedSeconds, gapSeconds } of answers.flatMap((answer) => answer.days)) {
        const old = days.get(day);
        const recorded = (old?.recorded ?? false) || recordedSeconds > 0;
        days.set(day, { recorded, gaps: (old?.gaps ?? false) || gapSeconds >= 1 });
      }
      return days;
    },
    [key, month, zone],
  );
  return useLoad(load, RENEW_MS).value;
}

function useWeekdays(): readonly string[] {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, { weekday: "narrow", timeZone: "UTC" });
    // 2024-01-01 was a Monday.
    return Array.from({ length: 7 }, (_, i) => format.format(Date.UTC(2024, 0, 1 + i)));
  }, [i18n.language]);
}

/** A month with a dot on every day that has footage; two-coloured where footage is missing. */
export function Calendar({ cameras, zone, utcMs, onDay }: CalendarProps) {
  const { t } = useTranslation();
  const here = civil(utcMs, zone);
  // The month that is turned to holds while the playhead stays in the month it was turned from.
  const [turned, setTurned] = useState({ from: "", step: 0 });
  const anchor = `${here.year}-${here.month}`;
  const step = turned.from === anchor ? turned.step : 0;
  const first = new Date(Date.UTC(here.year, here.month - 1 + step, 1));
  const month = `${first.getUTCFullYear()}-${two(first.getUTCMonth() + 1)}`;
  const days = useDays(cameras, month, zone);
  const weekdays = useWeekdays();
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const turn = (by: number) => () => setTurned({ from: anchor, step: step + by });
  const hereName = dateText(utcMs, zone);
  const today = dateText(useNow(RENEW_MS), zone);
  const names = Array.from({ length }, (_, i) => `${month}-${two(i + 1)}`);
  return (
    <section className="calendar" aria-label={t("playback.calendar")}>
      <div className="calendar-head">
        <button type="button" className="tool" aria-label={t("playback.previousMonth")} onClick={turn(-1)}>
          <Icon name="left" />
        </button>
        <b>{month}</b>
        <button type="button" className="tool" aria-label={t("playback.nextMonth")} onClick={turn(1)}>
          <Icon name="right" />
        </button>
      </div>
      <div className="calendar-grid">
        {weekdays.map((name, i) => (
          <span key={i}>{name}</span>
        ))}
        {Array.from({ length: (first.getUTCDay() + 6) % 7 }, (_, i) => (
          <span key={`lead${i}`} />
        ))}
        {names.map((name) => (
          <Day key={name} name={name} facts={days?.get(name)} here={name === hereName} today={today} onDay={(time) => onDay(fromCivil(time, zone))} />
        ))}
      </div>
    </section>
  );
}

interface DayProps {
  readonly name: string;
  readonly facts: DayFacts | undefined;
  readonly here: boolean;
  readonly today: string;
  readonly onDay: (start: CivilTime) => void;
}

function Day({ name, facts, here, today, onDay }: DayProps) {
  const { t } = useTranslation();
  const has = facts?.recorded === true;
  const gappy = has && facts.gaps;
  const words = has ? `${name} ${t("playback.calendarDot")}${gappy ? ` ${t("playback.calendarGap")}` : ""}` : name;
  const looks = [has ? "has" : "", gappy ? "gappy" : "", name === today ? "today" : ""].join(" ");
  const [year = 0, month = 0, day = 0] = name.split("-").map(Number);
  const choose = (): void => onDay({ year, month, day, hour: 0, minute: 0, second: 0 });
  return (
    <button type="button" className={looks} disabled={name > today} aria-label={words} title={words} aria-current={here ? "date" : undefined} onClick={choose}>
      {day}
    </button>
  );
}
