/**
 * Who calls the peer API: each request carries the calling account, the time, a nonce and a secp256k1 signature over
 * method, path, body digest, time, nonce and recipient. The account must act for an active member now, the time be within
 * a minute of this clock, and the nonce be new.
 *
 * The digest is keccak256(0x19 0x52 | length-prefixed fields): by EIP-191 no transaction starts so, and with version byte
 * 0x52 ("R") it is no typed data of the ledger. The member registry's address and chain id are among the fields, so a
 * request of one network is none in another. Range headers are not signed: what they select is checked by the root.
 *
 * Nonces are kept in memory for as long as their time is acceptable; after a restart a request of the last two minutes
 * could be sent once more. Routes that change something must not rest on this alone.
 */
import {
  concatBytes,
  fromBase64Url,
  fromHex,
  toBase64Url,
  uint,
  utf8,
  lengthPrefixed,
  type Hex,
  type RandomBytes,
} from "../../../protocol/encoding/bytes.ts";
import { keccak256 } from "../../../protocol/encoding/digest.ts";
import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { recoverAddress, SIGNATURE_BYTES } from "../../../protocol/oblivious-lookup/typed-data.ts";
import type { ChainView, MemberInfo } from "../../chain/chain-view.ts";
import type { OperatorKey } from "../../chain/operator-key.ts";

export const CLOCK_SKEW_SECONDS = 60;
const NONCE_BYTES = 16;
/** Requests of one member within two minutes; ranges of a large table over a bad line are a few hundred. */
const NONCES_PER_MEMBER = 10_000;

export const OPERATOR_HEADER = "riskveil-operator";
export const TIME_HEADER = "riskveil-time";
export const NONCE_HEADER = "riskveil-nonce";
export const SIGNATURE_HEADER = "riskveil-signature";

export interface PeerRequest {
  /** Upper case. */
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly path: string;
  /** Empty for a request without one. */
  readonly body: Uint8Array;
}

/** Where a signature counts: the member registry of one network. */
export interface PeerNetwork {
  readonly chainId: number;
  readonly memberRegistry: string;
}

interface SignedFields extends PeerRequest {
  readonly operator: Hex;
  /** Unix seconds. */
  readonly time: number;
  readonly nonce: Uint8Array;
  /** Id of the member that is called. */
  readonly recipient: number;
}

export function peerRequestDigest(network: PeerNetwork, fields: SignedFields): Uint8Array {
  return keccak256(
    Uint8Array.of(0x19, 0x52),
    lengthPrefixed(
      utf8("riskveil/peer-request"),
      uint(network.chainId, 6),
      fromHex(network.memberRegistry.toLowerCase(), 20),
      utf8(fields.method),
      utf8(fields.path),
      keccak256(fields.body),
      uint(fields.time, 6),
      fields.nonce,
      uint(fields.recipient, 4),
      fromHex(fields.operator, 20),
    ),
  );
}

export interface PeerSigner {
  readonly operator: OperatorKey;
  readonly network: PeerNetwork;
  readonly clock: () => Date;
  readonly random: RandomBytes;
}

/** Headers for one request; every try needs new ones. */
export function signPeerRequest(signer: PeerSigner, request: PeerRequest, recipient: number): Record<string, string> {
  const time = Math.floor(signer.clock().getTime() / 1000);
  const nonce = signer.random(NONCE_BYTES);
  const operator = signer.operator.address;
  const digest = peerRequestDigest(signer.network, { ...request, operator, time, nonce, recipient });
  return {
    [OPERATOR_HEADER]: operator,
    [TIME_HEADER]: String(time),
    [NONCE_HEADER]: toBase64Url(nonce),
    [SIGNATURE_HEADER]: toBase64Url(signer.operator.sign(digest)),
  };
}

export interface PeerVerifier {
  /**
   * The active member that sent the request.
   * @throws Fault PEER_SIGNATURE_INVALID, PEER_CLOCK_SKEW, PEER_NOT_ACTIVE, PEER_REPLAYED, PEER_BUSY
   */
  verify(request: PeerRequest, header: (name: string) => string | undefined): Promise<MemberInfo>;
}

export interface PeerVerifierDependencies {
  readonly chain: Pick<ChainView, "me" | "memberByOperator" | "deployment">;
  readonly clock: () => Date;
}

export function createPeerVerifier({ chain, clock }: PeerVerifierDependencies): PeerVerifier {
  const nonces = createNonceMemory(clock);
  const network: PeerNetwork = {
    chainId: chain.deployment.chainId,
    memberRegistry: chain.deployment.addresses.memberRegistry,
  };
  return {
    async verify(request, header) {
      const { operator, time, nonce, signature } = parseHeaders(header);
      const skew = Math.abs(Math.floor(clock().getTime() / 1000) - time);
      if (skew > CLOCK_SKEW_SECONDS) throw new Fault("PEER_CLOCK_SKEW", { seconds: skew, limit: CLOCK_SKEW_SECONDS });
      const recipient = (await chain.me()).id;
      const digest = peerRequestDigest(network, { ...request, operator, time, nonce, recipient });
      if (recovered(digest, signature) !== operator) throw new Fault("PEER_SIGNATURE_INVALID");
      const member = await chain.memberByOperator(operator);
      if (member?.status !== "Active") throw new Fault("PEER_NOT_ACTIVE", { operator });
      // Only members' requests are remembered: nobody else can fill the memory.
      nonces.use(member.id, concatBytes(fromHex(operator), nonce), time + CLOCK_SKEW_SECONDS);
      return member;
    },
  };
}

function parseHeaders(header: (name: string) => string | undefined) {
  const operator = header(OPERATOR_HEADER) ?? "";
  const time = header(TIME_HEADER) ?? "";
  if (!/^0x[0-9a-f]{40}$/.test(operator) || !/^(0|[1-9][0-9]{0,11})$/.test(time)) {
    throw new Fault("PEER_SIGNATURE_INVALID");
  }
  return {
    operator: operator as Hex,
    time: Number(time),
    nonce: base64(header(NONCE_HEADER), NONCE_BYTES),
    signature: base64(header(SIGNATURE_HEADER), SIGNATURE_BYTES),
  };
}

function base64(text: string | undefined, length: number): Uint8Array {
  try {
    return fromBase64Url(text ?? "", length);
  } catch (cause) {
    throw new Fault("PEER_SIGNATURE_INVALID", {}, cause);
  }
}

function recovered(digest: Uint8Array, signature: Uint8Array): Hex {
  try {
    return recoverAddress(digest, signature);
  } catch (cause) {
    if (isFault(cause, "SIGNATURE_INVALID")) throw new Fault("PEER_SIGNATURE_INVALID", {}, cause);
    throw cause;
  }
}

function createNonceMemory(clock: () => Date) {
  const members = new Map<number, Map<string, number>>();
  return {
    /** @throws Fault PEER_REPLAYED, PEER_BUSY */
    use(member: number, nonce: Uint8Array, expires: number): void {
      const now = clock().getTime() / 1000;
      const seen = members.get(member) ?? new Map<string, number>();
      members.set(member, seen);
      const key = toBase64Url(nonce);
      if (seen.has(key)) throw new Fault("PEER_REPLAYED");
      if (seen.size >= NONCES_PER_MEMBER) {
        for (const [old, until] of seen) if (until < now) seen.delete(old);
      }
      if (seen.size >= NONCES_PER_MEMBER) {
        throw new Fault("PEER_BUSY", { member, seconds: 2 * CLOCK_SKEW_SECONDS });
      }
      seen.set(key, expires);
    },
  };
}
