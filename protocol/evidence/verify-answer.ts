/** The checks of one dataset's answer: by which right it was asked, whose it is, and under which committed key. */
import { bytesEqual, concatBytes, fromHex, toHex, uint, type Hex } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { RECORD_SCHEMA } from "../sealed-table/record.ts";
import { suiteById, type SealingSuite } from "../sealed-table/suite.ts";
import { subjectInput, type SubjectId } from "../subject/subject.ts";
import { requireComputed, requireKnown, requireThat, type CheckRun } from "./check-run.ts";
import type { EvidenceAnswer, EvidencePackage } from "./package.ts";
import { elementAt, verifyExchange, verifySession, type VerifiedExchange } from "./verify-exchange.ts";

/** What the table's checks and the anchor's go on with; absent where the checks behind it are not ok. */
export interface VerifiedAnswer extends VerifiedExchange {
  readonly committed: Committed | undefined;
}

export interface Committed {
  readonly suite: SealingSuite;
  readonly entrySize: number;
  /** Ledger time, Unix seconds. */
  readonly publishedAt: number;
}

export async function verifyAnswer(
  run: CheckRun,
  { chain, query }: EvidencePackage,
  answer: EvidenceAnswer,
  subject: SubjectId | undefined,
): Promise<VerifiedAnswer> {
  const session = await verifySession(run, query, answer);
  const holder = await run.check("DATASET", [], () => holderOf(run, chain, answer));
  const committed = await run.check("COMMITMENT", [], () => commitmentOf(run, answer));
  const verified = await verifyExchange(run, {
    ...{ query, exchange: answer, subject, session, holder },
    domain: { chainId: chain.chainId, ledger: chain.queryLedger },
    oprf: committed?.suite.oprf,
    width: 1,
    async verifyElements(request) {
      await run.check("BLIND", [request, subject, committed], (asked, about, { suite }) => {
        const blinded = requireComputed(
          () => suite.oprf.blind(subjectInput(about), suite.oprf.decodeScalar(fromHex(answer.blind))),
          "BLIND_OTHER",
        );
        requireThat(bytesEqual(blinded, elementAt(asked.elements, answer.index)), "BLIND_OTHER");
      });
    },
  });
  const { request, response } = verified;
  await run.check("PROOF", [request, response, committed], (asked, read, { suite }) => {
    const key = fromHex(answer.publicKey);
    requireThat(suite.oprf.verifyProof(key, asked.elements, read.evaluated, read.proof), "PROOF_INVALID");
  });
  return { ...verified, committed };
}

async function holderOf(run: CheckRun, chain: EvidencePackage["chain"], answer: EvidenceAnswer): Promise<number> {
  const { holder, label } = requireKnown(await run.chain.dataset(answer.dataset), "DATASET_UNKNOWN");
  requireThat(holder === answer.holder, "DATASET_OTHER_HOLDER");
  requireThat(datasetIdOf(chain.chainId, chain.datasetRegistry, holder, label) === answer.dataset, "DATASET_ID_WRONG");
  return holder;
}

/** keccak256(abi.encode(chain id, registry, holder, label)): ties the dataset, and with it the session, to the registry. */
export function datasetIdOf(chainId: number, registry: Hex, holder: number, label: Hex): Hex {
  const word = (value: Uint8Array): Uint8Array => concatBytes(new Uint8Array(32 - value.length), value);
  const fields = [word(uint(chainId, 6)), word(fromHex(registry, 20)), word(uint(holder, 4)), fromHex(label, 32)];
  return toHex(keccak256(...fields));
}

async function commitmentOf(run: CheckRun, answer: EvidenceAnswer): Promise<Committed> {
  const found = await run.chain.commitment(answer.dataset, answer.epoch, answer.revision);
  const commitment = requireKnown(found, "COMMITMENT_UNKNOWN");
  requireThat(commitment.root === answer.root, "ROOT_OTHER");
  requireThat(commitment.publicKey === answer.publicKey, "KEY_OTHER");
  requireThat(commitment.suite === answer.suite, "SUITE_OTHER");
  requireThat(commitment.schema === RECORD_SCHEMA, "SCHEMA_OTHER");
  const { entrySize, publishedAt } = commitment;
  return { suite: requireComputed(() => suiteById(answer.suite), "SUITE_OTHER"), entrySize, publishedAt };
}
