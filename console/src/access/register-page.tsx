import { Button, DatePicker, Input, Select, Table } from "antd";
import type { TableColumnsType } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RegisterEntry, User } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { bytesText } from "../app/format.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { basisText, endCauseText, errorText } from "../i18n/words.ts";
import { clockText, dateClockText, dateText, fromCivil } from "../time/zone-time.ts";

type Entry = RegisterEntry;
const PAGE_ENTRIES = 100;

interface Filter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly camera?: string | undefined;
  readonly user?: string | undefined;
}

interface PickedTime {
  year(): number;
  month(): number;
  date(): number;
  hour(): number;
  minute(): number;
  second(): number;
}

/** A picker shows civil time; it is read as the station's, whatever this computer's zone is. */
function pickedInstant(picked: PickedTime | null | undefined, zone: string): string | undefined {
  if (picked == null) return undefined;
  const time = {
    year: picked.year(),
    month: picked.month() + 1,
    day: picked.date(),
    hour: picked.hour(),
    minute: picked.minute(),
    second: picked.second(),
  };
  return new Date(fromCivil(time, zone)).toISOString();
}

/** Pages of the register under one filter, newest first. */
function useEntries(filter: Filter): {
  entries: readonly Entry[];
  more: boolean;
  loading: boolean;
  error: unknown;
  loadMore: () => void;
} {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>();
  const load = useCallback(
    async (before: string | undefined, signal?: AbortSignal) => {
      setLoading(true);
      try {
        const page = await calls.register({ ...filter, limit: PAGE_ENTRIES, before }, signal);
        setEntries((old) => (before === undefined ? page.entries : [...old, ...page.entries]));
        setNext(page.next);
        setError(undefined);
      } catch (failure) {
        if (signal?.aborted !== true) setError(failure);
      }
      if (signal?.aborted !== true) setLoading(false);
    },
    [filter],
  );
  useEffect(() => {
    const abort = new AbortController();
    void load(undefined, abort.signal);
    return () => abort.abort();
  }, [load]);
  return { entries, more: next !== null, loading, error, loadMore: () => void load(next ?? undefined) };
}

/** Users for the filter; people who may not list them type nothing here. */
function useUsers(may: boolean): readonly User[] {
  const [users, setUsers] = useState<readonly User[]>([]);
  useEffect(() => {
    if (may) calls.users().then(setUsers, () => undefined);
  }, [may]);
  return users;
}

export function RegisterPage() {
  const { t } = useTranslation();
  const me = useMe();
  const { cameras, zone } = useStation();
  const [filter, setFilter] = useState<Filter>({});
  const [purpose, setPurpose] = useState("");
  const mayList = me.user.roles.includes("administrator") || me.user.roles.includes("auditor");
  const users = useUsers(mayList);
  const { entries, more, loading, error, loadMore } = useEntries(filter);
  const needle = purpose.trim();
  const rows = needle === "" ? entries : entries.filter((entry) => entry.purpose.includes(needle) || entry.address.includes(needle));
  return (
    <div className="office">
      <div className="print-only">
        <h1>{t("register.printTitle")}</h1>
        <p>{t("register.printed", { user: me.user.displayName, time: dateClockText(Date.now(), zone) })}</p>
      </div>
      <div className="office-head no-print">
        <h1>{t("register.title")}</h1>
        <DatePicker.RangePicker
          showTime
          allowEmpty={[true, true]}
          aria-label={t("register.filterTime")}
          onChange={(picked) =>
            setFilter((old) => ({
              ...old,
              from: pickedInstant(picked?.[0], zone),
              to: pickedInstant(picked?.[1], zone),
            }))
          }
        />
        <Select
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          style={{ width: 190 }}
          placeholder={t("register.camera")}
          aria-label={t("register.camera")}
          options={(cameras ?? []).map((camera) => ({ value: camera.id, label: camera.name }))}
          onChange={(camera?: string) => setFilter((old) => ({ ...old, camera }))}
        />
        {mayList ? (
          <Select
            allowClear
            showSearch={{ optionFilterProp: "label" }}
            style={{ width: 150 }}
            placeholder={t("register.user")}
            aria-label={t("register.user")}
            options={users.map((user) => ({ value: user.id, label: user.displayName }))}
            onChange={(user?: string) => setFilter((old) => ({ ...old, user }))}
          />
        ) : null}
        <Input
          allowClear
          style={{ width: 150 }}
          placeholder={t("register.purpose")}
          aria-label={t("register.purpose")}
          value={purpose}
          onChange={(event) => setPurpose(event.target.value)}
        />
        <span className="gap" />
        <Button onClick={() => print()}>{t("app.print")}</Button>
        <Button onClick={() => setFilter((old) => ({ ...old }))}>{t("app.refresh")}</Button>
      </div>
      <p className="office-intro no-print">{t("register.intro")}</p>
      {error === undefined ? null : (
        <div className="bad-line" role="alert">
          {errorText(error)}
        </div>
      )}
      <Table<Entry>
        size="small"
        rowKey="id"
        loading={loading}
        columns={columnsOf(t, zone)}
        dataSource={rows as Entry[]}
        pagination={false}
        scroll={{ x: 1300 }}
        locale={{ emptyText: t("register.emptyText") }}
      />
      <p className="dim">
        {t("register.count", { count: rows.length })}{" "}
        {more ? (
          <Button className="no-print" size="small" loading={loading} onClick={loadMore}>
            {t("app.more")}
          </Button>
        ) : null}
      </p>
    </div>
  );
}

function columnsOf(t: ReturnType<typeof useTranslation>["t"], zone: string): TableColumnsType<Entry> {
  const span = (entry: Entry): string => {
    if (entry.servedFrom === null || entry.servedTo === null) return "-";
    const from = Date.parse(entry.servedFrom);
    // The day is only worth its room when footage of another day was seen.
    const day = dateText(from, zone) === dateText(Date.parse(entry.startedAt), zone) ? "" : `${dateText(from, zone)} `;
    return `${day}${clockText(from, zone)} – ${clockText(Date.parse(entry.servedTo), zone)}`;
  };
  return [
    {
      title: t("register.started"),
      width: 160,
      render: (_, entry) => dateClockText(Date.parse(entry.startedAt), zone),
    },
    {
      title: t("register.ended"),
      width: 90,
      render: (_, entry) => (entry.endedAt === null ? <b>{t("register.running")}</b> : clockText(Date.parse(entry.endedAt), zone)),
    },
    { title: t("register.user"), width: 110, dataIndex: "userName" },
    { title: t("register.camera"), width: 150, dataIndex: "cameraName" },
    { title: t("register.action"), width: 70, render: (_, entry) => t(`register.actions.${entry.action}`) },
    { title: t("register.purpose"), width: 190, dataIndex: "purpose" },
    { title: t("register.basis"), width: 130, render: (_, entry) => basisText(entry.basis) },
    { title: t("register.span"), width: 180, render: (_, entry) => span(entry) },
    { title: t("register.bytes"), width: 80, align: "right", render: (_, entry) => bytesText(entry.bytes) },
    { title: t("register.address"), width: 120, dataIndex: "address" },
    {
      title: t("register.cause"),
      width: 110,
      render: (_, entry) => (entry.endCause === null ? "" : endCauseText(entry.endCause)),
    },
  ];
}
