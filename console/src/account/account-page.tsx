import { App, Button, Form, Input, QRCode, Table } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SignInSession, TotpSecret } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { useMe, useSession } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { useLoad } from "../app/use-load.ts";
import { errorText, roleText } from "../i18n/words.ts";
import { PASSWORD_LENGTH_MIN } from "../sign-in/setup-page.tsx";
import { dateClockText } from "../time/zone-time.ts";

export function AccountPage() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <div className="office narrow">
      <div className="office-head">
        <h1>{t("account.title")}</h1>
      </div>
      <section className="card" style={{ marginBottom: 12 }}>
        <h2>{t("account.profile")}</h2>
        <div>
          {me.user.displayName}（{me.user.name}） {me.unitName}
        </div>
        <div className="dim">{me.user.roles.map(roleText).join("、")}</div>
      </section>
      <PasswordCard />
      <TotpCard />
      <SessionsCard />
    </div>
  );
}

/** Runs a call, showing what went wrong; true when it went well. */
function useTry(): {
  busy: boolean;
  failure: string | undefined;
  attempt: (work: () => Promise<void>) => Promise<void>;
} {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const attempt = useCallback(async (work: () => Promise<void>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(errorText(error));
    }
    setBusy(false);
  }, []);
  return { busy, failure, attempt };
}

function PasswordCard() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { enter } = useSession();
  const { busy, failure, attempt } = useTry();
  const [form] = Form.useForm<{ current: string; next: string }>();
  const needed = [{ required: true, message: t("signIn.fieldNeeded") }];
  return (
    <section className="card" style={{ marginBottom: 12 }}>
      <h2>{t("account.password")}</h2>
      {failure === undefined ? null : (
        <div className="bad-line" role="alert">
          {failure}
        </div>
      )}
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        style={{ maxWidth: 360 }}
        onFinish={({ current, next }) =>
          void attempt(async () => {
            enter(await calls.changePassword(current, next));
            form.resetFields();
            void message.success(t("account.changed"));
          })
        }
      >
        <Form.Item name="current" label={t("account.current")} rules={needed}>
          <Input.Password autoComplete="current-password" maxLength={128} />
        </Form.Item>
        <Form.Item
          name="next"
          label={t("account.next")}
          extra={t("setup.passwordHint")}
          rules={[...needed, { min: PASSWORD_LENGTH_MIN, message: t("setup.passwordHint") }]}
        >
          <Input.Password autoComplete="new-password" maxLength={128} />
        </Form.Item>
        <Form.Item
          name="again"
          label={t("account.again")}
          dependencies={["next"]}
          rules={[
            ...needed,
            ({ getFieldValue }) => ({
              validator: (_rule: unknown, value: unknown) =>
                value === undefined || value === getFieldValue("next") ? Promise.resolve() : Promise.reject(new Error(t("setup.passwordDiffers"))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={128} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("account.change")}
        </Button>
      </Form>
    </section>
  );
}

function TotpCard() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const me = useMe();
  const { enter } = useSession();
  const { busy, failure, attempt } = useTry();
  const [secret, setSecret] = useState<TotpSecret>();
  const [asking, setAsking] = useState(false);
  const withPassword = (password: string) =>
    attempt(async () => {
      if (me.user.totp) {
        enter(await calls.disableTotp(password));
        void message.success(t("account.totpOffDone"));
      } else setSecret(await calls.beginTotp(password));
      setAsking(false);
    });
  const confirm = (code: string) =>
    attempt(async () => {
      enter(await calls.confirmTotp(code.replace(/\s/g, "")));
      setSecret(undefined);
      void message.success(t("account.totpOn"));
    });
  const needed = [{ required: true, message: t("signIn.fieldNeeded") }];
  return (
    <section className="card" style={{ marginBottom: 12 }}>
      <h2>
        <i className={`dot dot-${me.user.totp ? "ok" : "disabled"}`} />
        {t("account.totp")}：{t(me.user.totp ? "users.on" : "users.off")}
      </h2>
      <p className="dim">{t("account.totpWhy")}</p>
      {failure === undefined ? null : (
        <div className="bad-line" role="alert">
          {failure}
        </div>
      )}
      {secret === undefined ? (
        asking ? (
          <Form layout="inline" requiredMark={false} onFinish={({ password }: { password: string }) => void withPassword(password)}>
            <Form.Item name="password" label={t("account.totpPassword")} rules={needed}>
              <Input.Password autoFocus autoComplete="current-password" maxLength={128} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy}>
              {t("app.confirm")}
            </Button>
            <Button type="link" onClick={() => setAsking(false)}>
              {t("app.cancel")}
            </Button>
          </Form>
        ) : (
          <Button danger={me.user.totp} onClick={() => setAsking(true)}>
            {t(me.user.totp ? "account.totpOff" : "account.totpStart")}
          </Button>
        )
      ) : (
        <>
          <p>{t("account.totpScan")}</p>
          <QRCode value={secret.uri} size={200} />
          <p className="dim">
            {t("account.totpManual")} <code>{new URLSearchParams(secret.uri.split("?")[1]).get("secret")}</code>
          </p>
          {secret.backupCodes.length === 0 ? null : (
            <>
              <p>{t("account.totpBackup")}</p>
              <div className="backup-codes">
                {secret.backupCodes.map((code) => (
                  <div key={code}>{code}</div>
                ))}
              </div>
            </>
          )}
          <Form layout="inline" requiredMark={false} style={{ marginTop: 14 }} onFinish={({ code }: { code: string }) => void confirm(code)}>
            <Form.Item name="code" label={t("signIn.code")} rules={needed}>
              <Input autoComplete="one-time-code" inputMode="numeric" maxLength={10} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy}>
              {t("account.totpConfirm")}
            </Button>
            <Button type="link" onClick={() => setSecret(undefined)}>
              {t("app.cancel")}
            </Button>
          </Form>
        </>
      )}
    </section>
  );
}

function SessionsCard() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { zone } = useStation();
  const { value, error, reload } = useLoad(useCallback((signal: AbortSignal) => calls.sessions(signal), []));
  const revoke = async (session: SignInSession): Promise<void> => {
    try {
      await calls.revokeSession(session.id);
      void message.success(t("account.revoked"));
    } catch (failure) {
      void message.error(errorText(failure), 6);
    }
    reload();
  };
  const when = (instant: string): string => dateClockText(Date.parse(instant), zone);
  return (
    <section className="card">
      <h2>{t("account.sessions")}</h2>
      {error === undefined ? null : (
        <div className="bad-line" role="alert">
          {errorText(error)}
        </div>
      )}
      <Table<SignInSession>
        size="small"
        rowKey="id"
        dataSource={value ?? []}
        pagination={false}
        scroll={{ x: 620 }}
        columns={[
          { title: t("account.started"), width: 160, render: (_, one) => when(one.createdAt) },
          { title: t("account.address"), width: 120, render: (_, one) => one.address ?? "-" },
          { title: t("account.agent"), ellipsis: true, render: (_, one) => one.agent ?? "-" },
          { title: t("account.expires"), width: 160, render: (_, one) => when(one.expiresAt) },
          {
            title: "",
            width: 90,
            render: (_, one) =>
              one.current ? (
                <span className="dim">{t("account.thisOne")}</span>
              ) : (
                <Button size="small" danger onClick={() => void revoke(one)}>
                  {t("account.revoke")}
                </Button>
              ),
          },
        ]}
      />
    </section>
  );
}
