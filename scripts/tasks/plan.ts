/** What a task wants to have called, before anything is tried or sent. */
import type { Call } from "../governance/operation.ts";
import type { Text } from "./language.ts";
import type { Json } from "./report.ts";

export interface Plan {
  /**
   * `desk`: by the way that the authority on chain gives them, so by a proposal unless one of the staff may act alone.
   * `direct`: by the account itself; exactly one call.
   */
  readonly through: "desk" | "direct";
  readonly calls: readonly Call[];
  /** Goes on chain with a proposal unless `--note` says something else; else what the calls are in words. */
  readonly note?: string;
  /** The operation that the call is about, so that it is named by its number. */
  readonly operation?: { readonly number: number; readonly id: string };
  /** More that a person should know, shown before the outcome. */
  readonly remarks?: readonly Text[];
  /** More for programs. */
  readonly facts?: Readonly<Record<string, Json>>;
  /** Files and the like, made when it was sent and not before; says what was made. */
  readonly afterwards?: () => Promise<readonly Text[]>;
}
