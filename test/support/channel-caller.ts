/** The calling side of the channel without a relayer around it: for members that say whatever a test has them say. */
import { certificateDigest } from "../../protocol/certificates/certificate.ts";
import type { Trust } from "../../protocol/certificates/validate-chain.ts";
import { createClientBook } from "../../protocol/channel/client-book.ts";
import { confirm, finish, initiate } from "../../protocol/channel/initiator.ts";
import { parseAcceptance, parseAnswer, toWire } from "../../protocol/channel/messages.ts";
import type { ChannelNetwork, LocalIdentity } from "../../protocol/channel/parties.ts";
import { digestBody, verifyResponse } from "../../protocol/channel/request.ts";
import {
  formatRequestTag,
  parseResponseMac,
  REQUEST_HEADER,
  RESPONSE_HEADER,
} from "../../protocol/channel/request-tag.ts";
import { utf8 } from "../../protocol/encoding/bytes.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";

export interface Called {
  /** Its id on chain. */
  readonly member: number;
  /** Where its peer API is. */
  readonly url: string;
}

export interface CallerOptions {
  readonly self: LocalIdentity;
  readonly network: ChannelNetwork;
  readonly trust: Trust;
}

export interface ChannelCaller {
  /** Agrees on a session, also when there is one. @throws Error with status and code where the other side refuses */
  agree(to: Called, at?: number): Promise<void>;
  /** Headers for one request; agrees on a session first if there is none. `at`: Unix seconds that they name. */
  headers(
    to: Called,
    request: { method: string; path: string; body?: string },
    at?: number,
  ): Promise<Record<string, string>>;
  /** Sends a request, once more with a new session if the other side has lost the one that was there. */
  send(
    to: Called,
    request: { method: string; path: string; body?: string; headers?: Record<string, string> },
  ): Promise<Response>;
}

export function createChannelCaller({ self, network, trust }: CallerOptions): ChannelCaller {
  const book = createClientBook();
  const now = (): number => Math.floor(Date.now() / 1000);

  async function post(url: string, path: string, message: Parameters<typeof toWire>[0]): Promise<unknown> {
    const body = JSON.stringify(toWire(message));
    const response = await fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body });
    const json = (await response.json()) as { code?: string };
    if (!response.ok) throw new Error(`${String(response.status)} ${json.code ?? ""}`);
    return json;
  }

  async function agree({ member, url }: Called, at = now()): Promise<void> {
    const first = initiate({ self, responder: member, network, random });
    const answer = parseAnswer(await post(url, "/peer/v1/channel", first.hello));
    // Whose certificate it is, a test need not ask the chain.
    const peer = { member, certificateDigests: [certificateDigest(answer.certificate)] };
    const second = confirm(first.state, answer, { peer, trust, at }, random);
    book.add(finish(second.state, parseAcceptance(await post(url, "/peer/v1/channel/confirm", second.confirmation))));
  }

  async function authenticate(to: Called, request: { method: string; path: string; body?: string }, at = now()) {
    const { method, path, body = "" } = request;
    const asked = { method, path, body: digestBody(utf8(body)) };
    if (book.wanted(to.member, now())) await agree(to);
    const made = book.authenticate(to.member, asked, at);
    if (!made) throw new Error("no session");
    return made;
  }

  return {
    agree,
    async headers(to, request, at) {
      return { [REQUEST_HEADER]: formatRequestTag((await authenticate(to, request, at)).tag) };
    },
    async send(to, { headers, ...request }) {
      for (let tries = 0; ; tries += 1) {
        const made = await authenticate(to, request);
        const response = await fetch(to.url + request.path, {
          method: request.method,
          headers: {
            ...(request.body === undefined ? {} : { "content-type": "application/json" }),
            [REQUEST_HEADER]: formatRequestTag(made.tag),
            ...headers,
          },
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        const mac = response.headers.get(RESPONSE_HEADER);
        if (mac !== null) {
          const body = digestBody(new Uint8Array(await response.clone().arrayBuffer()));
          verifyResponse(made.session, made.exchange, { status: response.status, body }, parseResponseMac(mac));
        }
        if (response.status !== 401 || tries > 0) return response;
        const { code } = (await response.clone().json()) as { code: string };
        if (code !== "CHANNEL_SESSION_UNKNOWN") return response;
        book.dropPeer(to.member);
      }
    },
  };
}
