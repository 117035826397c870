import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import * as calls from "../api/calls.ts";
import { useLoad } from "../app/use-load.ts";
import { civil, fromCivil, two } from "../time/zone-time.ts";
import { Icon } from "../ui/icons.tsx";

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

/** A month with a dot on every day that has footage, of any of the cameras; two-coloured where footage is missing. */
export function Calendar({ cameras, zone, utcMs, onDay }: CalendarProps) {
  const { t, i18n } = useTranslation();
  const here = civil(utcMs, zone);
  const today = civil(Date.now(), zone);
  const [shown, setShown] = useState({ year: here.year, month: here.month });
  useEffect(() => setShown({ year: here.year, month: here.month }), [here.year, here.month]);
  const month = `${shown.year}-${two(shown.month)}`;
  const key = cameras.join(" ");
  const load = useCallback(
    async (signal: AbortSignal) => {
      const days = new Map<string, DayFacts>();
      if (key === "") return days;
      const answers = await Promise.all(
        key.split(" ").map((camera) => calls.recordedDays(camera, month, zone, signal)),
      );
      for (const day of answers.flatMap((answer) => answer.days)) {
        const old = days.get(day.day);
        days.set(day.day, {
          recorded: (old?.recorded ?? false) || day.recordedSeconds > 0,
          gaps: (old?.gaps ?? false) || day.gapSeconds >= 1,
        });
      }
      return days;
    },
    [key, month, zone],
  );
  const { value: days } = useLoad(load, RENEW_MS);
  const weekdays = useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, { weekday: "narrow", timeZone: "UTC" });
    // 2024-01-01 was a Monday.
    return Array.from({ length: 7 }, (_, i) => format.format(Date.UTC(2024, 0, 1 + i)));
  }, [i18n.language]);
  const length = new Date(Date.UTC(shown.year, shown.month, 0)).getUTCDate();
  const lead = (new Date(Date.UTC(shown.year, shown.month - 1, 1)).getUTCDay() + 6) % 7;
  const move = (step: number): void => {
    const moved = new Date(Date.UTC(shown.year, shown.month - 1 + step, 1));
    setShown({ year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1 });
  };
  return (
    <section className="calendar" aria-label={t("playback.calendar")}>
      <div className="calendar-head">
        <button type="button" className="tool" aria-label={t("playback.previousMonth")} onClick={() => move(-1)}>
          <Icon name="left" />
        </button>
        <b>{month}</b>
        <button type="button" className="tool" aria-label={t("playback.nextMonth")} onClick={() => move(1)}>
          <Icon name="right" />
        </button>
      </div>
      <div className="calendar-grid">
        {weekdays.map((name, i) => (
          <span key={i}>{name}</span>
        ))}
        {Array.from({ length: lead }, (_, i) => (
          <span key={`lead${i}`} />
        ))}
        {Array.from({ length }, (_, i) => {
          const day = i + 1;
          const name = `${month}-${two(day)}`;
          const facts = days?.get(name);
          const isHere = shown.year === here.year && shown.month === here.month && day === here.day;
          const isToday = shown.year === today.year && shown.month === today.month && day === today.day;
          const future = `${month}-${two(day)}` > `${today.year}-${two(today.month)}-${two(today.day)}`;
          const words =
            facts?.recorded === true
              ? `${name} ${t("playback.calendarDot")}${facts.gaps ? ` ${t("playback.calendarGap")}` : ""}`
              : name;
          return (
            <button
              key={day}
              type="button"
              disabled={future}
              aria-label={words}
              title={words}
              aria-current={isHere ? "date" : undefined}
              className={`${facts?.recorded === true ? "has" : ""}${facts?.recorded === true && facts.gaps ? " gappy" : ""}${isToday ? " today" : ""}`}
              onClick={() =>
                onDay(fromCivil({ year: shown.year, month: shown.month, day, hour: 0, minute: 0, second: 0 }, zone))
              }
            >
              {day}
            </button>
          );
        })}
      </div>
    </section>
  );
}
