import { App, Button, Checkbox, Form, Input, Modal, Radio, Select, Steps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Camera, CameraChange, NewCamera, ProbeResult, StreamSourceInput } from "@mingjian/contract";
import * as calls from "../api/calls.ts";
import { ApiError } from "../api/client.ts";
import { useMe } from "../app/session.tsx";
import { useStation } from "../app/station.tsx";
import { errorText } from "../i18n/words.ts";
import { ProbeReport } from "./probe-report.tsx";
import { SourceFields, sourceInput } from "./source-fields.tsx";
import type { SourceTyped } from "./source-fields.tsx";

interface Typed {
  readonly main: SourceTyped;
  readonly sub?: SourceTyped;
  readonly name: string;
  readonly position?: string;
  readonly unit: string;
  readonly newUnit?: string;
  readonly retentionClass: "ordinary" | "important";
  readonly record: boolean;
  readonly allowSharedUrl?: boolean;
}

interface CameraWizardProps {
  /** The camera to change; undefined to add one. */
  readonly camera: Camera | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

interface Trial {
  readonly main: ProbeResult;
  readonly sub: ProbeResult | undefined;
}

const NEW_UNIT = "+";

function typedSource(camera: Camera | undefined, role: "main" | "sub"): SourceTyped | undefined {
  const stream = camera?.streams.find((one) => one.role === role);
  return stream === undefined ? undefined : { url: stream.url, user: stream.user ?? undefined, transport: stream.transport };
}

/** The fields of a stream that differ from what is stored; undefined when nothing does. */
function changedSource(camera: Camera, role: "main" | "sub", typed: SourceTyped): StreamSourceInput | undefined {
  const old = camera.streams.find((one) => one.role === role);
  const next = sourceInput(typed);
  const same =
    old !== undefined &&
    old.url === next.url &&
    (old.user ?? "") === (next.user ?? "") &&
    old.transport === next.transport &&
    next.password === undefined &&
    next.certificateSha256 === undefined;
  return same ? undefined : next;
}

/** Adds a camera in three steps, or changes one: address, trial, name. */
export function CameraWizard({ camera, onClose, onDone }: CameraWizardProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { units } = useStation();
  const me = useMe();
  const [form] = Form.useForm<Typed>();
  const [step, setStep] = useState(0);
  const [sub, setSub] = useState(camera?.streams.some((one) => one.role === "sub") === true);
  const [busy, setBusy] = useState(false);
  const [trial, setTrial] = useState<Trial>();
  const [failure, setFailure] = useState<string>();
  const [shared, setShared] = useState(false);
  const hasPassword = (role: "main" | "sub"): boolean => camera?.streams.find((one) => one.role === role)?.hasPassword === true;

  const sourceNames = (): (string | string[])[] => [
    ["main", "url"],
    ["main", "certificateSha256"],
    ...(sub
      ? [
          ["sub", "url"],
          ["sub", "certificateSha256"],
        ]
      : []),
  ];
  const runTrial = async (): Promise<void> => {
    await form.validateFields(sourceNames());
    setBusy(true);
    setFailure(undefined);
    setTrial(undefined);
    setStep(1);
    try {
      const typed = form.getFieldsValue(true) as Typed;
      const main = await calls.probe(sourceInput(typed.main));
      setTrial({ main, sub: undefined });
      if (sub && typed.sub !== undefined) setTrial({ main, sub: await calls.probe(sourceInput(typed.sub)) });
    } catch (error) {
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const save = async (): Promise<void> => {
    await form.validateFields();
    setBusy(true);
    setFailure(undefined);
    try {
      const typed = form.getFieldsValue(true) as Typed;
      if (camera === undefined) await create(typed, sub);
      else await change(camera, typed, sub);
      void message.success(t(camera === undefined ? "wizard.created" : "app.saved"));
      onDone();
    } catch (error) {
      if (error instanceof ApiError && error.code === "camera-url-taken") setShared(true);
      setFailure(errorText(error));
      setBusy(false);
    }
  };

  const operators = units.filter((unit) => unit.kind === "operator");
  const ownUnit = me.user.unit ?? operators[0]?.id;
  const initial = {
    main: typedSource(camera, "main") ?? { url: "" },
    sub: typedSource(camera, "sub"),
    name: camera?.name,
    position: camera?.position,
    unit: camera?.unit ?? ownUnit ?? NEW_UNIT,
    retentionClass: camera?.retentionClass ?? "ordinary",
    record: camera?.record ?? true,
  };
  const good = trial?.main.ok === true && (!sub || trial.sub?.ok === true);
  const footer = [
    step > 0 ? (
      <Button key="back" disabled={busy} onClick={() => setStep(step - 1)}>
        {t("wizard.back")}
      </Button>
    ) : null,
    step < 2 ? (
      <Button
        key="skip"
        disabled={busy}
        onClick={() =>
          void form.validateFields(sourceNames()).then(
            () => setStep(2),
            () => undefined,
          )
        }
      >
        {t(step === 1 && good ? "wizard.next" : "wizard.probeSkip")}
      </Button>
    ) : null,
    step === 0 ? (
      <Button key="probe" type="primary" onClick={() => void runTrial().catch(() => undefined)}>
        {t("wizard.probe")}
      </Button>
    ) : null,
    step === 1 && !good ? (
      <Button key="again" type="primary" loading={busy} onClick={() => void runTrial().catch(() => undefined)}>
        {t("wizard.probeAgain")}
      </Button>
    ) : null,
    step === 2 ? (
      <Button key="save" type="primary" loading={busy} onClick={() => void save().catch(() => undefined)}>
        {t(camera === undefined ? "wizard.create" : "wizard.save")}
      </Button>
    ) : null,
  ];
  return (
    <Modal
      open
      width={660}
      title={camera === undefined ? t("wizard.title") : t("wizard.editTitle", { name: camera.name })}
      onCancel={onClose}
      mask={{ closable: false }}
      footer={footer}
    >
      <Steps
        size="small"
        current={step}
        style={{ margin: "12px 0 18px" }}
        items={[{ title: t("wizard.stepSource") }, { title: t("wizard.stepProbe") }, { title: t("wizard.stepName") }]}
      />
      {failure === undefined ? null : (
        <div className="bad-line" role="alert">
          {failure}
        </div>
      )}
      <Form<Typed> form={form} layout="vertical" requiredMark={false} initialValues={initial} preserve>
        <div hidden={step !== 0}>
          <SourceFields prefix="main" label={t("wizard.url")} keepsPassword={hasPassword("main")} />
          {sub ? <SourceFields prefix="sub" label={t("wizard.subUrl")} keepsPassword={hasPassword("sub")} /> : null}
          <Button size="small" onClick={() => setSub(!sub)}>
            {t(sub ? "wizard.removeSub" : "wizard.addSub")}
          </Button>
          {camera === undefined ? null : <p className="dim">{t("wizard.editHint")}</p>}
        </div>
        <div hidden={step !== 1}>
          {busy && step === 1 ? <p role="status">{t("wizard.probing")}</p> : null}
          {trial === undefined ? null : <ProbeReport result={trial.main} title={t("wizard.mainStream")} />}
          {trial?.sub === undefined ? null : <ProbeReport result={trial.sub} title={t("wizard.sub")} />}
        </div>
        <div hidden={step !== 2}>
          <Form.Item name="name" label={t("cameras.name")} rules={step === 2 ? [{ required: true, whitespace: true, message: t("signIn.fieldNeeded") }] : []}>
            <Input maxLength={128} />
          </Form.Item>
          <Form.Item name="position" label={t("cameras.position")}>
            <Input maxLength={256} />
          </Form.Item>
          <UnitField locked={camera !== undefined} units={operators} mayCreate={me.user.roles.includes("administrator")} />
          <Form.Item name="retentionClass" label={t("cameras.keep")}>
            <Radio.Group
              options={[
                { value: "ordinary", label: t("cameras.ordinary") },
                { value: "important", label: t("wizard.important") },
              ]}
            />
          </Form.Item>
          <Form.Item name="record" valuePropName="checked">
            <Checkbox>{t("cameras.record")}</Checkbox>
          </Form.Item>
          {shared ? (
            <Form.Item name="allowSharedUrl" valuePropName="checked" extra={t("wizard.sharedUrl")}>
              <Checkbox>{t("wizard.allowShared")}</Checkbox>
            </Form.Item>
          ) : null}
        </div>
      </Form>
    </Modal>
  );
}

function UnitField({
  locked,
  units,
  mayCreate,
}: {
  readonly locked: boolean;
  readonly units: readonly { id: string; name: string }[];
  readonly mayCreate: boolean;
}) {
  const { t } = useTranslation();
  const chosen = Form.useWatch<string | undefined>("unit");
  const options = [...units.map((unit) => ({ value: unit.id, label: unit.name })), ...(mayCreate ? [{ value: NEW_UNIT, label: t("wizard.newUnit") }] : [])];
  return (
    <>
      <Form.Item name="unit" label={t("cameras.unit")}>
        <Select disabled={locked} options={options} notFoundContent={t("wizard.needUnit")} />
      </Form.Item>
      {chosen === NEW_UNIT ? (
        <Form.Item name="newUnit" label={t("wizard.unitName")} rules={[{ required: true, whitespace: true, message: t("signIn.fieldNeeded") }]}>
          <Input maxLength={128} />
        </Form.Item>
      ) : null}
    </>
  );
}

async function create(typed: Typed, withSub: boolean): Promise<void> {
  const unit = typed.unit === NEW_UNIT ? (await calls.createUnit({ name: (typed.newUnit ?? "").trim(), kind: "operator", parent: null })).id : typed.unit;
  const position = typed.position?.trim() ?? "";
  const body: NewCamera = {
    unit,
    name: typed.name.trim(),
    record: typed.record,
    retentionClass: typed.retentionClass,
    main: sourceInput(typed.main),
    ...(position === "" ? {} : { position }),
    ...(withSub && typed.sub !== undefined ? { sub: sourceInput(typed.sub) } : {}),
    ...(typed.allowSharedUrl === true ? { allowSharedUrl: true } : {}),
  };
  await calls.createCamera(body);
}

async function change(camera: Camera, typed: Typed, withSub: boolean): Promise<void> {
  const main = changedSource(camera, "main", typed.main);
  const hadSub = camera.streams.some((one) => one.role === "sub");
  const sub = withSub && typed.sub !== undefined ? changedSource(camera, "sub", typed.sub) : hadSub ? null : undefined;
  const body: CameraChange = {
    version: camera.version,
    name: typed.name.trim(),
    position: typed.position?.trim() ?? "",
    record: typed.record,
    retentionClass: typed.retentionClass,
    ...(main === undefined ? {} : { main }),
    ...(sub === undefined ? {} : { sub }),
    ...(typed.allowSharedUrl === true ? { allowSharedUrl: true } : {}),
  };
  await calls.changeCamera(camera.id, body);
}
