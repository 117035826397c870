import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useSearch } from "wouter";
import * as calls from "../api/calls.ts";
import { useSession } from "../app/session.tsx";
import { errorText } from "../i18n/words.ts";
import { FrontDoor } from "./front-door.tsx";

interface Typed {
  readonly unitName?: string;
  readonly name: string;
  readonly displayName: string;
  readonly password: string;
}

export const PASSWORD_LENGTH_MIN = 10;

/** The first administrator, made with the one-time link. */
export function SetupPage() {
  const { t } = useTranslation();
  const { enter } = useSession();
  const [, navigate] = useLocation();
  const token = new URLSearchParams(useSearch()).get("token") ?? "";
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [done, setDone] = useState(false);
  const [demo, setDemo] = useState(false);
  useEffect(() => {
    calls.setupState().then(
      (state) => {
        setDone(!state.needed);
        setDemo(state.demo);
      },
      () => undefined,
    );
  }, []);

  const submit = async ({ unitName, name, displayName, password }: Typed): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const unit = unitName?.trim() ?? "";
      enter(await calls.setUp({ token, name, displayName, password, ...(unit === "" ? {} : { unitName: unit }) }));
      navigate("/", { replace: true });
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };

  const needed = [{ required: true, message: t("signIn.fieldNeeded") }];
  if (done) {
    return (
      <FrontDoor title={t("setup.title")}>
        <p>{t("setup.done")}</p>
        <Button block type="primary" onClick={() => navigate("/")}>
          {t("setup.toSignIn")}
        </Button>
      </FrontDoor>
    );
  }
  return (
    <FrontDoor title={t("setup.title")}>
      <p>{t("setup.intro")}</p>
      {token === "" ? (
        <p className="door-bad" role="alert">
          {t("setup.noToken")}
        </p>
      ) : null}
      {failure === undefined ? null : (
        <p className="door-bad" role="alert">
          {failure}
        </p>
      )}
      <Form<Typed> layout="vertical" requiredMark={false} onFinish={(typed) => void submit(typed)} disabled={busy || token === ""}>
        {demo ? null : (
          <Form.Item name="unitName" label={t("setup.unit")} extra={t("setup.unitHint")}>
            <Input maxLength={128} autoComplete="organization" />
          </Form.Item>
        )}
        <Form.Item
          name="name"
          label={t("setup.name")}
          extra={t("setup.nameHint")}
          rules={[...needed, { pattern: /^[\p{L}\p{N}._-]{2,64}$/u, message: t("setup.nameHint") }]}
        >
          <Input autoFocus maxLength={64} autoComplete="username" />
        </Form.Item>
        <Form.Item name="displayName" label={t("setup.displayName")} rules={needed}>
          <Input maxLength={64} autoComplete="name" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("setup.password")}
          extra={t("setup.passwordHint")}
          rules={[...needed, { min: PASSWORD_LENGTH_MIN, message: t("setup.passwordHint") }]}
        >
          <Input.Password maxLength={128} autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t("setup.passwordAgain")}
          dependencies={["password"]}
          rules={[
            ...needed,
            ({ getFieldValue }) => ({
              validator: (_rule: unknown, value: unknown) =>
                value === undefined || value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(t("setup.passwordDiffers"))),
            }),
          ]}
        >
          <Input.Password maxLength={128} autoComplete="new-password" />
        </Form.Item>
        <Button block type="primary" htmlType="submit" loading={busy}>
          {t("setup.submit")}
        </Button>
      </Form>
    </FrontDoor>
  );
}
