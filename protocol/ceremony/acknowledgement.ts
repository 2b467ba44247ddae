/**
 * A participant's signed word that it holds a share which fits the record, with its part in decrypting the trial ciphertext
 * (`trial.ts`), which only the share can make. The key is put to use when all participants have given it and the trial comes out: a
 * lost share or a wrong secret is found out then, not at the first release.
 */
import { z } from "zod";

import {
  fromBase64Url,
  fromHex,
  lengthPrefixed,
  toBase64Url,
  toHex,
  utf8,
  type RandomBytes,
} from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import { canonicalJson } from "../evidence/canonical-json.ts";
import { interpolate, sortShares } from "../paillier/combination.ts";
import { decodeShare, decryptShare, encodeShare, type DecryptionShare } from "../paillier/decryption-share.ts";
import { MOST_SHARES, type KeyShare, type ThresholdKey } from "../paillier/threshold-key.ts";
import type { Sm2KeyPair } from "../sm/sm2-curve.ts";
import { sign, SIGNATURE_BYTES, verify } from "../sm/sm2-signature.ts";
import { publicKeyOf } from "./plan.ts";
import { indexOf, recordDigest, type CeremonyRecord } from "./record.ts";
import { trialOf } from "./trial.ts";

const DOMAIN = utf8("riskveil/ceremony/acknowledgement/1");

export const acknowledgementSchema = z.strictObject({
  format: z.literal("riskveil/ceremony-acknowledgement/1"),
  /** `recordDigest` of the record. */
  record: z.string().regex(/^0x[0-9a-f]{64}$/),
  index: z.int().min(1).max(MOST_SHARES),
  institution: z.string(),
  at: z.iso.datetime({ offset: true }),
  /** Decryption share of the trial ciphertext, base64url. */
  trial: z.string().max(10_000),
  signature: z.string().regex(new RegExp(`^0x[0-9a-f]{${String(2 * SIGNATURE_BYTES)}}$`)),
});

export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

export interface AcknowledgementInput {
  readonly record: CeremonyRecord;
  readonly thresholdKey: ThresholdKey;
  readonly participant: Sm2KeyPair;
  /** The participant's own, opened (`sealed-share.ts`). */
  readonly keyShare: KeyShare;
  readonly at: Date;
}

/** @throws Fault CEREMONY_NOT_A_PARTICIPANT, PAILLIER_KEY_NOT_BLUM */
export function acknowledge(
  { record, thresholdKey, participant, keyShare, at }: AcknowledgementInput,
  random: RandomBytes,
): Acknowledgement {
  const index = indexOf(record, participant.publicKey);
  const share = decryptShare(thresholdKey, keyShare, trialOf(record, thresholdKey).task, random);
  const content = {
    format: "riskveil/ceremony-acknowledgement/1",
    record: recordDigest(record),
    index,
    institution: record.participants[index - 1]?.institution ?? "",
    at: at.toISOString(),
    trial: toBase64Url(encodeShare(thresholdKey, share)),
  } as const;
  return { ...content, signature: toHex(sign(participant, signed(content), random)) };
}

/**
 * Whether every participant has acknowledged, and the trial comes out. `thresholdKey` is the record's, opened.
 * @throws Fault CEREMONY_ACKNOWLEDGEMENT_INVALID, CEREMONY_SIGNATURE_INVALID, CEREMONY_ACKNOWLEDGEMENT_MISSING, CEREMONY_TRIAL_FAILED
 */
export function checkAcknowledgements(
  record: CeremonyRecord,
  thresholdKey: ThresholdKey,
  acknowledgements: readonly Acknowledgement[],
): void {
  const byIndex = new Map(acknowledgements.map((each) => [each.index, each]));
  for (const each of acknowledgements) checkSigned(record, each);
  const missing = record.participants.map((_, position) => position + 1).filter((index) => !byIndex.has(index));
  if (missing.length > 0) throw new Fault("CEREMONY_ACKNOWLEDGEMENT_MISSING", { indices: missing.join(", ") });

  const { task, plaintext } = trialOf(record, thresholdKey);
  const { right, rejected } = sortShares(
    thresholdKey,
    task,
    [...byIndex.values()].map((each) => trialShare(thresholdKey, each)),
  );
  const [wrong] = rejected;
  if (wrong) throw new Fault("CEREMONY_ACKNOWLEDGEMENT_INVALID", { index: wrong.index });
  // One set of t stands for all: `checkDealing` has shown that all shares are of one polynomial.
  if (interpolate(thresholdKey, right.slice(0, thresholdKey.threshold)) !== plaintext) {
    throw new Fault("CEREMONY_TRIAL_FAILED");
  }
}

function checkSigned(record: CeremonyRecord, { signature, ...content }: Acknowledgement): void {
  const participant = record.participants[content.index - 1];
  if (content.record !== recordDigest(record) || participant?.institution !== content.institution) {
    throw new Fault("CEREMONY_ACKNOWLEDGEMENT_INVALID", { index: content.index });
  }
  if (!verify(publicKeyOf(participant), signed(content), fromHex(signature))) {
    throw new Fault("CEREMONY_SIGNATURE_INVALID");
  }
}

function trialShare(thresholdKey: ThresholdKey, { index, trial }: Acknowledgement): DecryptionShare {
  try {
    const share = decodeShare(thresholdKey, fromBase64Url(trial));
    if (share.index === index) return share;
  } catch (cause) {
    throw new Fault("CEREMONY_ACKNOWLEDGEMENT_INVALID", { index }, cause);
  }
  throw new Fault("CEREMONY_ACKNOWLEDGEMENT_INVALID", { index });
}

function signed(content: Omit<Acknowledgement, "signature">): Uint8Array {
  return lengthPrefixed(DOMAIN, utf8(canonicalJson(content)));
}
