/**
 * The side that will answer requests. `respond` makes the answer to a hello from anybody, `accept` checks the confirmation, opens
 * the session and makes the acceptance. A hello costs this side two multiplications and a signature, about 3 ms: callers limit how
 * many they take. Who sends it is not known before the confirmation.
 */
import { bytesEqual, type RandomBytes } from "../encoding/bytes.ts";
import { certificateDigest, parseCertificate } from "../certificates/certificate.ts";
import { validateChain } from "../certificates/validate-chain.ts";
import { Fault } from "../errors/fault.ts";
import { multiply, secretScalar } from "../sm/sm2-curve.ts";
import { generateKeyPair } from "../sm/sm2-key.ts";
import { sign, verify } from "../sm/sm2-signature.ts";
import type { PeerCheck } from "./initiator.ts";
import { confirm as confirmationOf, confirmationKeys, sessionKeys, type ConfirmationKeys } from "./key-schedule.ts";
import type { Acceptance, Answer, Confirmation, Hello } from "./messages.ts";
import { requireRegistered, type ChannelNetwork, type LocalIdentity } from "./parties.ts";
import { emptyWindow } from "./replay-window.ts";
import { createSession, type ServerSession } from "./session.ts";
import { DEFAULT_TERMS, requireTerms, type Terms } from "./terms.ts";
import { continueTranscript, openingTranscript, sessionId, signedBy, type Transcript } from "./transcript.ts";

/** An agreement is two requests of one peer, one right after the other. */
export const HANDSHAKE_SECONDS = 30;

export interface AwaitingConfirmation {
  readonly kind: "awaiting-confirmation";
  readonly self: LocalIdentity;
  /** Whom the hello named: a claim until the confirmation. */
  readonly initiator: number;
  readonly terms: Terms;
  readonly shared: Uint8Array;
  readonly keys: ConfirmationKeys;
  readonly opening: Transcript;
  /** The answer's signature and MAC. */
  readonly answered: readonly [Uint8Array, Uint8Array];
  /** Unix seconds. */
  readonly startedAt: number;
}

export interface Responding {
  readonly self: LocalIdentity;
  readonly network: ChannelNetwork;
  /** What a session lasts; the initiator may keep to less. */
  readonly terms?: Terms;
  readonly random: RandomBytes;
  /** Unix seconds. */
  readonly at: number;
}

/** @throws Fault CHANNEL_PARTIES_WRONG, CHANNEL_TERMS_REFUSED, SM2_PUBLIC_KEY_INVALID */
export function respond(
  { self, network, terms = DEFAULT_TERMS, random, at }: Responding,
  hello: Hello,
): { readonly state: AwaitingConfirmation; readonly answer: Answer } {
  const { initiator, responder } = hello;
  if (responder !== self.member || initiator === self.member) {
    throw new Fault("CHANNEL_PARTIES_WRONG", { initiator, responder });
  }
  requireTerms(terms);
  const ephemeral = generateKeyPair(random);
  const shared = multiply(secretScalar(ephemeral.secretKey), hello.ephemeral).x;
  ephemeral.secretKey.fill(0);
  const certificate = self.certificate.der;
  const opening = openingTranscript({
    parties: { network, initiator, responder },
    initiatorEphemeral: hello.ephemeral,
    responderEphemeral: ephemeral.publicKey,
    responderCertificate: certificate,
    terms,
  });
  const signature = sign(self.key, signedBy("responder", opening), random);
  const keys = confirmationKeys(shared, opening);
  const mac = confirmationOf(keys.answer, opening, signature);
  return {
    state: {
      kind: "awaiting-confirmation",
      self,
      initiator,
      terms,
      shared,
      keys,
      opening,
      answered: [signature, mac],
      startedAt: at,
    },
    answer: { ephemeral: ephemeral.publicKey, certificate, ...terms, signature, mac },
  };
}

/**
 * The peer is the member that the hello named. The shared secret is overwritten once the confirmation has passed: one agreement,
 * one session.
 * @throws Fault CHANNEL_HANDSHAKE_UNKNOWN, CHANNEL_HANDSHAKE_EXPIRED, CHANNEL_PEER_NOT_ACTIVE, CHANNEL_CERTIFICATE_NOT_REGISTERED,
 * CHANNEL_CONFIRMATION_INVALID, CHANNEL_SIGNATURE_INVALID, and those of parseCertificate and validateChain
 */
export function accept(
  state: AwaitingConfirmation,
  confirmation: Confirmation,
  { peer, trust, at }: PeerCheck,
): { readonly session: ServerSession; readonly acceptance: Acceptance } {
  const { self, initiator: member, terms, shared, keys, opening, answered } = state;
  // A state that was used holds no secret any more: keys from what is left of it would be known to everybody.
  const used = shared.every((byte) => byte === 0);
  if (used || !bytesEqual(confirmation.handshake, opening)) throw new Fault("CHANNEL_HANDSHAKE_UNKNOWN");
  if (!(Math.abs(at - state.startedAt) <= HANDSHAKE_SECONDS)) {
    throw new Fault("CHANNEL_HANDSHAKE_EXPIRED", { limit: HANDSHAKE_SECONDS });
  }
  // A signature is looked at only where the key agrees, a certificate parsed only where its digest is on chain.
  const proving = continueTranscript(opening, ...answered, confirmation.certificate);
  if (!bytesEqual(confirmationOf(keys.confirmation, proving, confirmation.signature), confirmation.mac)) {
    throw new Fault("CHANNEL_CONFIRMATION_INVALID", { member });
  }
  requireRegistered(member, certificateDigest(confirmation.certificate), peer);
  const certificate = parseCertificate(confirmation.certificate);
  if (!verify(certificate.publicKey, signedBy("initiator", proving), confirmation.signature)) {
    throw new Fault("CHANNEL_SIGNATURE_INVALID", { member });
  }
  validateChain({ ...trust, certificate, at });

  const final = continueTranscript(proving, confirmation.signature, confirmation.mac);
  const facts = {
    id: sessionId(final),
    keys: sessionKeys(shared, final),
    peer: member,
    peerCertificate: certificate,
    ownCertificate: self.certificate,
    terms,
    at,
  };
  shared.fill(0);
  return {
    session: { kind: "server-session", window: emptyWindow, ...createSession(facts) },
    acceptance: { mac: confirmationOf(keys.acceptance, final) },
  };
}
