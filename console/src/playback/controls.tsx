import { Input, Select } from "antd";
import type { InputRef } from "antd";
import { useState } from "react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import { PLAYBACK_RATES } from "../player/playback-group.ts";
import { civil, dateText, offsetLabel, parseCivil, two } from "../time/zone-time.ts";
import { Icon } from "../ui/icons.tsx";

export interface ControlsProps {
  readonly utcMs: number;
  readonly zone: string;
  readonly playing: boolean;
  readonly rate: number;
  readonly ready: boolean;
  readonly goToRef: Ref<InputRef>;
  readonly act: (
    action:
      | "playPause"
      | "frameBack"
      | "frameOn"
      | "back10"
      | "on10"
      | "previousGap"
      | "nextGap"
      | "share"
      | "fullScreen",
  ) => void;
  readonly onRate: (rate: number) => void;
  readonly onGoTo: (utcMs: number) => void;
}

/** The buttons under the picture. */
export function Controls({ utcMs, zone, playing, rate, ready, goToRef, act, onRate, onGoTo }: ControlsProps) {
  const { t } = useTranslation();
  const c = civil(utcMs, zone);
  const tenth = Math.floor((((utcMs % 1000) + 1000) % 1000) / 100);
  const button = (
    action: Parameters<typeof act>[0],
    icon: Parameters<typeof Icon>[0]["name"],
    label: string,
    key: string,
  ) => (
    <button
      type="button"
      className="tool"
      disabled={!ready}
      title={`${label}（${key}）`}
      aria-label={label}
      onClick={() => act(action)}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div className="tools" role="toolbar" aria-label={t("nav.playback")}>
      <button
        type="button"
        className="tool"
        disabled={!ready}
        title={`${t(playing ? "playback.pause" : "playback.play")}（${t("sheet.space")}）`}
        aria-label={t(playing ? "playback.pause" : "playback.play")}
        onClick={() => act("playPause")}
      >
        <Icon name={playing ? "pause" : "play"} size={22} />
      </button>
      {button("frameBack", "frameBack", t("playback.frameBack"), ",")}
      {button("frameOn", "frameOn", t("playback.frameOn"), ".")}
      <button
        type="button"
        className="tool"
        title={t("playback.back10")}
        aria-label={t("playback.back10")}
        onClick={() => act("back10")}
      >
        -10
      </button>
      <button
        type="button"
        className="tool"
        title={t("playback.on10")}
        aria-label={t("playback.on10")}
        onClick={() => act("on10")}
      >
        +10
      </button>
      <Select
        size="small"
        aria-label={t("playback.speed")}
        value={rate}
        onChange={onRate}
        options={PLAYBACK_RATES.map((one) => ({ value: one, label: `${one}x` }))}
        style={{ width: 72 }}
      />
      <span className="tools-sep" />
      {button("previousGap", "gapBack", t("playback.previousGap"), "[")}
      {button("nextGap", "gapOn", t("playback.nextGap"), "]")}
      <span className="gap" />
      <span className="now-line" aria-live="off" data-utc={Math.round(utcMs)}>
        <span>{dateText(utcMs, zone)}</span>
        <b>
          {two(c.hour)}:{two(c.minute)}:{two(c.second)}.{tenth}
        </b>
        <span className="dim" title={zone}>
          {zone} {offsetLabel(utcMs, zone)}
        </span>
      </span>
      <span className="gap" />
      <GoTo utcMs={utcMs} zone={zone} inputRef={goToRef} onGoTo={onGoTo} />
      <button
        type="button"
        className="tool"
        title={t("playback.share")}
        aria-label={t("playback.share")}
        onClick={() => act("share")}
      >
        <Icon name="link" />
      </button>
      <button
        type="button"
        className="tool"
        title={`${t("playback.fullScreen")}（F）`}
        aria-label={t("playback.fullScreen")}
        onClick={() => act("fullScreen")}
      >
        <Icon name="full" />
      </button>
    </div>
  );
}

function GoTo({
  utcMs,
  zone,
  inputRef,
  onGoTo,
}: {
  readonly utcMs: number;
  readonly zone: string;
  readonly inputRef: Ref<InputRef>;
  readonly onGoTo: (utcMs: number) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [bad, setBad] = useState(false);
  return (
    <Input
      ref={inputRef}
      size="small"
      style={{ width: 176 }}
      value={text}
      placeholder={t("playback.goToHint")}
      aria-label={`${t("playback.goTo")}（G）`}
      title={bad ? t("playback.goToBad") : t("playback.goTo")}
      {...(bad ? { status: "error" as const } : {})}
      onChange={(event) => {
        setText(event.target.value);
        setBad(false);
      }}
      onPressEnter={(event) => {
        const at = parseCivil(text, utcMs, zone);
        setBad(at === undefined);
        if (at === undefined) return;
        onGoTo(at);
        setText("");
        event.currentTarget.blur();
      }}
    />
  );
}
