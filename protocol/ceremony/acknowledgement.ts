/**
 * A participant's signed word that it holds a share which fits the record. The key is put to use when all participants have given
 * it: a share that was lost before is found out then, not at the first release.
 */
import { z } from "zod";

import { fromHex, lengthPrefixed, toHex, utf8, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { canonicalJson } from "../evidence/canonical-json.ts";
import type { Sm2KeyPair } from "../sm/sm2-curve.ts";
import { sign, SIGNATURE_BYTES, verify } from "../sm/sm2-signature.ts";
import { publicKeyOf } from "./plan.ts";
import { indexOf, recordDigest, type CeremonyRecord } from "./record.ts";

const DOMAIN = utf8("riskveil/ceremony/acknowledgement/1");

export const acknowledgementSchema = z.strictObject({
  format: z.literal("riskveil/ceremony-acknowledgement/1"),
  /** `recordDigest` of the record. */
  record: z.string().regex(/^0x[0-9a-f]{64}$/),
  index: z.int().min(1),
  institution: z.string(),
  at: z.iso.datetime({ offset: true }),
  signature: z.string().regex(new RegExp(`^0x[0-9a-f]{${String(2 * SIGNATURE_BYTES)}}$`)),
});

export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

/** For one who has opened its share (`sealed-share.ts`). @throws Fault CEREMONY_NOT_A_PARTICIPANT */
export function acknowledge(
  record: CeremonyRecord,
  participant: Sm2KeyPair,
  at: Date,
  random: RandomBytes,
): Acknowledgement {
  const index = indexOf(record, participant.publicKey);
  const content = {
    format: "riskveil/ceremony-acknowledgement/1",
    record: recordDigest(record),
    index,
    institution: record.participants[index - 1]?.institution ?? "",
    at: at.toISOString(),
  } as const;
  return { ...content, signature: toHex(sign(participant, signed(content), random)) };
}

/** Whether every participant has acknowledged. @throws Fault CEREMONY_ACKNOWLEDGEMENT_INVALID, CEREMONY_SIGNATURE_INVALID,
 * CEREMONY_ACKNOWLEDGEMENT_MISSING */
export function checkAcknowledgements(record: CeremonyRecord, acknowledgements: readonly Acknowledgement[]): void {
  const digest = recordDigest(record);
  for (const { signature, ...content } of acknowledgements) {
    const participant = record.participants[content.index - 1];
    if (content.record !== digest || participant?.institution !== content.institution) {
      throw new Fault("CEREMONY_ACKNOWLEDGEMENT_INVALID", { index: content.index });
    }
    if (!verify(publicKeyOf(participant), signed(content), fromHex(signature))) {
      throw new Fault("CEREMONY_SIGNATURE_INVALID");
    }
  }
  const given = new Set(acknowledgements.map(({ index }) => index));
  const missing = record.participants.map((_, position) => position + 1).filter((index) => !given.has(index));
  if (missing.length > 0) throw new Fault("CEREMONY_ACKNOWLEDGEMENT_MISSING", { indices: missing.join(", ") });
}

function signed(content: Omit<Acknowledgement, "signature">): Uint8Array {
  return lengthPrefixed(DOMAIN, utf8(canonicalJson(content)));
}
