import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { switchLanguage } from "../i18n/index.ts";

/** The frame of the pages for people who are not signed in. */
export function FrontDoor({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { t, i18n } = useTranslation();
  return (
    <main className="door">
      <div className="door-card">
        <div className="door-head">
          <svg width="40" height="40" viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="16" r="11" fill="none" stroke="#5fb3c9" strokeWidth="2.4" />
            <circle cx="16" cy="16" r="3.4" fill="#e8c37a" />
          </svg>
          <div>
            <strong>{t("app.name")}</strong>
            <span>{t("app.tagline")}</span>
          </div>
          <button type="button" className="bar-button" onClick={() => switchLanguage(i18n.language === "en" ? "zh-CN" : "en")}>
            {t("app.language")}
          </button>
        </div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
