/**
 * The first of two passes over what may be published: how much, how large, and whether it is what was sealed last. The
 * second pass seals; it is compared with the first, because records may change in between.
 */
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import { toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { lengthPrefixed } from "../../../protocol/encoding/bytes.ts";
import { payloadClass, type PayloadBytes } from "../../../protocol/sealed-table/payload.ts";
import { encodeRecords } from "../../../protocol/sealed-table/record.ts";
import { subjectInput } from "../../../protocol/subject/subject.ts";
import type { Publishable, PublicationReport, PublishableSubject } from "../records/publishable.ts";
import type { SubjectContent } from "../tables/table-tasks.ts";

/** Subjects between two turns of the event loop: a few milliseconds of decryption and encoding. */
const SUBJECTS_A_TURN = 32;

export interface Survey {
  readonly subjects: number;
  /** One size for the whole table: the smallest class that holds the largest subject. */
  readonly payloadBytes: PayloadBytes;
  /** SHA-256 over all subjects and records in order. Stays in this relayer, and is stored only as a keyed index. */
  readonly contentDigest: Hex;
  readonly report: PublicationReport;
}

/** @throws Fault RECORDS_TOO_LARGE, RECORDS_MALFORMED */
export async function surveyPublishable(publishable: Publishable): Promise<Survey> {
  const digest = createContentDigest();
  let subjects = 0;
  let largest = 0;
  for await (const content of subjectContents(publishable)) {
    digest.add(content);
    subjects += 1;
    largest = Math.max(largest, content.content.length);
  }
  return {
    subjects,
    payloadBytes: payloadClass(largest),
    contentDigest: digest.end(),
    report: publishable.report(),
  };
}

/** Subjects as they go into a table, giving way to the event loop now and then. */
export async function* subjectContents(publishable: AsyncIterable<PublishableSubject>): AsyncGenerator<SubjectContent> {
  let count = 0;
  for await (const { subject, records } of publishable) {
    yield { input: subjectInput(subject), content: encodeRecords(records) };
    if (++count % SUBJECTS_A_TURN === 0) await setImmediate();
  }
}

export interface ContentDigest {
  add(content: SubjectContent): void;
  end(): Hex;
}

export function createContentDigest(): ContentDigest {
  const hash = createHash("sha256").update(utf8("riskveil/content"));
  return {
    add({ input, content }) {
      hash.update(lengthPrefixed(input, content));
    },
    end: () => toHex(hash.digest()),
  };
}
