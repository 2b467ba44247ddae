import { toBase64Url } from "../../../protocol/encoding/bytes.ts";
import type { Trust } from "../../../protocol/certificates/validate-chain.ts";
import { confirm, finish, initiate, type PeerCheck } from "../../../protocol/channel/initiator.ts";
import {
  parseAcceptance,
  parseAnswer,
  parseConfirmation,
  parseHello,
  toWire,
  type Acceptance,
  type Answer,
  type Confirmation,
  type Hello,
} from "../../../protocol/channel/messages.ts";
import type { ChannelNetwork, LocalIdentity, Peer } from "../../../protocol/channel/parties.ts";
import { accept, respond } from "../../../protocol/channel/responder.ts";
import type { ClientSession, ServerSession } from "../../../protocol/channel/session.ts";
import type { Terms } from "../../../protocol/channel/terms.ts";
import { authority, member, NOW, random, revocationList } from "../certificates/fixtures.ts";

export { DAY, NOW, random } from "../certificates/fixtures.ts";
export { expectFault, faultOf } from "../oprf/fixtures.ts";

export const NETWORK: ChannelNetwork = { chainId: 31337, memberRegistry: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };
export const root = authority();
export const trust: Trust = { trustList: [root.certificate], crls: [revocationList(root)] };

export function party(id: number, name: string): LocalIdentity {
  return { member: id, ...member(root, name) };
}

export const alpha = party(2, "alpha");
export const beta = party(3, "beta");
/** A member as good as any, with other intentions. */
export const mallory = party(4, "mallory");

export function peerOf(...identities: readonly LocalIdentity[]): Peer {
  const [first] = identities;
  return { member: first?.member ?? 0, certificateDigests: identities.map(({ certificate }) => certificate.digest) };
}

export function check(peer: Peer | undefined, changes: Partial<PeerCheck> = {}): PeerCheck {
  return { peer, trust, at: NOW, ...changes };
}

/** What passes over the line, in order. A function may change each message on its way. */
export interface Line {
  hello?: (message: Hello) => Hello;
  answer?: (message: Answer) => Answer;
  confirmation?: (message: Confirmation) => Confirmation;
  acceptance?: (message: Acceptance) => Acceptance;
}

export interface Setting {
  readonly initiator?: LocalIdentity;
  readonly responder?: LocalIdentity;
  /** What the responder's registry says of the initiator, and the other way round. */
  readonly seenInitiator?: Peer | undefined;
  readonly seenResponder?: Peer | undefined;
  readonly responderNetwork?: ChannelNetwork;
  readonly initiatorTerms?: Terms;
  readonly responderTerms?: Terms;
  readonly at?: number;
  readonly confirmedAt?: number;
  readonly trust?: Trust;
}

/** A whole agreement between alpha and beta unless said otherwise, each message through its wire form. */
export function agree(line: Line = {}, setting: Setting = {}): { client: ClientSession; server: ServerSession } {
  const { initiator = alpha, responder = beta, at = NOW } = setting;
  const seen = <K extends "seenInitiator" | "seenResponder">(key: K, identity: LocalIdentity) =>
    key in setting ? setting[key] : peerOf(identity);
  const through = <T>(message: T, change: ((message: T) => T) | undefined, parse: (body: unknown) => T): T => {
    const sent = change ? change(message) : message;
    return parse(JSON.parse(JSON.stringify(toWire(sent as Hello))));
  };
  const of = { trust: setting.trust ?? trust };
  const first = initiate({
    self: initiator,
    responder: responder.member,
    network: NETWORK,
    random,
    ...(setting.initiatorTerms ? { terms: setting.initiatorTerms } : {}),
  });
  const hello = through(first.hello, line.hello, parseHello);
  const second = respond(
    {
      self: responder,
      network: setting.responderNetwork ?? NETWORK,
      random,
      at,
      ...(setting.responderTerms ? { terms: setting.responderTerms } : {}),
    },
    hello,
  );
  const answer = through(second.answer, line.answer, parseAnswer);
  const third = confirm(first.state, answer, { ...of, peer: seen("seenResponder", responder), at }, random);
  const confirmation = through(third.confirmation, line.confirmation, parseConfirmation);
  const { session: server, acceptance } = accept(second.state, confirmation, {
    ...of,
    peer: seen("seenInitiator", initiator),
    at: setting.confirmedAt ?? at,
  });
  return { server, client: finish(third.state, through(acceptance, line.acceptance, parseAcceptance)) };
}

export function text(bytes: Uint8Array): string {
  return toBase64Url(bytes);
}
