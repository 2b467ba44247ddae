/**
 * The side that will send requests. `initiate` makes the hello, `confirm` checks the answer and makes the confirmation,
 * `finish` checks the acceptance and opens the session. Each state is used for one step; a step that throws ends the agreement.
 */
import { bytesEqual, type RandomBytes } from "../encoding/bytes.ts";
import { certificateDigest, parseCertificate, type Certificate } from "../certificates/certificate.ts";
import { validateChain, type Trust } from "../certificates/validate-chain.ts";
import { Fault } from "../errors/fault.ts";
import { multiply, secretScalar, type Sm2KeyPair } from "../sm/sm2-curve.ts";
import { generateKeyPair } from "../sm/sm2-key.ts";
import { sign, verify } from "../sm/sm2-signature.ts";
import {
  confirm as confirmationOf,
  confirmationKeys,
  sessionKeys,
  type MacKey,
  type SessionKeys,
} from "./key-schedule.ts";
import type { Acceptance, Answer, Confirmation, Hello } from "./messages.ts";
import { requireRegistered, type ChannelNetwork, type LocalIdentity, type Parties, type Peer } from "./parties.ts";
import { createSession, type ClientSession } from "./session.ts";
import { DEFAULT_TERMS, requireTerms, stricter, type Terms } from "./terms.ts";
import { continueTranscript, openingTranscript, sessionId, signedBy, type Transcript } from "./transcript.ts";

export interface AwaitingAnswer {
  readonly kind: "awaiting-answer";
  readonly self: LocalIdentity;
  readonly parties: Parties;
  readonly terms: Terms;
  readonly ephemeral: Sm2KeyPair;
}

export interface AwaitingAcceptance {
  readonly kind: "awaiting-acceptance";
  readonly self: LocalIdentity;
  readonly peer: number;
  readonly peerCertificate: Certificate;
  readonly terms: Terms;
  readonly keys: SessionKeys;
  readonly acceptanceKey: MacKey;
  readonly final: Transcript;
  /** Unix seconds. */
  readonly startedAt: number;
}

export interface Initiation {
  readonly self: LocalIdentity;
  /** Id of the member that is called. */
  readonly responder: number;
  readonly network: ChannelNetwork;
  /** What this side allows a session at most. */
  readonly terms?: Terms;
  readonly random: RandomBytes;
}

/** @throws Fault CHANNEL_PARTIES_WRONG, CHANNEL_TERMS_REFUSED */
export function initiate(initiation: Initiation): { readonly state: AwaitingAnswer; readonly hello: Hello } {
  const { self, responder, network, random } = initiation;
  const terms = initiation.terms ?? DEFAULT_TERMS;
  requireTerms(terms);
  const parties = { network, initiator: self.member, responder };
  if (self.member === responder) throw new Fault("CHANNEL_PARTIES_WRONG", { initiator: self.member, responder });
  const ephemeral = generateKeyPair(random);
  return {
    state: { kind: "awaiting-answer", self, parties, terms, ephemeral },
    hello: { initiator: self.member, responder, ephemeral: ephemeral.publicKey },
  };
}

export interface PeerCheck {
  /** The other member as the registry has it now; undefined if it is not active. */
  readonly peer: Peer | undefined;
  readonly trust: Trust;
  /** Unix seconds. */
  readonly at: number;
}

/**
 * The ephemeral secret is overwritten once the answer has passed.
 * @throws Fault CHANNEL_PEER_NOT_ACTIVE, CHANNEL_CERTIFICATE_NOT_REGISTERED, CHANNEL_TERMS_REFUSED, CHANNEL_CONFIRMATION_INVALID,
 * CHANNEL_SIGNATURE_INVALID, SM2_PUBLIC_KEY_INVALID, and those of parseCertificate and validateChain
 */
export function confirm(
  state: AwaitingAnswer,
  answer: Answer,
  { peer, trust, at }: PeerCheck,
  random: RandomBytes,
): { readonly state: AwaitingAcceptance; readonly confirmation: Confirmation } {
  const { self, parties, ephemeral } = state;
  const member = parties.responder;
  requireRegistered(member, certificateDigest(answer.certificate), peer);
  const certificate = parseCertificate(answer.certificate);
  const offered = { lifetimeSeconds: answer.lifetimeSeconds, maximumRequests: answer.maximumRequests };
  requireTerms(offered);

  const opening = openingTranscript({
    parties,
    initiatorEphemeral: ephemeral.publicKey,
    responderEphemeral: answer.ephemeral,
    responderCertificate: answer.certificate,
    terms: offered,
  });
  const shared = multiply(secretScalar(ephemeral.secretKey), answer.ephemeral).x;
  const confirming = confirmationKeys(shared, opening);
  // The cheap check first: a signature is looked at only where the key agrees.
  if (!bytesEqual(confirmationOf(confirming.answer, opening, answer.signature), answer.mac)) {
    throw new Fault("CHANNEL_CONFIRMATION_INVALID", { member });
  }
  if (!verify(certificate.publicKey, signedBy("responder", opening), answer.signature)) {
    throw new Fault("CHANNEL_SIGNATURE_INVALID", { member });
  }
  validateChain({ ...trust, certificate, at });

  const own = self.certificate.der;
  const proving = continueTranscript(opening, answer.signature, answer.mac, own);
  const signature = sign(self.key, signedBy("initiator", proving), random);
  const mac = confirmationOf(confirming.confirmation, proving, signature);
  const final = continueTranscript(proving, signature, mac);
  const keys = sessionKeys(shared, final);
  ephemeral.secretKey.fill(0);
  shared.fill(0);
  return {
    state: {
      kind: "awaiting-acceptance",
      self,
      peer: member,
      peerCertificate: certificate,
      terms: stricter(state.terms, offered),
      keys,
      acceptanceKey: confirming.acceptance,
      final,
      startedAt: at,
    },
    confirmation: { handshake: opening, certificate: own, signature, mac },
  };
}

/** @throws Fault CHANNEL_CONFIRMATION_INVALID */
export function finish(state: AwaitingAcceptance, acceptance: Acceptance): ClientSession {
  const { self, peer, peerCertificate, terms, keys, acceptanceKey, final, startedAt } = state;
  if (!bytesEqual(confirmationOf(acceptanceKey, final), acceptance.mac)) {
    throw new Fault("CHANNEL_CONFIRMATION_INVALID", { member: peer });
  }
  // The time of the check before the other side's: this side's session ends first.
  const facts = {
    id: sessionId(final),
    keys,
    peer,
    peerCertificate,
    ownCertificate: self.certificate,
    terms,
    at: startedAt,
  };
  return { kind: "client-session", sequence: 0, ...createSession(facts) };
}
