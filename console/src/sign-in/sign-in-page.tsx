import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as calls from "../api/calls.ts";
import { ApiError } from "../api/client.ts";
import { useSession } from "../app/session.tsx";
import { lengthText } from "../app/format.ts";
import { errorText } from "../i18n/words.ts";
import { useNow } from "../ui/use-now.ts";
import { FrontDoor } from "./front-door.tsx";

interface Typed {
  readonly name: string;
  readonly password: string;
}

/** When a lock-out ends, UTC milliseconds, from the refusal's facts. */
function lockedUntil(error: ApiError): number | undefined {
  const { retryAfterMs, retryAfterSeconds } = error.details;
  if (typeof retryAfterMs === "number") return Date.now() + retryAfterMs;
  if (typeof retryAfterSeconds === "number") return Date.now() + retryAfterSeconds * 1000;
  return undefined;
}

export function SignInPage() {
  const { t } = useTranslation();
  const { enter } = useSession();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [locked, setLocked] = useState<number>();
  const [needsCode, setNeedsCode] = useState<Typed>();
  const [needsSetup, setNeedsSetup] = useState(false);
  useEffect(() => {
    calls.setupState().then(
      (state) => setNeedsSetup(state.needed),
      () => undefined,
    );
  }, []);

  const submit = async (typed: Typed, code?: string): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const answer = await calls.signIn(code === undefined ? typed : { ...typed, code: code.replace(/\s/g, "") });
      if ("secondFactorNeeded" in answer) setNeedsCode(typed);
      else enter(answer);
    } catch (error) {
      const until = error instanceof ApiError && error.code === "locked-out" ? lockedUntil(error) : undefined;
      setLocked(until);
      if (until === undefined) setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <FrontDoor title={t("signIn.title")}>
      {needsSetup ? (
        <p className="door-note" role="status">
          {t("signIn.needSetup")}
        </p>
      ) : null}
      {locked === undefined ? null : <LockedNote until={locked} onOver={() => setLocked(undefined)} />}
      {failure === undefined ? null : (
        <p className="door-bad" role="alert">
          {failure}
        </p>
      )}
      {needsCode === undefined ? (
        <Form<Typed> layout="vertical" requiredMark={false} onFinish={(typed) => void submit(typed)} disabled={busy}>
          <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true, message: t("signIn.fieldNeeded") }]}>
            <Input autoFocus autoComplete="username" maxLength={64} />
          </Form.Item>
          <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("signIn.fieldNeeded") }]}>
            <Input.Password autoComplete="current-password" maxLength={128} />
          </Form.Item>
          <Button block type="primary" htmlType="submit" loading={busy} disabled={locked !== undefined}>
            {t("signIn.submit")}
          </Button>
        </Form>
      ) : (
        <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={({ code }) => void submit(needsCode, code)} disabled={busy}>
          <Form.Item name="code" label={t("signIn.code")} extra={t("signIn.codeHint")} rules={[{ required: true, message: t("signIn.fieldNeeded") }]}>
            <Input autoFocus autoComplete="one-time-code" inputMode="text" maxLength={20} />
          </Form.Item>
          <Button block type="primary" htmlType="submit" loading={busy}>
            {t("signIn.codeSubmit")}
          </Button>
          <Button block type="link" onClick={() => setNeedsCode(undefined)}>
            {t("signIn.back")}
          </Button>
        </Form>
      )}
      <p className="door-law">{t("signIn.law")}</p>
    </FrontDoor>
  );
}

function LockedNote({ until, onOver }: { readonly until: number; readonly onOver: () => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const over = now >= until;
  useEffect(() => {
    if (over) onOver();
  }, [over, onOver]);
  const time = new Date(until).toLocaleTimeString("zh-CN", { hour12: false });
  return (
    <p className="door-bad" role="alert">
      {t("signIn.locked", { time, left: lengthText(until - now) })}
    </p>
  );
}
