import type { Grant, GrantRequest } from "@mingjian/contract";

export interface GrantKeeperNeeds {
  readonly request: (request: GrantRequest) => Promise<Grant>;
  readonly nowMs: () => number;
  /** Calls back soon, so that tiles which open together ask once. */
  readonly soon: (run: () => void) => void;
}

/** A grant this close to its expiry is not used for a new session. */
const RENEW_BEFORE_MS = 60_000;
const GRANTS_KEPT_MAX = 64;
const CAMERAS_PER_GRANT_MAX = 64;

interface Waiting {
  readonly camera: string;
  readonly resolve: (grant: string) => void;
  readonly reject: (error: unknown) => void;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Holds the signed-in person's grants: asks for one when none fits, uses it until it nears its expiry.
 * Whether a grant still opens anything is the server's to say; `forget` drops one that it refused.
 */
export class GrantKeeper {
  readonly #needs: GrantKeeperNeeds;
  #grants: Grant[] = [];
  #waiting: Waiting[] = [];
  /** Requests under way, so that cameras that open together share one. */
  readonly #asked = new Map<string, Promise<Grant>>();

  constructor(needs: GrantKeeperNeeds) {
    this.#needs = needs;
  }

  /** A grant for the live picture of one camera. Calls made together share one request. */
  live(camera: string, purpose: string): Promise<string> {
    const held = this.#find((grant) => grant.live && grant.cameras.includes(camera) && grant.purpose === purpose);
    if (held !== undefined) return Promise.resolve(held.id);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ camera, resolve, reject });
      if (this.#waiting.length === 1) this.#needs.soon(() => void this.#askForWaiting(purpose));
    });
  }

  /** A grant for the footage of `cameras` in `span`. */
  async playback(cameras: readonly string[], span: Span, purpose: string): Promise<string> {
    const held = this.#find(
      (grant) =>
        !grant.live &&
        grant.purpose === purpose &&
        cameras.every((camera) => grant.cameras.includes(camera)) &&
        grant.from !== null &&
        grant.to !== null &&
        Date.parse(grant.from) <= span.from &&
        Date.parse(grant.to) >= span.to,
    );
    if (held !== undefined) return held.id;
    const request: GrantRequest = {
      cameras: [...cameras],
      live: false,
      actions: ["view"],
      purpose,
      from: new Date(span.from).toISOString(),
      to: new Date(span.to).toISOString(),
    };
    const key = JSON.stringify(request);
    const asked = this.#asked.get(key) ?? this.#needs.request(request);
    this.#asked.set(key, asked);
    try {
      const grant = await asked;
      if (!this.#grants.includes(grant)) this.#keep(grant);
      return grant.id;
    } finally {
      this.#asked.delete(key);
    }
  }

  /** Drops the grants that cover a camera, live or recorded: the server no longer takes them. */
  forget(camera: string, live: boolean): void {
    this.#grants = this.#grants.filter((grant) => grant.live !== live || !grant.cameras.includes(camera));
  }

  /** Drops one grant: it was revoked or has expired. */
  drop(grantId: string): void {
    this.#grants = this.#grants.filter((grant) => grant.id !== grantId);
  }

  clear(): void {
    this.#grants = [];
  }

  #find(fits: (grant: Grant) => boolean): Grant | undefined {
    const now = this.#needs.nowMs();
    return this.#grants.find((grant) => fits(grant) && Date.parse(grant.expiresAt) - now > RENEW_BEFORE_MS);
  }

  #keep(grant: Grant): void {
    this.#grants = [grant, ...this.#grants].slice(0, GRANTS_KEPT_MAX);
  }

  async #askForWaiting(purpose: string): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const cameras = [...new Set(waiting.map((one) => one.camera))];
    for (let at = 0; at < cameras.length; at += CAMERAS_PER_GRANT_MAX) {
      const part = cameras.slice(at, at + CAMERAS_PER_GRANT_MAX);
      const asking = waiting.filter((one) => part.includes(one.camera));
      try {
        await this.#askFor(part, asking, purpose);
      } catch (error) {
        // One camera that this person may not see must not darken the others: ask for each alone.
        if (part.length === 1) asking.forEach((one) => one.reject(error));
        else await Promise.all(part.map((camera) => this.#askAlone(camera, asking, purpose)));
      }
    }
  }

  async #askFor(cameras: readonly string[], asking: readonly Waiting[], purpose: string): Promise<void> {
    const grant = await this.#needs.request({ cameras: [...cameras], live: true, actions: ["view"], purpose });
    this.#keep(grant);
    for (const one of asking) one.resolve(grant.id);
  }

  async #askAlone(camera: string, asking: readonly Waiting[], purpose: string): Promise<void> {
    const own = asking.filter((one) => one.camera === camera);
    try {
      await this.#askFor([camera], own, purpose);
    } catch (error) {
      for (const one of own) one.reject(error);
    }
  }
}
