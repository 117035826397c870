import { Input, Select } from "antd";
import type { InputRef } from "antd";
import { useState } from "react";
import type { ReactNode, Ref } from "react";
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
  readonly act: (action: "frameBack" | "frameOn" | "back10" | "on10" | "previousGap" | "nextGap" | "share" | "fullScreen" | "playPause") => void;
  readonly onRate: (rate: number) => void;
  readonly onGoTo: (utcMs: number) => void;
}

type Action = Exclude<Parameters<ControlsProps["act"]>[0], "playPause">;

interface ToolProps {
  readonly label: string;
  readonly hint?: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Tool({ label, hint, disabled = false, onClick, children }: ToolProps) {
  const title = hint === undefined ? label : `${label}（${hint}）`;
  return (
    <button type="button" className="tool" disabled={disabled} title={title} aria-label={label} onClick={onClick}>
      {children}
    </button>
  );
}

/** The buttons under the picture. */
export function Controls({ utcMs, zone, playing, rate, ready, goToRef, act, onRate, onGoTo }: ControlsProps) {
  const { t } = useTranslation();
  const tool = (action: Action, hint: string, children: ReactNode) => (
    <Tool label={t(`playback.${action}`)} hint={hint} disabled={!ready} onClick={() => act(action)}>
      {children}
    </Tool>
  );
  const playWord = t(playing ? "playback.pause" : "playback.play");
  const rates = PLAYBACK_RATES.map((one) => ({ value: one, label: `${one}x` }));
  return (
    <div className="tools" role="toolbar" aria-label={t("nav.playback")}>
      <Tool label={playWord} hint={t("sheet.space")} disabled={!ready} onClick={() => act("playPause")}>
        <Icon name={playing ? "pause" : "play"} size={22} />
      </Tool>
      {tool("frameBack", ",", <Icon name="frameBack" />)}
      {tool("frameOn", ".", <Icon name="frameOn" />)}
      {tool("back10", "←", "-10")}
      {tool("on10", "→", "+10")}
      <Select size="small" aria-label={t("playback.speed")} value={rate} onChange={onRate} options={rates} style={{ width: 72 }} />
      <span className="tools-sep" />
      {tool("previousGap", "[", <Icon name="gapBack" />)}
      {tool("nextGap", "]", <Icon name="gapOn" />)}
      <span className="gap" />
      <NowLine utcMs={utcMs} zone={zone} />
      <span className="gap" />
      <GoTo utcMs={utcMs} zone={zone} inputRef={goToRef} onGoTo={onGoTo} />
      {tool("share", "URL", <Icon name="link" />)}
      {tool("fullScreen", "F", <Icon name="full" />)}
    </div>
  );
}

function NowLine({ utcMs, zone }: { readonly utcMs: number; readonly zone: string }) {
  const c = civil(utcMs, zone);
  const tenth = Math.floor((((utcMs % 1000) + 1000) % 1000) / 100);
  return (
    <span className="now-line" aria-live="off" data-utc={Math.round(utcMs)}>
      <span>{dateText(utcMs, zone)}</span>
      <b>
        {two(c.hour)}:{two(c.minute)}:{two(c.second)}.{tenth}
      </b>
      <span className="dim" title={zone}>
        {zone} {offsetLabel(utcMs, zone)}
      </span>
    </span>
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
      style={{ width: 116 }}
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
