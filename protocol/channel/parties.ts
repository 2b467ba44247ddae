/** Who agrees on a session, and what each must know of the other beforehand. */
import { bytesEqual, fromHex, lengthPrefixed, uint, type Hex } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import type { Certificate, CertificateDigest } from "../certificates/certificate.ts";
import type { Sm2KeyPair } from "../sm/sm2-curve.ts";

/** The network in which a session counts: messages of one are none in another. */
export interface ChannelNetwork {
  readonly chainId: number;
  /** Address of the member registry. */
  readonly memberRegistry: Hex;
}

/** This relayer: its member's id on chain, and a certified key. While keys change, the newer one that is on chain. */
export interface LocalIdentity {
  readonly member: number;
  readonly key: Sm2KeyPair;
  readonly certificate: Certificate;
}

/**
 * An active member as the registry has it now. While a member changes its key, both certificates' digests.
 * A member that is not active is no peer: the caller passes undefined in its place.
 */
export interface Peer {
  readonly member: number;
  readonly certificateDigests: readonly CertificateDigest[];
}

export interface Parties {
  readonly network: ChannelNetwork;
  readonly initiator: number;
  readonly responder: number;
}

/** @throws RangeError if a number or the address is out of range */
export function encodeParties({ network, initiator, responder }: Parties): Uint8Array {
  return lengthPrefixed(
    uint(network.chainId, 6),
    fromHex(network.memberRegistry.toLowerCase(), 20),
    uint(initiator, 4),
    uint(responder, 4),
  );
}

/**
 * The registry, not the certificate, says which member a certificate belongs to: authorities on the trust list certify firms,
 * and the member's digest on chain was admitted by the Association.
 * @throws Fault CHANNEL_PEER_NOT_ACTIVE, CHANNEL_CERTIFICATE_NOT_REGISTERED
 */
export function requireRegistered(member: number, digest: CertificateDigest, peer: Peer | undefined): void {
  if (peer?.member !== member) throw new Fault("CHANNEL_PEER_NOT_ACTIVE", { member });
  if (!peer.certificateDigests.some((registered) => bytesEqual(registered, digest))) {
    throw new Fault("CHANNEL_CERTIFICATE_NOT_REGISTERED", { member });
  }
}
