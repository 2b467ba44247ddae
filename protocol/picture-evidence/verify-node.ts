/** The checks of one node's request and response. */
import { bytesEqual, concatBytes, fromHex, toHex, uint, type Hex } from "../encoding/bytes.ts";
import { keccak256 } from "../encoding/digest.ts";
import { locatorInput } from "../aggregate/locator.ts";
import { aggregateTag } from "../aggregate/mask.ts";
import { decryptionShares } from "../aggregate/query.ts";
import type { Row } from "../aggregate/row.ts";
import { standardSchema } from "../aggregate/schema.ts";
import { requireComputed, requireThat, type CheckRun } from "../evidence/check-run.ts";
import type { SessionFact } from "../evidence/chain-facts.ts";
import { elementAt, verifyExchange, verifySession } from "../evidence/verify-exchange.ts";
import type { Element, Scalar } from "../group/group.ts";
import { combine, multiplyGenerator } from "../group/points.ts";
import { ONE } from "../group/residues.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { KEY_PURPOSES, type NodeService } from "../key-round/round.ts";
import type { Exchange } from "../oblivious-lookup/leaf.ts";
import { ristretto255Sha512 } from "../oprf/oprf.ts";
import { subjectInput, type SubjectId } from "../subject/subject.ts";
import { thresholdOprf } from "../threshold/threshold-oprf.ts";
import type { PictureChainFacts } from "./chain-facts.ts";
import type { EvidencedPicture, NodeExchange, PictureEvidence } from "./package.ts";
import { keySharedIn, type SharedKey, type VerifiedEdition } from "./verify-edition.ts";

/** What a node's answer is worth; absent where the checks behind it are not ok. */
export interface VerifiedPart {
  readonly service: Hex;
  readonly use: NodeService;
  readonly session: SessionFact | undefined;
  readonly exchange: Exchange | undefined;
  /** The subject's elements, proved against the share of node `index` in its round; also absent where there is no proof. */
  readonly part:
    { readonly shared: SharedKey; readonly index: number; readonly elements: readonly Element[] } | undefined;
}

/** What the elements of a request must be of; undefined where the checks behind it are not ok. */
export interface AskedAbout {
  readonly subject: SubjectId | undefined;
  /** Its evaluation, 64 bytes. */
  readonly y: Uint8Array | undefined;
}

/** Elements of one subject. */
export const WIDTHS: Readonly<Record<NodeService, number>> = {
  evaluation: 1,
  locator: 1,
  query: standardSchema.slotCount,
};

const SCHEMES = { evaluation: thresholdOprf, locator: thresholdOprf, query: decryptionShares };

export async function verifyNode(
  run: CheckRun<PictureChainFacts>,
  { chain, query, picture }: PictureEvidence,
  exchange: NodeExchange,
  { subject, y }: AskedAbout,
  edition: VerifiedEdition,
): Promise<VerifiedPart> {
  const { service: use, dataset } = exchange;
  const width = WIDTHS[use];
  const session = await verifySession(run, query, exchange);
  const node = await run.check("NODE", [edition.keys], (keys) => nodeOf(run, chain, exchange, keys[use]));
  const verified = await verifyExchange(run, {
    ...{ query, exchange, subject, session, width, holder: node && exchange.holder },
    domain: { chainId: chain.chainId, ledger: chain.queryLedger },
    oprf: ristretto255Sha512,
    async verifyElements(request) {
      if (use === "evaluation") {
        await run.check("BLIND", [request, subject], (asked, about) => {
          const blinded = requireComputed(() => blindedInput(subjectInput(about), picture.blind), "BLIND_OTHER");
          requireThat(bytesEqual(blinded, elementAt(asked.elements, exchange.index)), "BLIND_OTHER");
        });
      } else if (use === "locator") {
        await run.check("BLIND", [request, y], (asked, evaluation) => {
          const input = locatorInput(aggregateTag(evaluation, picture.edition), picture.edition);
          const blinded = requireComputed(() => blindedInput(input, picture.locatorBlind), "BLIND_OTHER");
          requireThat(bytesEqual(blinded, elementAt(asked.elements, exchange.index)), "BLIND_OTHER");
        });
      } else {
        await run.check("MASK", [request, edition.row], (asked, row) => {
          const masked = requireComputed(() => maskedRow(picture, row === "none" ? undefined : row), "MASK_OTHER");
          const theirs = subjectsElements(asked.elements, exchange.index, width);
          requireThat(bytesEqual(concatBytes(...masked), concatBytes(...theirs)), "MASK_OTHER");
        });
      }
    },
  });
  const part = await run.check(
    "PROOF",
    [verified.request, verified.response, node],
    (asked, read, { index, shared }) => {
      const bytes = concatBytes(...read.evaluated, read.proof);
      const elements = SCHEMES[use].read(shared.keys, asked.elements, { from: index, bytes });
      if (typeof elements === "string") {
        requireThat(!exchange.proved, "PROOF_INVALID");
        return undefined;
      }
      requireThat(exchange.proved, "PART_PROVED");
      return { shared, index, elements: subjectsElements(elements, exchange.index, width) };
    },
  );
  return { service: dataset, use, session: verified.session, exchange: verified.exchange, part };
}

/** Index of the node in the round of its answer: the edition's, or one that shares the key anew. */
async function nodeOf(
  run: CheckRun<PictureChainFacts>,
  { chainId, algorithmNodes }: PictureEvidence["chain"],
  { dataset, holder, epoch, service }: NodeExchange,
  own: SharedKey,
): Promise<{ readonly index: number; readonly shared: SharedKey }> {
  const shared = await keySharedIn(run, epoch, service, own);
  requireThat((await run.chain.nodeService(holder, service)) === dataset, "NODE_SERVICE_OTHER");
  requireThat(serviceIdOf(chainId, algorithmNodes, holder, service) === dataset, "SERVICE_ID_WRONG");
  const index = shared.nodes.indexOf(holder) + 1;
  requireThat(index > 0, "NODE_NOT_IN_ROUND");
  return { index, shared };
}

/** keccak256(abi.encode(chain id, contract, node, purpose)): ties the service, and with it the session, to the contract. */
export function serviceIdOf(chainId: number, algorithmNodes: Hex, node: number, service: NodeService): Hex {
  const word = (value: Uint8Array): Uint8Array => concatBytes(new Uint8Array(32 - value.length), value);
  const purpose = KEY_PURPOSES.indexOf(service);
  const fields = [
    word(uint(chainId, 6)),
    word(fromHex(algorithmNodes, 20)),
    word(uint(node, 4)),
    word(uint(purpose, 1)),
  ];
  return toHex(keccak256(...fields));
}

function blindedInput(input: Uint8Array, blind: Hex): Uint8Array {
  return ristretto255Sha512.blind(input, ristretto255Sha512.decodeScalar(fromHex(blind)));
}

/** By slot R + r' G, as `requestDecryption` makes it; in place of R stands G where there is no row. */
function maskedRow(picture: EvidencedPicture, row: Row | undefined): Uint8Array[] {
  const generator = multiplyGenerator(ONE);
  return blindsOf(picture).map((blind, slot) =>
    combine({ generator: blind, addends: [row?.ciphertexts[slot]?.ephemeral ?? generator] }),
  );
}

/** By slot. @throws Fault for one that is no scalar */
export function blindsOf({ blinds }: EvidencedPicture): Scalar[] {
  const { scalarBytes } = ristretto255;
  const bytes = fromHex(blinds);
  return Array.from({ length: bytes.length / scalarBytes }, (_, slot) =>
    ristretto255Sha512.decodeScalar(bytes.slice(slot * scalarBytes, (slot + 1) * scalarBytes)),
  );
}

function subjectsElements(elements: readonly Element[], index: number, width: number): Element[] {
  return elements.slice(index * width, (index + 1) * width);
}
