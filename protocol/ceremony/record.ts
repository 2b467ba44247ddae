/**
 * The public record of a ceremony: what was dealt, to whom, signed by the dealer with SM2 over the RFC 8785 form of everything
 * else in it. Whoever uses the threshold key takes it from here, having checked the dealer's key on another way.
 *
 * What it shows: that the shares belong together and to these institutions. What it cannot show: that n is the product of two
 * safe primes, and that whoever ran the ceremony kept nothing (docs/guides/ceremony.md).
 */
import { z } from "zod";

import { bytesEqual, fromHex, lengthPrefixed, toHex, utf8, type Hex, type RandomBytes } from "../encoding/bytes.ts";
import { SALT_BYTES, sm3 } from "../encoding/digest.ts";
import { Fault } from "../errors/fault.ts";
import { canonicalJson } from "../evidence/canonical-json.ts";
import type { Dealing } from "../paillier/deal.ts";
import { decimal, KEY_BITS, openKey, publicKeyFromJson, publicKeyToJson } from "../paillier/public-key.ts";
import { checkDealing, MOST_SHARES, openThresholdKey, type ThresholdKey } from "../paillier/threshold-key.ts";
import type { Sm2KeyPair, Sm2PublicKey } from "../sm/sm2-curve.ts";
import { sign, SIGNATURE_BYTES, verify } from "../sm/sm2-signature.ts";
import { checkPlan, participantSchema, publicKeyOf, type Plan } from "./plan.ts";
import { sealedBytes, sealedDigest, sealShare, toSealedShare, type SealedShare } from "./sealed-share.ts";

const DOMAIN = utf8("riskveil/ceremony/record/1");
const DIGEST = /^0x[0-9a-f]{64}$/;
/** For records that nobody may use: two primes of 256 bits are drawn in no time. */
export const REHEARSAL_BITS = 512;

const digits = z.string().max(4000);

export const recordSchema = z.strictObject({
  format: z.literal("riskveil/ceremony/1"),
  id: z.string().regex(DIGEST),
  /** ISO 8601 with zone, as the dealer's clock said. */
  at: z.iso.datetime({ offset: true }),
  /** Keys of a rehearsal are short and known: never to be used. */
  rehearsal: z.boolean(),
  dealer: participantSchema.shape.publicKey,
  threshold: z.int().min(2),
  publicKey: z.strictObject({ n: digits, g: digits }),
  verificationBase: digits,
  /** In the order of their numbers, from 1. */
  participants: z
    .array(
      participantSchema.extend({
        verificationKey: digits,
        salt: z.string().regex(DIGEST),
        sealedDigest: z.string().regex(DIGEST),
      }),
    )
    .min(2)
    .max(MOST_SHARES),
  signature: z.string().regex(new RegExp(`^0x[0-9a-f]{${String(2 * SIGNATURE_BYTES)}}$`)),
});

export type CeremonyRecord = z.infer<typeof recordSchema>;

export interface Ceremony {
  readonly record: CeremonyRecord;
  /** For participants 1 to l. */
  readonly sealed: readonly SealedShare[];
}

export interface CeremonyInput {
  readonly plan: Plan;
  readonly dealing: Dealing;
  readonly dealer: Sm2KeyPair;
  readonly at: Date;
  readonly rehearsal: boolean;
}

/** @throws Fault those of `checkPlan`; CEREMONY_RECORD_INVALID if the dealing is another than planned */
export function holdCeremony({ plan, dealing, dealer, at, rehearsal }: CeremonyInput, random: RandomBytes): Ceremony {
  checkPlan(plan, at);
  const { thresholdKey, keyShares } = dealing;
  const fits =
    plan.threshold === thresholdKey.threshold &&
    plan.participants.length === thresholdKey.shares &&
    keyShares.every(({ index }, position) => index === position + 1);
  if (!fits) throw new Fault("CEREMONY_RECORD_INVALID");
  const id = random(32);
  const sealed: SealedShare[] = [];
  const participants = plan.participants.map((participant, position) => {
    const share = keyShares[position];
    const verificationKey = thresholdKey.verificationKeys[position];
    if (!share || verificationKey === undefined) throw new Fault("CEREMONY_RECORD_INVALID");
    const bytes = sealShare(id, thresholdKey, share, publicKeyOf(participant), random);
    const salt = random(SALT_BYTES);
    sealed.push(toSealedShare(toHex(id), share.index, bytes));
    const digest = toHex(sealedDigest(salt, bytes));
    return { ...participant, verificationKey: verificationKey.toString(), salt: toHex(salt), sealedDigest: digest };
  });
  const content: Omit<CeremonyRecord, "signature"> = {
    format: "riskveil/ceremony/1",
    id: toHex(id),
    at: at.toISOString(),
    rehearsal,
    dealer: toHex(dealer.publicKey),
    threshold: plan.threshold,
    publicKey: publicKeyToJson(thresholdKey.key),
    verificationBase: thresholdKey.verificationBase.toString(),
    participants,
  };
  return { record: { ...content, signature: toHex(sign(dealer, signed(content), random)) }, sealed };
}

export interface Expectation {
  /** The dealer's key as it was told on another way. */
  readonly dealer: Sm2PublicKey;
  /** Whether a rehearsal's record is wanted: one is never taken for the other. */
  readonly rehearsal: boolean;
}

/**
 * The threshold key of a record that holds in every respect that can be checked.
 * @throws Fault CEREMONY_DEALER_UNEXPECTED, CEREMONY_SIGNATURE_INVALID, CEREMONY_RECORD_INVALID, those of `checkPlan`,
 * `openThresholdKey` and `checkDealing`
 */
export function openRecord(record: CeremonyRecord, { dealer, rehearsal }: Expectation): ThresholdKey {
  const { signature, ...content } = record;
  if (content.dealer !== toHex(dealer)) throw new Fault("CEREMONY_DEALER_UNEXPECTED");
  if (!verify(dealer, signed(content), fromHex(signature))) throw new Fault("CEREMONY_SIGNATURE_INVALID");
  if (content.rehearsal !== rehearsal) throw new Fault("CEREMONY_RECORD_INVALID");
  checkPlan(content, new Date(content.at));
  const key = openKey(publicKeyFromJson(content.publicKey), rehearsal ? REHEARSAL_BITS : KEY_BITS);
  const verificationKeys = content.participants.map(({ verificationKey }) => decimal(verificationKey));
  const thresholdKey = openThresholdKey({ key, threshold: content.threshold, verificationKeys });
  if (content.verificationBase !== thresholdKey.verificationBase.toString()) throw new Fault("CEREMONY_RECORD_INVALID");
  checkDealing(thresholdKey);
  return thresholdKey;
}

/** Of participant `index`, from 1. @throws Fault CEREMONY_SEALED_SHARE_INVALID unless the record is of these very bytes */
export function checkSealed({ id, participants }: CeremonyRecord, share: SealedShare): void {
  const participant = participants[share.index - 1];
  const digest = participant && sealedDigest(fromHex(participant.salt), sealedBytes(share));
  if (share.ceremony !== id || !digest || !bytesEqual(digest, fromHex(participant.sealedDigest))) {
    throw new Fault("CEREMONY_SEALED_SHARE_INVALID");
  }
}

/** Number of the participant with this key, from 1. @throws Fault CEREMONY_NOT_A_PARTICIPANT */
export function indexOf({ participants }: CeremonyRecord, publicKey: Sm2PublicKey): number {
  const position = participants.findIndex((participant) => participant.publicKey === toHex(publicKey));
  if (position < 0) throw new Fault("CEREMONY_NOT_A_PARTICIPANT");
  return position + 1;
}

/** SM3 over the signed content and the signature: what acknowledgements name. Public and random, so unsalted. */
export function recordDigest({ signature, ...content }: CeremonyRecord): Hex {
  return toHex(sm3(lengthPrefixed(signed(content), fromHex(signature))));
}

function signed(content: Omit<CeremonyRecord, "signature">): Uint8Array {
  return lengthPrefixed(DOMAIN, utf8(canonicalJson(content)));
}
