/**
 * A holder over real HTTP that evaluates honestly, unless the test tells it what to do with its next requests. It keeps
 * every body it received; a repeated body gets the same answer, as with a real one.
 */
import { createServer, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { RESPONSE_HEADER } from "../../protocol/channel/request-tag.ts";
import { decodeRequest } from "../../protocol/oblivious-lookup/request.ts";
import {
  composeResponse,
  encodeResponse,
  type Evaluation,
  type ResponseWire,
} from "../../protocol/oblivious-lookup/response.ts";
import type { Hex } from "../../protocol/encoding/bytes.ts";
import { ristretto255Sha512 as suite } from "../../protocol/oprf/oprf.ts";
import type { Element, KeyPair } from "../../protocol/oprf/oprf.ts";
import type { OperatorKey } from "../../relayer/chain/operator-key.ts";
import { CHAIN_ID, LEDGER, random } from "./asking-ledger.ts";

/** What a holder does with one request; `honest` is what it should say. */
export type Behaviour = (response: ServerResponse, honest: () => ResponseWire) => void | Promise<void>;

export interface ScriptedHolder {
  readonly endpoint: string;
  readonly bodies: readonly string[];
  /** What is done with the next requests, in order; honesty after that. */
  readonly script: Behaviour[];
  close(): Promise<void>;
}

/** What is computed for the elements of a request. */
export type Evaluator = (elements: readonly Element[]) => Pick<Evaluation, "evaluated" | "proof">;

/** `keys` by dataset, or, by an algorithm node's service, what it does there. */
export async function startScriptedHolder(
  operator: OperatorKey,
  keys: ReadonlyMap<Hex, KeyPair | Evaluator>,
): Promise<ScriptedHolder> {
  const bodies: string[] = [];
  const script: Behaviour[] = [];
  const answered = new Map<string, ResponseWire>();

  function honest(body: string): ResponseWire {
    const known = answered.get(body);
    if (known !== undefined) return known;
    const request = decodeRequest(JSON.parse(body), suite);
    const dataset: Hex = `0x${Buffer.from(request.dataset).toString("hex")}`;
    const key = keys.get(dataset);
    if (key === undefined) throw new RangeError("a dataset of somebody else");
    const computed =
      typeof key === "function" ? key(request.elements) : suite.blindEvaluate(key, request.elements, random);
    const evaluation = { ...computed, salt: random(32) };
    const wire = encodeResponse(
      composeResponse(request, evaluation, { chainId: CHAIN_ID, ledger: LEDGER }, operator.sign),
    );
    answered.set(body, wire);
    return wire;
  }

  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      bodies.push(body);
      const behaviour = script.shift() ?? tell(200);
      await behaviour(response, () => honest(body));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    bodies,
    script,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers with `status`; the honest answer unless another body is given. Over the channel, unless somebody else says it. */
export function tell(status: number, body?: unknown, over: "channel" | "nothing" = "channel"): Behaviour {
  return (response, honest) => {
    const mac = over === "channel" ? { [RESPONSE_HEADER]: "as the channel double takes it" } : {};
    response.writeHead(status, { "content-type": "application/json", ...mac });
    response.end(typeof body === "string" ? body : JSON.stringify(body ?? honest()));
  };
}

/** Cuts the connection without a word. */
export const hangUp: Behaviour = (response) => {
  response.destroy();
};
