import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { SHORTCUTS } from "./shortcuts.ts";

const PLACES = ["wall", "playback", "everywhere"] as const;
const SHOWN: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  "Shift+ArrowLeft": "Shift ←",
  "Shift+ArrowRight": "Shift →",
  Escape: "Esc",
};

/** The list of keyboard shortcuts, opened with `?`. */
export function ShortcutSheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("sheet.title")} width={760}>
      <div className="sheet">
        {PLACES.map((place) => (
          <section key={place}>
            <h3>{t(`sheet.${place}`)}</h3>
            <dl>
              {SHORTCUTS.filter((one) => one.place === place).map((one) => (
                <div key={one.action}>
                  <dt>
                    {one.keys.map((key) => (
                      <kbd key={key}>{key === " " ? t("sheet.space") : (SHOWN[key] ?? key)}</kbd>
                    ))}
                  </dt>
                  <dd>{t(`sheet.${one.action}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
