/** One key agreement with another member, over HTTP: two calls, each answered at once or not at all. */
import { confirm, finish, initiate } from "../../../protocol/channel/initiator.ts";
import {
  parseAcceptance,
  parseAnswer,
  toWire,
  type Confirmation,
  type Hello,
} from "../../../protocol/channel/messages.ts";
import type { ChannelNetwork } from "../../../protocol/channel/parties.ts";
import type { ClientSession } from "../../../protocol/channel/session.ts";
import { utf8 } from "../../../protocol/encoding/bytes.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import type { RelayerContext } from "../../context.ts";
import { peerAddress } from "../peer/peer-address.ts";
import { jsonOf, postPeer, StaleConnection } from "../peer/peer-http.ts";
import { refusalCode } from "../peer/refusal-code.ts";
import type { Identity } from "./identity.ts";
import type { FindPeer } from "./peers.ts";

/** Both calls together: 20 ms, but for a line and a machine that are slow. */
const TIMEOUT_MS = 10_000;
/** A certificate of 4,096 bytes in base64url, and the rest. */
const ANSWER_BYTES = 8_192;

export const HELLO_PATH = "/peer/v1/channel";
export const CONFIRMATION_PATH = "/peer/v1/channel/confirm";

export interface AgreeDependencies extends Pick<RelayerContext, "clock" | "random"> {
  readonly network: ChannelNetwork;
  readonly identity: Identity;
  readonly findPeer: FindPeer;
}

/** @throws Fault CHANNEL_UNREACHABLE, CHANNEL_REFUSED, and those of `initiate`, `confirm` and `finish` */
export async function agree(
  ctx: AgreeDependencies,
  to: { readonly id: number; readonly endpoint: string },
  signal: AbortSignal,
): Promise<ClientSession> {
  const { network, identity, random } = ctx;
  const member = to.id;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const post = (path: typeof HELLO_PATH | typeof CONFIRMATION_PATH, message: Hello | Confirmation): Promise<unknown> =>
    exchange(to, path, message, limit);

  const self = await identity.self();
  const first = initiate({ self, responder: member, network, random });
  const answer = parseAnswer(await post(HELLO_PATH, first.hello));
  const [trust, peer] = [await identity.trust(), await ctx.findPeer(member)];
  const at = ctx.clock().getTime() / 1000;
  const second = confirm(first.state, answer, { peer, trust, at }, random);
  return finish(second.state, parseAcceptance(await post(CONFIRMATION_PATH, second.confirmation)));
}

async function exchange(
  { id: member, endpoint }: { readonly id: number; readonly endpoint: string },
  path: typeof HELLO_PATH | typeof CONFIRMATION_PATH,
  message: Hello | Confirmation,
  signal: AbortSignal,
): Promise<unknown> {
  let answer;
  try {
    const body = utf8(JSON.stringify(toWire(message)));
    const post = { url: new URL(peerAddress(endpoint, path)), body, limit: ANSWER_BYTES, signal };
    answer = await postPeer(post).catch((error: unknown) => {
      if (error instanceof StaleConnection) return postPeer({ ...post, fresh: true });
      throw error;
    });
  } catch (cause) {
    throw new Fault("CHANNEL_UNREACHABLE", { member }, cause);
  }
  const json = jsonOf(answer.body);
  if (answer.status === 200) return json;
  const code = refusalCode(json);
  if (code === undefined) throw new Fault("CHANNEL_UNREACHABLE", { member });
  throw new Fault("CHANNEL_REFUSED", { member, code });
}
