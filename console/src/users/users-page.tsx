import { App, Button, Form, Input, Modal, Select, Table } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { User } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { useLoad } from "../app/use-load.ts";
import { errorText, roleText } from "../i18n/words.ts";
import { dateClockText } from "../time/zone-time.ts";
import { PASSWORD_LENGTH_MIN } from "../sign-in/setup-page.tsx";

type Role = User["roles"][number];
const ROLE_NAMES: readonly Role[] = ["administrator", "security-chief", "duty", "auditor"];

export function UsersPage() {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const me = useMe();
  const { units, zone } = useStation();
  const { value, error, loading, reload } = useLoad(useCallback((signal: AbortSignal) => calls.users(signal), []));
  const [edited, setEdited] = useState<User | "new">();
  const change = async (user: User, body: Parameters<typeof calls.changeUser>[1]): Promise<void> => {
    try {
      await calls.changeUser(user.id, body);
      void message.success(t("app.saved"));
    } catch (failure) {
      void message.error(errorText(failure), 6);
    }
    reload();
  };
  const disable = (user: User): void => {
    modal.confirm({
      title: t("users.disableTitle", { name: user.displayName }),
      content: t("users.disableText"),
      okText: t("users.disable"),
      okButtonProps: { danger: true },
      cancelText: t("app.cancel"),
      onOk: () => change(user, { disabled: true }),
    });
  };
  const isLocked = (user: User): boolean => user.lockedUntil !== null && Date.parse(user.lockedUntil) > Date.now();
  return (
    <div className="office">
      <div className="office-head">
        <h1>{t("users.title")}</h1>
        <span className="gap" />
        <Button type="primary" onClick={() => setEdited("new")}>
          {t("users.add")}
        </Button>
      </div>
      <p className="office-intro">{t("users.emptyText")}</p>
      {error === undefined ? null : (
        <div className="bad-line" role="alert">
          {errorText(error)}
        </div>
      )}
      <Table<User>
        size="small"
        rowKey="id"
        loading={loading && value === undefined}
        dataSource={value ?? []}
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        columns={[
          {
            title: t("users.name"),
            render: (_, user) => (
              <>
                {user.name}
                {user.id === me.user.id ? <span className="dim">（{t("users.yourself")}）</span> : null}
              </>
            ),
          },
          { title: t("users.displayName"), dataIndex: "displayName" },
          {
            title: t("users.unit"),
            render: (_, user) =>
              user.unit === null ? <span className="dim">{t("users.noUnit")}</span> : (units.find((unit) => unit.id === user.unit)?.name ?? user.unit),
          },
          {
            title: t("users.roles"),
            render: (_, user) => (user.roles.length === 0 ? <span className="dim">{t("users.noRoles")}</span> : user.roles.map(roleText).join("、")),
          },
          { title: t("users.totp"), render: (_, user) => t(user.totp ? "users.on" : "users.off") },
          {
            title: t("users.state"),
            render: (_, user) =>
              user.disabled
                ? t("users.disabled")
                : isLocked(user)
                  ? t("users.locked", { time: dateClockText(Date.parse(user.lockedUntil ?? ""), zone) })
                  : t("users.active"),
          },
          {
            title: t("app.actions"),
            width: 210,
            render: (_, user) => (
              <>
                <Button size="small" type="link" onClick={() => setEdited(user)}>
                  {t("users.edit")}
                </Button>
                {isLocked(user) ? (
                  <Button size="small" type="link" onClick={() => void change(user, { unlock: true })}>
                    {t("users.unlock")}
                  </Button>
                ) : null}
                {user.disabled ? (
                  <Button size="small" type="link" onClick={() => void change(user, { disabled: false })}>
                    {t("users.enable")}
                  </Button>
                ) : user.id === me.user.id ? null : (
                  <Button size="small" type="link" danger onClick={() => disable(user)}>
                    {t("users.disable")}
                  </Button>
                )}
              </>
            ),
          },
        ]}
      />
      {edited === undefined ? null : (
        <UserForm
          user={edited === "new" ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onDone={() => {
            setEdited(undefined);
            reload();
          }}
        />
      )}
    </div>
  );
}

interface Typed {
  readonly name: string;
  readonly displayName: string;
  readonly password?: string;
  readonly unit?: string | null;
  readonly roles: Role[];
}

function UserForm({ user, onClose, onDone }: { readonly user: User | undefined; readonly onClose: () => void; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { units } = useStation();
  const me = useMe();
  const [form] = Form.useForm<Typed>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const needed = [{ required: true, whitespace: true, message: t("signIn.fieldNeeded") }];
  const save = async ({ name, displayName, password, unit, roles }: Typed): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      if (user === undefined)
        await calls.createUser({
          name: name.trim(),
          displayName: displayName.trim(),
          password: password ?? "",
          unit: unit ?? null,
          roles,
        });
      else {
        const sameRoles = roles.length === user.roles.length && roles.every((role) => user.roles.includes(role));
        await calls.changeUser(user.id, {
          displayName: displayName.trim(),
          ...((unit ?? null) === user.unit ? {} : { unit: unit ?? null }),
          ...(sameRoles ? {} : { roles }),
          ...(password === undefined || password === "" ? {} : { password }),
        });
      }
      void message.success(t(user === undefined ? "users.created" : "app.saved"));
      onDone();
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };
  const initial =
    user === undefined
      ? { unit: me.user.unit ?? units[0]?.id, roles: ["duty"] }
      : { name: user.name, displayName: user.displayName, unit: user.unit ?? undefined, roles: user.roles };
  return (
    <Modal
      open
      title={t(user === undefined ? "users.add" : "users.edit")}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t("app.save")}
      cancelText={t("app.cancel")}
      confirmLoading={busy}
    >
      {failure === undefined ? null : (
        <div className="bad-line" role="alert">
          {failure}
        </div>
      )}
      <Form<Typed> form={form} layout="vertical" requiredMark={false} initialValues={initial} onFinish={(typed) => void save(typed)}>
        <Form.Item
          name="name"
          label={t("users.name")}
          extra={user === undefined ? t("setup.nameHint") : undefined}
          rules={[...needed, { pattern: /^[\p{L}\p{N}._-]{2,64}$/u, message: t("setup.nameHint") }]}
        >
          <Input disabled={user !== undefined} maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item name="displayName" label={t("users.displayName")} rules={needed}>
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item name="unit" label={t("users.unit")}>
          <Select allowClear placeholder={t("users.noUnit")} options={units.map((unit) => ({ value: unit.id, label: unit.name }))} />
        </Form.Item>
        <Form.Item name="roles" label={t("users.roles")}>
          <Select mode="multiple" options={ROLE_NAMES.map((role) => ({ value: role, label: `${roleText(role)}：${t(`roleHints.${role}`)}` }))} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t(user === undefined ? "users.password" : "users.newPassword")}
          extra={t("users.passwordHint")}
          rules={[...(user === undefined ? needed : []), { min: PASSWORD_LENGTH_MIN, message: t("setup.passwordHint") }]}
        >
          <Input.Password maxLength={128} autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
