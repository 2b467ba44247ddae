/**
 * Who takes part in a ceremony: one share for each institution, at most one of them the Association's (协会). Institutions are told
 * apart by their unified social credit codes (GB 32100), not by what they call themselves.
 */
import { z } from "zod";

import { fromHex } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { MOST_SHARES } from "../paillier/threshold-key.ts";
import { parsePublicKey, PUBLIC_KEY_BYTES, type Sm2PublicKey } from "../sm/sm2-curve.ts";
import { parseSubject } from "../subject/subject.ts";

export const participantSchema = z.strictObject({
  /** Unified social credit code, 18 characters. */
  institution: z.string().min(1).max(40),
  name: z.string().min(1).max(200),
  association: z.boolean(),
  /** SM2, uncompressed, 0x and 130 hex digits. The share is sealed for it. */
  publicKey: z.string().regex(new RegExp(`^0x[0-9a-f]{${String(2 * PUBLIC_KEY_BYTES)}}$`)),
});

export const planSchema = z.strictObject({
  /** So many of the participants decrypt together. */
  threshold: z.int().min(2),
  participants: z.array(participantSchema).min(2).max(MOST_SHARES),
});

export type Participant = z.infer<typeof participantSchema>;
export type Plan = z.infer<typeof planSchema>;

/**
 * `asOf`: the day of the ceremony.
 * @throws Fault CEREMONY_INSTITUTION_REPEATED for a code or a key that is there twice, CEREMONY_ASSOCIATION_REPEATED,
 * SUBJECT_NUMBER_INVALID for a code with a wrong check character, SM2_PUBLIC_KEY_INVALID, PAILLIER_THRESHOLD_INVALID
 */
export function checkPlan({ threshold, participants }: Plan, asOf: Date): void {
  if (threshold > participants.length) {
    throw new Fault("PAILLIER_THRESHOLD_INVALID", { threshold, shares: participants.length });
  }
  const seen = new Set<string>();
  for (const participant of participants) {
    const { institution, publicKey } = participant;
    for (const each of [parseSubject({ scheme: "cn-uscc", number: institution }, { asOf }), publicKey]) {
      if (seen.has(each)) throw new Fault("CEREMONY_INSTITUTION_REPEATED", { institution });
      seen.add(each);
    }
    publicKeyOf(participant);
  }
  const count = participants.filter(({ association }) => association).length;
  if (count > 1) throw new Fault("CEREMONY_ASSOCIATION_REPEATED", { count });
}

/** @throws Fault SM2_PUBLIC_KEY_INVALID */
export function publicKeyOf({ publicKey }: Pick<Participant, "publicKey">): Sm2PublicKey {
  return parsePublicKey(fromHex(publicKey));
}
