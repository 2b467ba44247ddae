/**
 * A querier's picture of one subject, made with real threshold keys, signatures and rows in memory: seven answers of three nodes,
 * one of them a lie. The chain is a fake that is generated from the same facts, so it shows that the verifier compares and not
 * that the contracts agree with it.
 */
import { concatBytes, fromHex, toHex, utf8, type Hex } from "../../../protocol/encoding/bytes.ts";
import { sha256 } from "../../../protocol/encoding/digest.ts";
import { encrypt } from "../../../protocol/aggregate/elgamal.ts";
import { covers, locatorInput, placeOf } from "../../../protocol/aggregate/locator.ts";
import { aggregateTag, masks } from "../../../protocol/aggregate/mask.ts";
import { requestDecryption } from "../../../protocol/aggregate/query.ts";
import { commitRows, decodeRow, encodeRow, proveRow, type Row } from "../../../protocol/aggregate/row.ts";
import { packRow, standardSchema, type AggregateSums } from "../../../protocol/aggregate/schema.ts";
import type { LedgerFacts } from "../../../protocol/evidence/chain-facts.ts";
import type { Scalar } from "../../../protocol/group/group.ts";
import { addPoints, multiplyPoint } from "../../../protocol/group/points.ts";
import { residueOf } from "../../../protocol/group/residues.ts";
import { NODE_SERVICES, type NodeService } from "../../../protocol/key-round/round.ts";
import { addressOf, signDigest } from "../../../protocol/oblivious-lookup/typed-data.ts";
import { ristretto255Sha512 } from "../../../protocol/oprf/oprf.ts";
import {
  buildPictureEvidence,
  type NodeExchangeFacts,
  type PictureEvidenceFacts,
} from "../../../protocol/picture-evidence/build.ts";
import type { KeyRoundFact, PictureChainFacts } from "../../../protocol/picture-evidence/chain-facts.ts";
import type { PictureEvidence } from "../../../protocol/picture-evidence/package.ts";
import { serviceIdOf } from "../../../protocol/picture-evidence/verify-node.ts";
import type { Tag } from "../../../protocol/sealed-table/table-id.ts";
import { subjectInput, type SubjectId } from "../../../protocol/subject/subject.ts";
import { encodeKeySet } from "../../../protocol/threshold/key-set.ts";
import {
  anchoredAt,
  anchorOf,
  memberRegistry,
  queryId,
  requestedAt,
  seal,
  sealedAt,
  subject,
} from "../evidence/evidence-fixture.ts";
import { domain, querierAddress, querierKey, seededRandom } from "../oblivious-lookup/lookup-fixture.ts";
import { secretOf, trustedKey } from "../threshold/ceremony.ts";
import { composeExchange, type NodeDemand } from "./node-exchange.ts";

const random = seededRandom("picture evidence");
const QUERIER = 4;
export const EDITION = 3;
export const ROUND = { evaluation: 2, locator: 4, query: 5 } as const;
/** Shares the query key anew, among the same nodes. */
export const RESHARED = 8;
/** Members, by index in the protocol from 1. */
export const NODES = [12, 11, 13] as const;
export const openedAt = 1_772_000_000;
export const publishedAt = openedAt - 86_400;
const expiresAt = openedAt + 1_000_000;
const algorithmNodes: Hex = `0x${"a1".repeat(20)}`;
const keyRounds: Hex = `0x${"b2".repeat(20)}`;
const consortiumTables: Hex = `0x${"c3".repeat(20)}`;
const parameters = { threshold: 2, nodes: 3 };
const dealt = {
  evaluation: trustedKey(parameters),
  query: trustedKey(parameters),
  layer: trustedKey(parameters),
  locator: trustedKey(parameters),
};
const reshared = trustedKey(parameters, secretOf(dealt.query.shares) as Scalar);
const keySets = {
  evaluation: toHex(encodeKeySet(dealt.evaluation.keys)),
  locator: toHex(concatBytes(encodeKeySet(dealt.layer.keys), encodeKeySet(dealt.locator.keys))),
  query: toHex(encodeKeySet(dealt.query.keys)),
  reshared: toHex(encodeKeySet(reshared.keys)),
};
const secretKey = secretOf(dealt.evaluation.shares) as Scalar;
const locatorKey = secretOf(dealt.locator.shares) as Scalar;

const summaries = [
  { counts: { B1: 2, C2: 1 }, overdueFen: 120_000_00 },
  { counts: { B1: 1 }, overdueFen: 3_50 },
];
export const sums: AggregateSums = {
  ...{ contributors: 2, overdueFen: 120_003_50, capped: 0 },
  counts: { A1: 0, A2: 0, B1: 3, B2: 0, B3: 0, B4: 0, C1: 0, C2: 1 },
};

/** The row of those that contributed about a subject, as it stands in the edition. */
function rowOf(y: Uint8Array): Uint8Array {
  const contributors = residueOf(summaries.length);
  const covering = covers(locationOf(y), EDITION, standardSchema.slotCount);
  const packed = summaries.map((summary) => packRow(standardSchema, summary));
  const ciphertexts = masks(y, EDITION, standardSchema.slotCount).map((mask, slot) => {
    const value = packed.reduce((total, slots) => total + (slots[slot] ?? 0), 0);
    const { publicKey } = dealt.query.keys;
    const hidden = addPoints(multiplyPoint(contributors, mask), covering[slot]!);
    return encrypt(publicKey, value, hidden, ristretto255Sha512.randomScalar(random));
  });
  return encodeRow({ tag: placeOfEvaluation(y), ciphertexts });
}

function placeOfEvaluation(y: Uint8Array): Tag {
  return placeOf(locationOf(y), EDITION);
}

function locationOf(y: Uint8Array): Uint8Array {
  return ristretto255Sha512.evaluate(locatorKey, inputOf(y));
}

/** What is located. */
function inputOf(y: Uint8Array): Uint8Array {
  return locatorInput(aggregateTag(y, EDITION), EDITION);
}

function evaluationOf(input: Uint8Array): Uint8Array {
  return ristretto255Sha512.evaluate(secretKey, input);
}

/** @param spoil changes the first row */
function tableWith(about: readonly Uint8Array[], spoil: Variation["spoil"] = (row) => row) {
  const inputs = [...about, ...Array.from({ length: 4 - about.length }, (_, index) => utf8(`dummy ${index}`))];
  const [first, ...others] = inputs.map((input) => rowOf(evaluationOf(input)));
  if (!first) throw new Error("four rows");
  const rows = [spoil(first), ...others].toSorted((a, b) => Buffer.compare(a, b));
  return { rows, committed: commitRows(rows) };
}

function keyOf(node: number): Uint8Array {
  return sha256(utf8(`node ${node}`));
}

export function serviceOf(node: number, service: NodeService): Hex {
  return serviceIdOf(domain.chainId, algorithmNodes, node, service);
}

/** A row that is malformed is asked for like none, as relayers do. */
function soundRow(row: Uint8Array): Row | undefined {
  try {
    return decodeRow(row, standardSchema.slotCount);
  } catch {
    return undefined;
  }
}

/** The answer of one of this fixture's nodes, honest unless `liar`. @param lane 0: the first request of the lane */
function exchange(demand: Asked, node: number, session: Uint8Array, lane: number, liar = false): NodeExchangeFacts {
  const { service, epoch = ROUND[service] } = demand;
  return composeExchange({
    ...{ ...demand, session, lane, liar, domain, sign: seal, subject, random, node },
    ...{ dataset: fromHex(serviceOf(node, service), 32), epoch, key: epoch === RESHARED ? reshared : dealt[service] },
    index: NODES.findIndex((each) => each === node) + 1,
    signNode: (digest) => signDigest(keyOf(node), digest),
  });
}

type Asked = Pick<NodeDemand, "service" | "elements" | "subjects"> & Partial<Pick<NodeDemand, "epoch">>;

/** What is left out, or asked in another's place. */
export interface Variation {
  /** Nodes by position that answer truly in each stage. */
  readonly evaluate?: readonly number[];
  readonly locate?: readonly number[];
  readonly decrypt?: readonly number[];
  /** Rounds in which they decrypt, in the same order; the edition's where none is said. */
  readonly decryptIn?: readonly number[];
  /** The row that the querier has decrypted is that of somebody else. */
  readonly anothersRow?: boolean;
  /** What the aggregator made of the subject's row. */
  readonly spoil?: (row: Uint8Array) => Uint8Array;
}

const other = "cn-passport:E00000002" as SubjectId;

/** @param there whether the subject has a row */
export function pictureFacts(there: boolean, variation: Variation = {}): PictureEvidenceFacts {
  const {
    evaluate = [0, 2],
    locate = [1, 2],
    decrypt = [0, 1],
    decryptIn = [],
    anothersRow = false,
    spoil,
  } = variation;
  const subjects = [other, subject];
  const table = tableWith(there ? [subjectInput(subject), subjectInput(other)] : [subjectInput(other)], spoil);
  const blinds = subjects.map(() => ristretto255Sha512.randomScalar(random));
  const blinded = subjects.map((about, at) =>
    ristretto255Sha512.blind(subjectInput(about), blinds[at] ?? ristretto255Sha512.randomScalar(random)),
  );
  const place = placeOfEvaluation(evaluationOf(subjectInput(anothersRow ? other : subject)));
  const locatorBlinds = subjects.map(() => ristretto255Sha512.randomScalar(random));
  const tags = subjects.map((about, at) =>
    ristretto255Sha512.blind(inputOf(evaluationOf(subjectInput(about))), locatorBlinds[at] as Scalar),
  );
  const { leaf, path, row } = proveRow(table.committed, table.rows, place);
  const theirs = requestDecryption(standardSchema, undefined, random);
  const ours = requestDecryption(standardSchema, row && soundRow(row), random);
  const [first, second, third] = [random(32), random(32), random(32)];
  const evaluation = { service: "evaluation" as const, elements: blinded, subjects };
  const locator = { service: "locator" as const, elements: tags, subjects };
  const query = { service: "query" as const, elements: [...theirs.elements, ...ours.elements], subjects };
  const node = (position: number): number => NODES[position] ?? 0;
  const evaluations = [
    exchange(evaluation, NODES[1], first, 0, true),
    ...evaluate.map((position) => exchange(evaluation, node(position), first, 1 + position)),
  ];
  const locations = locate.map((position) => exchange(locator, node(position), third, position));
  const decryptions = decrypt.map((position, at) =>
    exchange({ ...query, epoch: decryptIn[at] ?? ROUND.query }, node(position), second, position),
  );
  return {
    chain: {
      ...{ chainId: domain.chainId, queryLedger: domain.ledger, memberRegistry, instanceSalt: sha256(utf8("salt")) },
      ...{ algorithmNodes, keyRounds, consortiumTables },
    },
    query: { id: queryId, querier: QUERIER, purpose: "CREDIT_GRANTING", requestedAt, subject },
    picture: {
      ...{ edition: EDITION, root: table.committed.tree.root, blind: blinds[1] ?? random(32), blinds: ours.blinds },
      locatorBlind: locatorBlinds[1] ?? random(32),
      ...{ leaf, path },
      ...(row && { found: { row, sums } }),
    },
    exchanges: [...evaluations, ...locations, ...decryptions],
    anchors: [anchorOf(evaluations, 5), anchorOf(locations, 3), anchorOf(decryptions, 2)],
  };
}

export function buildPicture(facts: PictureEvidenceFacts): PictureEvidence {
  return buildPictureEvidence(facts, sealedAt, seal);
}

/** What the chain would say if everything in `facts` happened on it. */
export function pictureChain(facts: PictureEvidenceFacts): PictureChainFacts {
  const { chainId, queryLedger, instanceSalt, ...others } = facts.chain;
  return {
    ...ledgerOf(facts),
    contracts: {
      queryLedger,
      memberRegistry: others.memberRegistry,
      algorithmNodes: others.algorithmNodes,
      keyRounds: others.keyRounds,
      consortiumTables: others.consortiumTables,
    },
    chainId: () => Promise.resolve(chainId),
    instanceSalt: () => Promise.resolve(toHex(instanceSalt)),
    nodeService: (node, service) => Promise.resolve(serviceOf(node, service)),
    keyRound: (number) => {
      const nodes = [...NODES];
      const rounds = new Map<number, KeyRoundFact>([
        [ROUND.evaluation, { purposes: ["evaluation"], nodes, keySets: keySets.evaluation }],
        [ROUND.locator, { purposes: ["layer", "locator"], nodes, keySets: keySets.locator }],
        [ROUND.query, { purposes: ["query"], nodes, keySets: keySets.query }],
        [RESHARED, { purposes: ["query"], nodes, keySets: keySets.reshared }],
      ]);
      return Promise.resolve(rounds.get(number));
    },
    edition: (number) =>
      Promise.resolve(
        number === EDITION
          ? {
              ...{
                evaluationRound: ROUND.evaluation,
                locatorRound: ROUND.locator,
                queryRound: ROUND.query,
                publishedAt,
              },
              tableRoot: toHex(facts.picture.root),
            }
          : undefined,
      ),
    latestEdition: () => Promise.resolve(EDITION),
  };
}

function ledgerOf({ exchanges, anchors }: PictureEvidenceFacts): Omit<LedgerFacts, "chainId" | "instanceSalt"> {
  const services = new Set(NODES.flatMap((node) => NODE_SERVICES.map((service) => serviceOf(node, service))));
  const sessions = new Set(exchanges.map(({ request }) => toHex(request.session)));
  const operators = new Map<Hex, number>([
    [addressOf(querierKey), QUERIER],
    ...NODES.map((node) => [addressOf(keyOf(node)), node] as const),
  ]);
  return {
    session: (id) =>
      Promise.resolve(sessions.has(id) ? { querier: QUERIER, signer: querierAddress, openedAt, expiresAt } : undefined),
    allotment: (id, service) => Promise.resolve(sessions.has(id) && services.has(service) ? 16 : undefined),
    wasOperatorOf: (member, account, moment) =>
      Promise.resolve(operators.get(account) === member && moment >= openedAt - 1_000),
    leavesAnchoredAt: (transactionHash, logIndex) => {
      const found = anchors.find((each) => each.transactionHash === transactionHash && each.logIndex === logIndex);
      if (!found) return Promise.resolve(undefined);
      const first = exchanges.find(({ request }) => request.dataset === found.datasets[0]);
      const leaves = Array.from({ length: 16 }, (_, i) =>
        toHex(i === found.position ? found.leaf : sha256(utf8(`padding ${i}`))),
      );
      const { blockNumber } = found;
      return Promise.resolve({
        ...{ session: toHex(first?.request.session ?? found.leaf), leaves, blockNumber, blockTime: anchoredAt },
      });
    },
  };
}
