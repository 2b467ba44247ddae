/** What an exchange becomes when it is prepared. */
import type { Hex } from "../../../protocol/encoding/bytes.ts";
import type { EvaluateRequest } from "../../../protocol/oblivious-lookup/request.ts";
import type { ExchangeSecrets } from "./secrets.ts";

export interface WaitingExchange {
  readonly id: string;
  readonly dataset: Hex;
  /** Of the key that is asked for, where it does not follow from the mirror: a node's round. */
  readonly epoch?: number;
}

/** An exchange with the request that was stored for it. */
export interface PreparedRequest extends WaitingExchange {
  readonly session: Hex;
  readonly lane: number;
  readonly epoch: number;
  /** The request body as it is sent, every time the same bytes. */
  readonly request: string;
  /** What it says. */
  readonly signed: EvaluateRequest;
  readonly secrets: ExchangeSecrets;
}

/** With what its lane's row is to say from then on. */
export interface ComposedRequest extends PreparedRequest {
  readonly count: number;
  /** Ledger time when it was signed. */
  readonly preparedAt: number;
  readonly previousTranscript: Hex;
  readonly transcript: Hex;
}
