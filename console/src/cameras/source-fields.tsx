import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { StreamSourceInput } from "@mingjian/contract";

export interface SourceTyped {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly transport?: "auto" | "tcp" | "udp" | undefined;
  readonly certificateSha256?: string | undefined;
}

/** What was typed, as the API takes it: empty fields are left out. */
export function sourceInput(typed: SourceTyped): StreamSourceInput {
  const { user, password, certificateSha256 } = typed;
  const fingerprint = certificateSha256?.replace(/[:\s]/g, "") ?? "";
  return {
    url: typed.url.trim(),
    transport: typed.transport ?? "auto",
    ...(user === undefined || user === "" ? {} : { user }),
    ...(password === undefined || password === "" ? {} : { password }),
    ...(fingerprint === "" ? {} : { certificateSha256: fingerprint }),
  };
}

/** The fields of one stream's source. */
export function SourceFields({ prefix, label, keepsPassword }: { readonly prefix: "main" | "sub"; readonly label: string; readonly keepsPassword: boolean }) {
  const { t } = useTranslation();
  const url = Form.useWatch<string | undefined>([prefix, "url"]);
  const secure = url?.startsWith("rtsps:") === true;
  return (
    <>
      <Form.Item
        name={[prefix, "url"]}
        label={label}
        extra={prefix === "main" ? t("wizard.urlHint") : undefined}
        rules={[
          { required: true, message: t("signIn.fieldNeeded") },
          { pattern: /^\s*rtsps?:\/\/[^\s/]/, message: t("wizard.urlBad") },
        ]}
      >
        <Input autoFocus={prefix === "main"} maxLength={2048} spellCheck={false} autoComplete="off" placeholder="rtsp://" />
      </Form.Item>
      <div style={{ display: "grid", gridTemplateColumns: "1fr 1fr 110px", gap: 12 }}>
        <Form.Item name={[prefix, "user"]} label={t("wizard.user")}>
          <Input maxLength={128} autoComplete="off" />
        </Form.Item>
        <Form.Item name={[prefix, "password"]} label={t("wizard.password")}>
          <Input.Password maxLength={128} autoComplete="new-password" {...(keepsPassword ? { placeholder: t("wizard.passwordKeep") } : {})} />
        </Form.Item>
        <Form.Item name={[prefix, "transport"]} label={t("wizard.transport")} initialValue="auto">
          <Select options={(["auto", "tcp", "udp"] as const).map((value) => ({ value, label: t(`wizard.${value}`) }))} />
        </Form.Item>
      </div>
      {secure ? (
        <Form.Item
          name={[prefix, "certificateSha256"]}
          label={t("wizard.certificate")}
          extra={t("wizard.certificateHint")}
          rules={[{ pattern: /^([0-9a-fA-F]{2}[:\s]?){32}$/, message: t("wizard.certificateBad") }]}
        >
          <Input maxLength={100} spellCheck={false} />
        </Form.Item>
      ) : null}
    </>
  );
}
