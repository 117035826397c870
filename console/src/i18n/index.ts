import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
const KEPT_AS = "mingjian.language";

function keptLanguage(): Language {
  try {
    return localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh-CN";
  } catch {
    return "zh-CN";
  }
}

/** Chinese first; another language only where this browser's user chose it. */
export async function startI18n(): Promise<void> {
  const language = keptLanguage();
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "zh-CN",
    resources: { "zh-CN": { translation: zhCN }, en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.title = i18next.t("app.name");
}

export function switchLanguage(language: Language): void {
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // A browser that keeps nothing still switches for this visit.
  }
  document.documentElement.lang = language;
  void i18next.changeLanguage(language).then(() => {
    document.title = i18next.t("app.name");
  });
}
