/** A participant's part: opens its share, checks it against record and verification key, and acknowledges. */
import { acknowledge, acknowledgementSchema, checkAcknowledgements } from "../../protocol/ceremony/acknowledgement.ts";
import { checkSealed, indexOf, openRecord, recordSchema, type Expectation } from "../../protocol/ceremony/record.ts";
import { openShare, sealedShareSchema } from "../../protocol/ceremony/sealed-share.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { Sm2KeyPair } from "../../protocol/sm/sm2-curve.ts";
import { randomSource } from "../governance/random-source.ts";
import { acknowledgementFile, readJson, writeJson } from "./files.ts";
import { words, type Say } from "./words.ts";

export interface VerifyOptions extends Expectation {
  readonly record: string;
  readonly sealed: string;
  readonly participant: Sm2KeyPair;
  /** Where the acknowledgement goes. */
  readonly directory: string;
  readonly at: Date;
}

/**
 * The acknowledgement's file. The opened share is not written: who needs it opens the sealed file again.
 * @throws Fault CEREMONY_FILE_INVALID, CEREMONY_FILE_EXISTS, CEREMONY_NOT_A_PARTICIPANT, those of `openRecord`, `checkSealed`, `openShare`
 */
export async function verifyShare(options: VerifyOptions, say: Say): Promise<string> {
  const { participant, directory, at } = options;
  const record = await readJson(options.record, recordSchema);
  const thresholdKey = openRecord(record, options);
  const index = indexOf(record, participant.publicKey);
  const sealed = await readJson(options.sealed, sealedShareSchema);
  if (sealed.index !== index) throw new Fault("CEREMONY_SEALED_SHARE_INVALID");
  checkSealed(record, sealed);
  const keyShare = openShare(thresholdKey, sealed, participant.secretKey);
  say(words.fits(index));
  const acknowledgement = acknowledge({ record, thresholdKey, participant, keyShare, at }, randomSource);
  const file = await writeJson(directory, acknowledgementFile(index), acknowledgement);
  say(words.written(file));
  return file;
}

export interface CompleteOptions extends Expectation {
  readonly record: string;
  readonly acknowledgements: readonly string[];
}

/** @throws Fault those of `openRecord` and `checkAcknowledgements` */
export async function completeCeremony(options: CompleteOptions, say: Say): Promise<void> {
  const record = await readJson(options.record, recordSchema);
  const thresholdKey = openRecord(record, options);
  const given = await Promise.all(options.acknowledgements.map((file) => readJson(file, acknowledgementSchema)));
  checkAcknowledgements(record, thresholdKey, given);
  say(words.complete(record.participants.length));
}
