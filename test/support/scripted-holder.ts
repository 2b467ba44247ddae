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
export type Behaviour = (response: ServerResponse, honest: () => object) => void | Promise<void>;

export interface ScriptedHolder {
  readonly endpoint: string;
  readonly bodies: readonly string[];
  /** What is done with the next requests, in order; honesty after that. */
  readonly script: Behaviour[];
  close(): Promise<void>;
}

/** What is computed for the elements of a request, by key round; undefined: it has no share of that round. */
export type Evaluator = (
  elements: readonly Element[],
  round: number,
) => Pick<Evaluation, "evaluated" | "proof"> | undefined;

/** `keys` by dataset, or, by an algorithm node's service, what it does there. */
export async function startScriptedHolder(
  operator: OperatorKey,
  keys: ReadonlyMap<Hex, KeyPair | Evaluator>,
): Promise<ScriptedHolder> {
  const bodies: string[] = [];
  const script: Behaviour[] = [];
  const answered = new Map<string, ResponseWire>();

  /** Undefined where it has no share of the key that it is asked for. */
  function honest(body: string): ResponseWire | undefined {
    const known = answered.get(body);
    if (known !== undefined) return known;
    const request = decodeRequest(JSON.parse(body), suite);
    const dataset: Hex = `0x${Buffer.from(request.dataset).toString("hex")}`;
    const key = keys.get(dataset);
    if (key === undefined) throw new RangeError("a dataset of somebody else");
    const computed =
      typeof key === "function"
        ? key(request.elements, request.epoch)
        : suite.blindEvaluate(key, request.elements, random);
    if (computed === undefined) return undefined;
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
      const answer = script.length === 0 ? honest(body) : undefined;
      const usual = answer === undefined ? tell(409, { code: "NODE_ROLE_MISSING" }) : tell(200, answer);
      const behaviour = script.shift() ?? usual;
      await behaviour(response, () => honest(body) ?? { code: "NODE_ROLE_MISSING" });
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
