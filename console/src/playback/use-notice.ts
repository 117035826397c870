import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStation } from "../app/station.tsx";
import { gapCauseText } from "../i18n/words.ts";
import type { GroupNotice } from "../player/playback-group.ts";
import { clockText } from "../time/zone-time.ts";

const NOTICE_MS = 6000;

export interface Notices {
  readonly notice: string | undefined;
  readonly tell: (text: string) => void;
  readonly onGroup: (notice: GroupNotice) => void;
}

/** One line over the pictures that goes away by itself. */
export function useNotice(): Notices {
  const { t } = useTranslation();
  const { zone } = useStation();
  const [notice, setNotice] = useState<string>();
  useEffect(() => {
    if (notice === undefined) return;
    const timer = setTimeout(() => setNotice(undefined), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  const onGroup = useCallback(
    ({ kind, from, to, cause }: GroupNotice) => {
      if (kind === "end") setNotice(t("playback.end"));
      else {
        const words = { from: clockText(from, zone), to: clockText(to, zone), cause: gapCauseText(cause) };
        setNotice(t("playback.skipped", words));
      }
    },
    [t, zone],
  );
  return { notice, tell: setNotice, onGroup };
}
