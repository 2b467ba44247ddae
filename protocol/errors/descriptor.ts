/** One entry of the error catalogue. `{name}` in a text is replaced by the fault's value of that name. */
export interface Descriptor {
  /** HTTP status of the problem+json it becomes. */
  readonly status: number;
  readonly title: { readonly en: string; readonly zh: string };
  readonly remedy: { readonly en: string; readonly zh: string };
}

export function defineFaults<const T extends Readonly<Record<string, Descriptor>>>(entries: T): T {
  return entries;
}
