import { Dropdown } from "antd";
import { useState } from "react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { switchLanguage } from "../i18n/index.ts";
import { clockText, dateText, offsetLabel } from "../time/zone-time.ts";
import { useNow } from "../ui/use-now.ts";
import { rightsOf } from "./rights.ts";
import { useMe, useSession } from "./session.tsx";
import { ShortcutSheet } from "./shortcut-sheet.tsx";
import { useStation } from "./station.tsx";
import { useShortcuts } from "./use-shortcuts.ts";

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="11" fill="none" stroke="currentColor" strokeWidth="3" />
      <circle cx="16" cy="16" r="3.6" fill="#e8c37a" />
    </svg>
  );
}

function Clock() {
  const { zone } = useStation();
  const now = useNow();
  return (
    <span className="bar-clock" title={zone}>
      {dateText(now, zone)} <b>{clockText(now, zone)}</b> <small>{offsetLabel(now, zone)}</small>
    </span>
  );
}

/** The bar over every page: where to go, what is wrong, what time it is, who is here. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const { t, i18n } = useTranslation();
  const [path, navigate] = useLocation();
  const [sheet, setSheet] = useState(false);
  const me = useMe();
  const { leave } = useSession();
  const { health, connected } = useStation();
  const rights = rightsOf(me.user.roles);
  useShortcuts("everywhere", (action) => (action === "sheet" ? setSheet(true) : false));

  const items = [
    { to: "/", label: t("nav.wall"), shown: rights.live || rights.manageCameras },
    { to: "/playback", label: t("nav.playback"), shown: rights.playback },
    { to: "/cameras", label: t("nav.cameras"), shown: true },
    { to: "/register", label: t("nav.register"), shown: rights.register },
    { to: "/grants", label: t("nav.grants"), shown: rights.grants },
    { to: "/health", label: t("nav.health"), shown: true },
    { to: "/users", label: t("nav.users"), shown: rights.users },
  ].filter((item) => item.shown);
  const level = health?.level ?? "ok";
  const menu = [
    { key: "account", label: t("nav.account") },
    { key: "docs", label: t("app.apiDocs") },
    { key: "out", label: t("app.signOut") },
  ];
  const choose = (key: string): void => {
    if (key === "account") navigate("/account");
    else if (key === "docs") window.open("/api/docs", "_blank", "noopener");
    else void leave().then(() => navigate("/"));
  };
  return (
    <div className="shell">
      <a className="skip" href="#page">
        {t("app.skip")}
      </a>
      <header className="bar">
        <Link href="/" className="brand">
          <Mark />
          {t("app.name")}
        </Link>
        {me.demo ? (
          <span className="demo-tag" title={t("app.demoNote")}>
            {t("app.demo")}
          </span>
        ) : null}
        <nav aria-label={t("app.menu")}>
          {items.map((item) => (
            <Link key={item.to} href={item.to} aria-current={path === item.to ? "page" : undefined}>
              {item.label}
              {item.to === "/health" && level !== "ok" ? <i className={`dot dot-${level}`} title={t(`health.levels.${level}`)} /> : null}
            </Link>
          ))}
        </nav>
        <span className="bar-space" />
        <Clock />
        <button type="button" className="bar-button" onClick={() => switchLanguage(i18n.language === "en" ? "zh-CN" : "en")}>
          {t("app.language")}
        </button>
        <button type="button" className="bar-button" aria-label={t("app.shortcuts")} title={t("app.shortcuts")} onClick={() => setSheet(true)}>
          ?
        </button>
        <Dropdown trigger={["click"]} menu={{ items: menu, onClick: ({ key }) => choose(key) }}>
          <button type="button" className="bar-button bar-user">
            {me.user.displayName} ▾
          </button>
        </Dropdown>
      </header>
      {connected ? null : (
        <div className="line-note line-bad" role="alert">
          {t("app.offline")}
        </div>
      )}
      {me.demo ? <div className="line-note line-demo">{t("app.demoNote")}</div> : null}
      <main id="page" className="page" tabIndex={-1}>
        {children}
      </main>
      <ShortcutSheet open={sheet} onClose={() => setSheet(false)} />
    </div>
  );
}
