import { useCallback, useEffect, useRef, useState } from "react";
import { socketUrl } from "../api/client.ts";
import { useStation } from "../app/station.tsx";
import { PlaybackGroup } from "../player/playback-group.ts";
import type { GroupNotice, GroupView } from "../player/playback-group.ts";
import { PlaybackPlayer } from "../player/playback-player.ts";
import { dayStart, shiftDay } from "../time/zone-time.ts";

const SPAN_MARGIN_MS = 3_600_000;

/** The span a grant is asked for: the local day of the instant, and an hour on both sides to play across midnight. */
export function grantSpan(utcMs: number, zone: string): { from: number; to: number } {
  return { from: dayStart(utcMs, zone) - SPAN_MARGIN_MS, to: shiftDay(utcMs, 1, zone) + SPAN_MARGIN_MS };
}

function playbackUrl(camera: string, atUtcMs: number, grant: string, mode: string): string {
  const at = new Date(atUtcMs).toISOString();
  return socketUrl(`/media/v1/playback?camera=${camera}&at=${at}&grant=${grant}&mode=${mode}&direction=forward`);
}

export interface GroupDoor {
  readonly view: GroupView;
  readonly group: PlaybackGroup;
  /** A ref callback for the video element of one camera. */
  readonly attach: (camera: string, element: HTMLVideoElement | null) => void;
  readonly again: (camera: string) => void;
}

/** Players for `cameras` in one group, as long as there is a purpose. */
export function useGroup(cameras: readonly string[], startUtcMs: number, purpose: string | undefined, onNotice: (notice: GroupNotice) => void): GroupDoor {
  const { grants, zone } = useStation();
  const [view, setView] = useState<GroupView>({ utcMs: startUtcMs, playing: false, rate: 1, standings: [] });
  const notice = useRef(onNotice);
  useEffect(() => {
    notice.current = onNotice;
  });
  const [group] = useState(() => new PlaybackGroup(startUtcMs, { onView: setView, onNotice: (one) => notice.current(one) }));
  const elements = useRef(new Map<string, HTMLVideoElement>());
  const players = useRef(new Map<string, PlaybackPlayer>());
  const [mounted, setMounted] = useState(0);
  const key = cameras.join(" ");

  useEffect(() => {
    group.start();
    return () => group.dispose();
  }, [group]);
  const attach = useCallback((camera: string, element: HTMLVideoElement | null) => {
    if (element === null) elements.current.delete(camera);
    else elements.current.set(camera, element);
    setMounted((old) => old + 1);
  }, []);

  useEffect(() => {
    const wanted = key === "" || purpose === undefined ? [] : key.split(" ");
    const held = players.current;
    for (const [camera, player] of held) {
      if (wanted.includes(camera) && elements.current.has(camera)) continue;
      player.dispose();
      held.delete(camera);
    }
    for (const camera of wanted) {
      const element = elements.current.get(camera);
      if (element === undefined || held.has(camera) || purpose === undefined) continue;
      held.set(
        camera,
        new PlaybackPlayer(element, {
          urlFor: async (atUtcMs, mode, fresh) => {
            if (fresh) grants.forget(camera, false);
            const span = grantSpan(atUtcMs, zone);
            // One grant for all that play together; where one camera is refused, each asks alone.
            const grant = await grants.playback(wanted, span, purpose).catch(() => grants.playback([camera], span, purpose));
            return playbackUrl(camera, atUtcMs, grant, mode);
          },
        }),
      );
    }
    group.setPlayers(wanted.flatMap((camera) => held.get(camera) ?? []));
  }, [key, purpose, mounted, grants, zone, group]);
  useEffect(() => {
    const held = players.current;
    return () => {
      for (const player of held.values()) player.dispose();
      held.clear();
    };
  }, []);
  const again = useCallback((camera: string) => players.current.get(camera)?.again(group.utcMs), [group]);
  return { view, group, attach, again };
}
