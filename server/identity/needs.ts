/** A key of its own for one purpose, from the key file. */
export interface KeySource {
  derive(purpose: string): string;
}
