import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProbeResult } from "@mingjian/contract";
import { codecText } from "../app/format.ts";
import { faultText } from "../i18n/words.ts";

const MARKS = { ok: "✓", failed: "✗", skipped: "·" } as const;

/** Each step of a trial with how it went, what to do where it failed, and the camera's first picture. */
export function ProbeReport({ result, title }: { readonly result: ProbeResult; readonly title: string }) {
  const { t } = useTranslation();
  return (
    <section aria-label={title}>
      <h3 role="status">
        {title}：{t(result.ok ? "wizard.probeOk" : "wizard.probeFailed")}
      </h3>
      <ol className="probe-steps">
        {result.steps.map((step) => (
          <li key={step.step} data-outcome={step.outcome}>
            <span className={`mark-${step.outcome}`} aria-hidden="true">
              {MARKS[step.outcome]}
            </span>
            <span>{t(`probe.${step.step}`)}</span>
            <span className={`mark-${step.outcome}`}>{t(`outcomes.${step.outcome}`)}</span>
            <span className="dim">{step.outcome === "skipped" ? "" : t("wizard.ms", { count: Math.round(step.ms) })}</span>
            {step.outcome === "failed" ? (
              <span className="why">
                <b>{step.code === null ? (step.detail ?? "") : faultText(step.code, step.detail ?? "")}</b>
                {step.detail === null || step.code === null ? null : <span className="dim"> {step.detail}</span>}
                <br />
                {t("wizard.remedy", { text: t(`probeRemedies.${step.step}`) })}
              </span>
            ) : null}
          </li>
        ))}
      </ol>
      {result.tracks.length === 0 ? null : (
        <p className="dim">
          {result.tracks.map((track) => `${codecText(track.codec)}${track.width > 0 ? ` ${track.width}×${track.height}` : ""}`).join(" · ")}
        </p>
      )}
      {result.picture === null ? (
        result.ok ? (
          <p className="dim">{t("wizard.noPicture")}</p>
        ) : null
      ) : (
        <ProbePicture picture={result.picture} codec={codecText(result.tracks[0]?.codec ?? "")} />
      )}
    </section>
  );
}

function ProbePicture({ picture, codec }: { readonly picture: { readonly mime: string; readonly mp4Base64: string }; readonly codec: string }) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const bytes = Uint8Array.from(atob(picture.mp4Base64), (c) => c.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
    const element = video.current;
    if (element !== null) element.src = url;
    return () => URL.revokeObjectURL(url);
  }, [picture]);
  if (failed) return <p className="dim">{t("wizard.pictureUnsupported", { codec })}</p>;
  return <video ref={video} className="probe-picture" muted playsInline preload="auto" aria-label={t("wizard.picture")} onError={() => setFailed(true)} />;
}
