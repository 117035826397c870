const KEPT_AS = "mingjian.purpose";

/** The purpose a person gave for seeing footage; kept for this tab until they sign out. */
export function keptPurpose(): string | undefined {
  try {
    return sessionStorage.getItem(KEPT_AS) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepPurpose(purpose: string): void {
  try {
    sessionStorage.setItem(KEPT_AS, purpose);
  } catch {
    // Without storage the person is asked again after a reload.
  }
}

export function forgetPurpose(): void {
  try {
    sessionStorage.removeItem(KEPT_AS);
  } catch {
    // Nothing was kept.
  }
}
