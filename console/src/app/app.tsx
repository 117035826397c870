import { App as AntApp, ConfigProvider, theme } from "antd";
import enUS from "antd/es/locale/en_US.js";
import zhCN from "antd/es/locale/zh_CN.js";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { Component, Suspense, lazy, useEffect, useMemo } from "react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { SignInPage } from "../sign-in/sign-in-page.tsx";
import { SetupPage } from "../sign-in/setup-page.tsx";
import { EmptyNote } from "../ui/empty-note.tsx";
import { rightsOf } from "./rights.ts";
import { SessionProvider, useMe, useSession } from "./session.tsx";
import { Shell } from "./shell.tsx";
import { StationProvider } from "./station.tsx";

const WallPage = lazy(() => import("../wall/wall-page.tsx").then((module) => ({ default: module.WallPage })));
const PlaybackPage = lazy(() => import("../playback/playback-page.tsx").then((module) => ({ default: module.PlaybackPage })));
const CamerasPage = lazy(() => import("../cameras/cameras-page.tsx").then((module) => ({ default: module.CamerasPage })));
const RegisterPage = lazy(() => import("../access/register-page.tsx").then((module) => ({ default: module.RegisterPage })));
const GrantsPage = lazy(() => import("../access/grants-page.tsx").then((module) => ({ default: module.GrantsPage })));
const HealthPage = lazy(() => import("../health/health-page.tsx").then((module) => ({ default: module.HealthPage })));
const UsersPage = lazy(() => import("../users/users-page.tsx").then((module) => ({ default: module.UsersPage })));
const AccountPage = lazy(() => import("../account/account-page.tsx").then((module) => ({ default: module.AccountPage })));

export type Look = "dark" | "light";

/** The control room's pages are dark, the office's light. */
export function lookOf(path: string): Look {
  return path === "/" || path.startsWith("/playback") || path.startsWith("/sign-in") || path.startsWith("/setup") ? "dark" : "light";
}

const FONT = 'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

function tokens(look: Look) {
  const shared = { fontFamily: FONT, borderRadius: 4, motionDurationMid: "0.12s", motionDurationSlow: "0.18s" };
  return look === "dark"
    ? {
        ...shared,
        colorPrimary: "#3d9db3",
        colorBgBase: "#10161d",
        colorBgContainer: "#141c24",
        colorBgElevated: "#18212b",
        colorBorder: "#43525f",
        colorBorderSecondary: "#2b3743",
        colorTextPlaceholder: "#8493a1",
        colorTextBase: "#dbe3ea",
        colorError: "#e5604d",
        colorWarning: "#e0a83c",
        colorSuccess: "#46b07b",
        colorLink: "#63bccf",
      }
    : {
        ...shared,
        colorPrimary: "#0f7289",
        colorTextPlaceholder: "#72808c",
        colorTextBase: "#1b2530",
        colorError: "#c23b28",
        colorWarning: "#a66a00",
        colorSuccess: "#1f7a4d",
        colorLink: "#0f7289",
      };
}

export function App() {
  const { i18n } = useTranslation();
  const [path] = useLocation();
  const look = lookOf(path);
  const chinese = i18n.language !== "en";
  useEffect(() => {
    document.documentElement.dataset["look"] = look;
  }, [look]);
  useEffect(() => {
    dayjs.locale(chinese ? "zh-cn" : "en");
  }, [chinese]);
  const configuration = useMemo(
    () => ({
      algorithm: look === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
      token: { ...tokens(look), fontSize: 14, controlHeight: 32, controlHeightSM: 28 },
      components: {
        Form: { itemMarginBottom: 14, verticalLabelPadding: "0 0 4px" },
        Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 8 },
      },
    }),
    [look],
  );
  return (
    <ConfigProvider locale={chinese ? zhCN : enUS} theme={configuration} button={{ autoInsertSpace: false }}>
      <AntApp component={false} message={{ top: 56, maxCount: 3 }}>
        <PageFailure>
          <SessionProvider>
            <Pages />
          </SessionProvider>
        </PageFailure>
      </AntApp>
    </ConfigProvider>
  );
}

function Pages() {
  const { state } = useSession();
  const { t } = useTranslation();
  const [path] = useLocation();
  if (path === "/setup") return <SetupPage />;
  if (state.kind === "unknown")
    return (
      <div className="page-wait" role="status">
        {t("app.loading")}
      </div>
    );
  if (state.kind === "unreachable")
    return (
      <div className="page-wait" role="alert">
        {t("faults.network")}
      </div>
    );
  if (state.kind === "signed-out") return <SignInPage />;
  return (
    <StationProvider>
      <Shell>
        <Suspense
          fallback={
            <div className="page-wait" role="status">
              {t("app.loading")}
            </div>
          }
        >
          <SignedInPages />
        </Suspense>
      </Shell>
    </StationProvider>
  );
}

function SignedInPages() {
  const rights = rightsOf(useMe().user.roles);
  const { t } = useTranslation();
  const guarded = (may: boolean, page: ReactNode): ReactNode => (may ? page : <EmptyNote title={t("app.notYours")} />);
  return (
    <Switch>
      <Route path="/">{guarded(rights.live || rights.manageCameras, <WallPage />)}</Route>
      <Route path="/playback">{guarded(rights.playback, <PlaybackPage />)}</Route>
      <Route path="/cameras">
        <CamerasPage />
      </Route>
      <Route path="/register">{guarded(rights.register, <RegisterPage />)}</Route>
      <Route path="/grants">
        <GrantsPage />
      </Route>
      <Route path="/health">
        <HealthPage />
      </Route>
      <Route path="/users">{guarded(rights.users, <UsersPage />)}</Route>
      <Route path="/account">
        <AccountPage />
      </Route>
      <Route path="/sign-in">
        <Redirect to="/" />
      </Route>
      <Route>
        <EmptyNote title={t("app.notFound")} />
      </Route>
    </Switch>
  );
}

/** A mistake on one page shows a plain word instead of a blank screen. */
class PageFailure extends Component<{ readonly children: ReactNode }, { readonly failed: string | undefined }> {
  override state: { readonly failed: string | undefined } = { failed: undefined };

  static getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: String(error) };
  }

  override render(): ReactNode {
    return this.state.failed === undefined ? this.props.children : <FailureNote text={this.state.failed} />;
  }
}

function FailureNote({ text }: { readonly text: string }) {
  const { t } = useTranslation();
  return (
    <div className="page-wait" role="alert">
      <p>{t("app.pageFailed")}</p>
      <code>{text}</code>
    </div>
  );
}
