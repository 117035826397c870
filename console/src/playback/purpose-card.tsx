import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

const PURPOSE_CHARS_MAX = 500;

/** Asks why footage is looked at, once per sign-in; nothing is shown before. */
export function PurposeCard({ initial, onPurpose }: { readonly initial: string; readonly onPurpose: (purpose: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(initial);
  const quick = t("playback.purposeQuick", { returnObjects: true });
  const good = text.trim() !== "";
  return (
    <form
      className="purpose"
      onSubmit={(event) => {
        event.preventDefault();
        if (good) onPurpose(text.trim());
      }}
    >
      <h2>{t("playback.purposeTitle")}</h2>
      <p>{t("playback.purposeText")}</p>
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 5 }}
        maxLength={PURPOSE_CHARS_MAX}
        value={text}
        aria-label={t("playback.purposeLabel")}
        placeholder={t("playback.purposeLabel")}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="purpose-quick">
        {quick.map((one) => (
          <Button key={one} size="small" onClick={() => setText(one)}>
            {one}
          </Button>
        ))}
      </div>
      <Button type="primary" htmlType="submit" disabled={!good}>
        {t("playback.purposeStart")}
      </Button>
    </form>
  );
}
