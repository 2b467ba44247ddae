/**
 * Algorithm nodes and a consortium table for a querier's tests: keys dealt by the test, nodes that are scripted holders over real
 * HTTP, and a table that real contributions were merged and stripped to.
 */
import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { admitContribution, contribute } from "../../protocol/aggregate/contribution.ts";
import { contributionKey } from "../../protocol/aggregate/elgamal.ts";
import { mergeContributions, verifyMerge } from "../../protocol/aggregate/merge.ts";
import { decryptionShares } from "../../protocol/aggregate/query.ts";
import { commitRows, proveRow } from "../../protocol/aggregate/row.ts";
import { packRow, standardSchema, type SubjectSummary } from "../../protocol/aggregate/schema.ts";
import { stripShares, stripTable } from "../../protocol/aggregate/strip.ts";
import type { Element } from "../../protocol/group/group.ts";
import { KEY_PURPOSES, type KeyPurpose, type NodeService } from "../../protocol/key-round/round.ts";
import type { Proof } from "../../protocol/oprf/oprf.ts";
import { ristretto255Sha512 } from "../../protocol/oprf/oprf.ts";
import { serviceIdOf } from "../../protocol/picture-evidence/verify-node.ts";
import { dummyInput } from "../../protocol/sealed-table/entry.ts";
import { subjectInput, type SubjectId } from "../../protocol/subject/subject.ts";
import type { PartialEvaluation } from "../../protocol/threshold/partials.ts";
import { thresholdOprf } from "../../protocol/threshold/threshold-oprf.ts";
import type { ComputationView, EditionInfo, NodeInfo, RoundInfo } from "../../relayer/chain/computation-view.ts";
import { createOperatorKey } from "../../relayer/chain/operator-key.ts";
import { secretOf, trustedKey, type DealtKey } from "../protocol/threshold/ceremony.ts";
import { CHAIN_ID, noComputation, random } from "./asking-ledger.ts";
import type { Asking } from "./asking.ts";
import { startScriptedHolder, type ScriptedHolder } from "./scripted-holder.ts";

export type Books = Readonly<Record<number, ReadonlyMap<SubjectId, SubjectSummary>>>;

export interface AskedNode {
  readonly member: number;
  readonly index: number;
  readonly server: ScriptedHolder;
  /** Changes what it computes. */
  lie: ((elements: Element[]) => Element[]) | undefined;
  status: NodeInfo["status"];
}

export interface AskedNodes {
  readonly nodes: readonly AskedNode[];
  /** Publishes an edition in which the contributors, by number, have these rows. */
  publish(books: Books): number;
  close(): Promise<void>;
}

const ROUND = 1;

/** Address of the contract whose services these are. */
export const ALGORITHM_NODES: Hex = `0x${"a1".repeat(20)}`;

/** Puts `count` nodes with keys of `threshold` beside an asking relayer. */
export async function addNodes(asking: Asking, threshold = 3, count = 5): Promise<AskedNodes> {
  const parameters = { threshold, nodes: count };
  const keys = {
    evaluation: trustedKey(parameters),
    query: trustedKey(parameters),
    layer: trustedKey(parameters),
    locator: trustedKey(parameters),
  };
  const services = Array.from({ length: count }, (_, position) => {
    const member = asking.ledger.members.length + 1 + position;
    const id = (service: NodeService): Hex => serviceIdOf(CHAIN_ID, ALGORITHM_NODES, member, service);
    return { evaluation: id("evaluation"), locator: id("locator"), query: id("query") };
  });
  const nodes: AskedNode[] = [];
  for (const [position, service] of services.entries()) {
    nodes.push(await startNode(asking, keys, position + 1, service));
  }
  const round: RoundInfo = {
    ...{ number: ROUND, phase: "Completed", threshold, basis: 0, phaseEndsAt: 0, dealers: [] },
    purposes: KEY_PURPOSES,
    nodes: nodes.map(({ member }) => member),
  };
  const editions: EditionInfo[] = [];
  const tables = new Map<number, readonly Uint8Array[]>();
  const view: Partial<ComputationView> = {
    nodes: () =>
      Promise.resolve(
        nodes.map(({ member, status }, position): NodeInfo => {
          const found = services[position];
          if (found === undefined) throw new RangeError("no such node");
          return { member, status, registeredAt: 1, activatedAt: 1, lastHeartbeat: 1, reports: 0, services: found };
        }),
      ),
    round: (number) => Promise.resolve(number === ROUND ? round : undefined),
    currentRound: () => Promise.resolve(ROUND),
    keySet: (number, purpose) => Promise.resolve(number === ROUND ? keys[purpose].keys : undefined),
    edition: (number) => Promise.resolve(editions[number - 1]),
    latestPublished: () => Promise.resolve(editions.length),
  };
  Object.assign(asking.ledger.chain, { computation: { ...noComputation, ...view } });
  Object.assign(asking.ctx, {
    consortium: {
      newest: () =>
        Promise.resolve(tables.size === 0 ? undefined : { edition: tables.size, root: rootOf(tables.size) }),
      lookup(edition: number, tag: Parameters<typeof proveRow>[2]) {
        const rows = tables.get(edition) ?? [];
        const { leaf, path, row } = proveRow(commitRows(rows), rows, tag);
        return Promise.resolve({ row, leaf, path });
      },
    },
  });

  function rootOf(edition: number): Hex {
    return toHex(commitRows(tables.get(edition) ?? []).tree.root);
  }

  function publish(books: Books): number {
    const number = editions.length + 1;
    const rows = consortiumTable(keys, number, books);
    tables.set(number, rows);
    editions.push({
      ...{ number, status: "Published", evaluationRound: ROUND, queryRound: ROUND, layerRound: ROUND },
      ...{ leastContributors: 3, leastRows: 4, aggregator: 1, openedAt: 1, stageEndsAt: 1, publishedAt: 1_780_000_000 },
      ...{ contributors: Object.keys(books).length, mergedRows: rows.length, mergedRoot: "0x", mergeProofDigest: "0x" },
      ...{ tableRoot: rootOf(number), attempt: 1, stripSet: [] },
    });
    return number;
  }

  return {
    nodes,
    publish,
    async close() {
      for (const { server } of nodes) await server.close();
    },
  };
}

type Keys = Readonly<Record<KeyPurpose, DealtKey>>;

async function startNode(
  { ledger }: Asking,
  keys: Keys,
  index: number,
  services: Readonly<Record<NodeService, Hex>>,
): Promise<AskedNode> {
  const operator = createOperatorKey(random(32));
  const work =
    (scheme: PartialEvaluation, { keys: set, shares }: DealtKey) =>
    (elements: readonly Element[]) => {
      const share = shares[index - 1];
      if (share === undefined) throw new RangeError("no such share");
      const bytes = scheme.evaluate(set, share, elements, random);
      const end = elements.length * 32;
      const evaluated = elements.map((_, at) => bytes.slice(at * 32, (at + 1) * 32) as Element);
      return { evaluated: node.lie?.(evaluated) ?? evaluated, proof: bytes.slice(end) as Proof };
    };
  const server = await startScriptedHolder(
    operator,
    new Map([
      [services.evaluation, work(thresholdOprf, keys.evaluation)],
      [services.locator, work(thresholdOprf, keys.locator)],
      [services.query, work(decryptionShares, keys.query)],
    ]),
  );
  const member = ledger.members.length + 1;
  ledger.members.push({
    ...{ id: member, name: `node-${String(index)}`, kind: "NodeOperator", status: "Active" },
    ...{ endpoint: server.endpoint, operators: [operator.address] },
  });
  const node: AskedNode = { member, index, server, lie: undefined, status: "Active" };
  return node;
}

/** Contributed, merged, verified and stripped as in service. */
function consortiumTable(
  { evaluation, query, layer, locator }: Keys,
  epoch: number,
  books: Books,
): readonly Uint8Array[] {
  const secret = secretOf(evaluation.shares);
  const evaluate = (input: Uint8Array): Uint8Array => ristretto255Sha512.evaluate(secret as never, input);
  const terms = {
    ...{ schema: standardSchema, epoch, leastContributors: 3 },
    contributionKey: contributionKey(query.keys.publicKey, layer.keys.publicKey),
    isRowCount: (rows: number) => rows % 4 === 0,
  };
  const contributions = Object.entries(books).map(([contributor, book]) => {
    const subjects = [...book].map(([subject, summary]) => ({
      y: evaluate(subjectInput(subject)),
      values: packRow(standardSchema, summary),
    }));
    const dummies = Array.from({ length: 4 - (subjects.length % 4) }, () => evaluate(dummyInput(random(16))));
    const made = contribute(terms, Number(contributor), subjects, dummies, random(32), random);
    return admitContribution(terms, made, made.root);
  });
  const rows = contributions.reduce((sum, each) => sum + each.rows.length, 0);
  const merged = verifyMerge(terms, contributions, mergeContributions(terms, contributions, rows, random(32), random));
  const set = Array.from({ length: layer.keys.threshold }, (_, position) => position + 1);
  const stripKeys = { layer: layer.keys, locator: locator.keys };
  const shares = set.map((index) => {
    const [first, second] = [layer.shares[index - 1], locator.shares[index - 1]];
    if (first === undefined || second === undefined) throw new RangeError("no such share");
    return { from: index, chunks: stripShares(stripKeys, set, { layer: first, locator: second }, merged, random) };
  });
  const answers = (shares[0]?.chunks ?? []).map((_, chunk) =>
    shares.map(({ from, chunks }) => ({ from, bytes: chunks[chunk] ?? new Uint8Array(0) })),
  );
  return stripTable(terms, stripKeys, set, merged, answers).rows;
}
