import { App, Button, Checkbox, Table } from "antd";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Grant } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { useLoad } from "../app/use-load.ts";
import { basisText, errorText } from "../i18n/words.ts";
import { clockText, dateClockText } from "../time/zone-time.ts";
import { useNow } from "../ui/use-now.ts";

const RENEW_MS = 10_000;
const NAMES_SHOWN_MAX = 3;

export function GrantsPage() {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  const me = useMe();
  const { cameras, zone } = useStation();
  const [activeOnly, setActiveOnly] = useState(true);
  const now = useNow();
  const { value, error, loading, reload } = useLoad(
    useCallback((signal: AbortSignal) => calls.grants(activeOnly, signal), [activeOnly]),
    RENEW_MS,
  );
  const names = new Map((cameras ?? []).map((camera) => [camera.id, camera.name]));
  const mayRevokeAll = me.user.roles.includes("administrator") || me.user.roles.includes("security-chief");
  const isActive = (grant: Grant): boolean => grant.revokedAt === null && Date.parse(grant.expiresAt) > now;
  const revoke = (grant: Grant): void => {
    modal.confirm({
      title: t("grants.revokeTitle"),
      content: t("grants.revokeText", { user: grant.userName }),
      okText: t("grants.revoke"),
      okButtonProps: { danger: true },
      cancelText: t("app.cancel"),
      onOk: async () => {
        try {
          await calls.revokeGrant(grant.id);
          void message.success(t("grants.revoked"));
        } catch (failure) {
          void message.error(errorText(failure), 6);
        }
        reload();
      },
    });
  };
  const cameraNames = (grant: Grant): string => {
    const shown = grant.cameras
      .slice(0, NAMES_SHOWN_MAX)
      .map((id) => names.get(id) ?? id)
      .join("、");
    return grant.cameras.length > NAMES_SHOWN_MAX ? `${shown}… ${t("grants.count", { count: grant.cameras.length })}` : shown;
  };
  const scope = (grant: Grant): string =>
    grant.from === null || grant.to === null
      ? t("grants.live")
      : `${dateClockText(Date.parse(grant.from), zone)} – ${dateClockText(Date.parse(grant.to), zone)}`;
  return (
    <div className="office">
      <div className="office-head">
        <h1>{t("grants.title")}</h1>
        <Checkbox checked={activeOnly} onChange={(event) => setActiveOnly(event.target.checked)}>
          {t("grants.runningOnly")}
        </Checkbox>
        <span className="gap" />
        <Button onClick={reload}>{t("app.refresh")}</Button>
      </div>
      <p className="office-intro">{t("grants.intro")}</p>
      {error === undefined ? null : (
        <div className="bad-line" role="alert">
          {errorText(error)}
        </div>
      )}
      <Table<Grant>
        size="small"
        rowKey="id"
        loading={loading && value === undefined}
        dataSource={value ?? []}
        scroll={{ x: 1000 }}
        pagination={{ pageSize: 50, showSizeChanger: false, hideOnSinglePage: true }}
        locale={{ emptyText: t("grants.emptyText") }}
        columns={[
          { title: t("grants.user"), width: 120, dataIndex: "userName" },
          { title: t("grants.scope"), width: 220, render: (_, grant) => scope(grant) },
          {
            title: t("grants.cameras"),
            render: (_, grant) => <span title={grant.cameras.map((id) => names.get(id) ?? id).join("、")}>{cameraNames(grant)}</span>,
          },
          { title: t("grants.purpose"), dataIndex: "purpose" },
          { title: t("grants.basis"), width: 140, render: (_, grant) => basisText(grant.basis) },
          {
            title: t("grants.issued"),
            width: 160,
            render: (_, grant) => dateClockText(Date.parse(grant.issuedAt), zone),
          },
          { title: t("grants.expires"), width: 90, render: (_, grant) => clockText(Date.parse(grant.expiresAt), zone) },
          {
            title: t("grants.state"),
            width: 90,
            render: (_, grant) => t(grant.revokedAt !== null ? "grants.revokedState" : isActive(grant) ? "grants.active" : "grants.expired"),
          },
          {
            title: t("app.actions"),
            width: 90,
            fixed: "right",
            render: (_, grant) =>
              isActive(grant) && (mayRevokeAll || grant.user === me.user.id) ? (
                <Button danger size="small" onClick={() => revoke(grant)}>
                  {t("grants.revoke")}
                </Button>
              ) : null,
          },
        ]}
      />
    </div>
  );
}
