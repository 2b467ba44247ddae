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
import type { Element, Scalar } from "../../protocol/group/group.ts";
import { KEY_PURPOSES, type KeyPurpose, type NodeService } from "../../protocol/key-round/round.ts";
import type { Proof } from "../../protocol/oprf/oprf.ts";
import { ristretto255Sha512 } from "../../protocol/oprf/oprf.ts";
import { serviceIdOf } from "../../protocol/picture-evidence/verify-node.ts";
import { dummyInput } from "../../protocol/sealed-table/entry.ts";
import { subjectInput, type SubjectId } from "../../protocol/subject/subject.ts";
import type { ThresholdParameters } from "../../protocol/threshold/parameters.ts";
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
  readonly server: ScriptedHolder;
  /** What it has of keys, by round; a test may take it away. */
  readonly shares: Map<number, { readonly keys: Keys; readonly index: number }>;
  /** Changes what it computes. */
  lie: ((elements: Element[]) => Element[]) | undefined;
  status: NodeInfo["status"];
}

export interface AskedNodes {
  readonly nodes: readonly AskedNode[];
  /** Publishes an edition in which the contributors, by number, have these rows. */
  publish(books: Books): number;
  /** The keys go to the nodes at these positions and as many new ones, with that threshold. @returns the round */
  reshare(positions: readonly number[], fresh: number, threshold: number): Promise<number>;
  /** Later editions are made under new keys of the nodes there are. @returns the round */
  renew(): number;
  close(): Promise<void>;
}

/** Address of the contract whose services these are. */
export const ALGORITHM_NODES: Hex = `0x${"a1".repeat(20)}`;

/** Puts `count` nodes with keys of `threshold` beside an asking relayer. */
export async function addNodes(asking: Asking, threshold = 3, count = 5): Promise<AskedNodes> {
  const nodes: AskedNode[] = [];
  while (nodes.length < count) nodes.push(await startNode(asking));
  const rounds: { readonly info: RoundInfo; readonly keys: Keys }[] = [];
  complete(nodes, 0, dealt({ threshold, nodes: count }));

  function complete(holders: readonly AskedNode[], basis: number, keys: Keys): number {
    const number = rounds.length + 1;
    const { threshold: most } = keys.query.keys;
    rounds.push({
      info: {
        ...{ number, phase: "Completed", threshold: most, basis, phaseEndsAt: 0, dealers: [] },
        purposes: KEY_PURPOSES,
        nodes: holders.map(({ member }) => member),
      },
      keys,
    });
    for (const [position, { shares }] of holders.entries()) shares.set(number, { keys, index: position + 1 });
    return number;
  }
  const editions: EditionInfo[] = [];
  const tables = new Map<number, readonly Uint8Array[]>();
  const view: Partial<ComputationView> = {
    nodes: () =>
      Promise.resolve(
        nodes.map(({ member, status }): NodeInfo => {
          const facts = { registeredAt: 1, activatedAt: 1, lastHeartbeat: 1, reports: 0, reporters: 0 };
          return { member, status, ...facts, services: servicesOf(member) };
        }),
      ),
    roundCount: () => Promise.resolve(rounds.length),
    round: (number) => Promise.resolve(rounds[number - 1]?.info),
    currentRound: () => Promise.resolve(rounds.length),
    keySet: (number, purpose) => Promise.resolve(rounds[number - 1]?.keys[purpose].keys),
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

  function newest(): { readonly info: RoundInfo; readonly keys: Keys } {
    const found = rounds.at(-1);
    if (found === undefined) throw new RangeError("no round");
    return found;
  }

  function publish(books: Books): number {
    const number = editions.length + 1;
    const { keys } = newest();
    const rows = consortiumTable(keys, number, books);
    tables.set(number, rows);
    const round = rounds.length;
    editions.push({
      ...{ number, status: "Published", evaluationRound: round, queryRound: round, layerRound: round },
      ...{ leastContributors: 3, leastRows: 4, aggregator: 1, openedAt: 1, stageEndsAt: 1, publishedAt: 1_780_000_000 },
      ...{ contributors: Object.keys(books).length, mergedRows: rows.length, mergedRoot: "0x", mergeProofDigest: "0x" },
      ...{ tableRoot: rootOf(number), attempt: 1, stripSet: [] },
    });
    return number;
  }

  return {
    nodes,
    publish,
    async reshare(positions, fresh, most) {
      const { info, keys } = newest();
      const holders = nodes.filter((_, position) => positions.includes(position));
      for (let added = 0; added < fresh; added += 1) {
        const node = await startNode(asking);
        nodes.push(node);
        holders.push(node);
      }
      return complete(holders, info.number, dealt({ threshold: most, nodes: holders.length }, keys));
    },
    renew: () => complete(nodes, 0, dealt({ threshold, nodes: nodes.length })),
    async close() {
      for (const { server } of nodes) await server.close();
    },
  };
}

type Keys = Readonly<Record<KeyPurpose, DealtKey>>;

/** New keys, or the same ones dealt anew. */
function dealt(parameters: ThresholdParameters, before?: Keys): Keys {
  const deal = (purpose: keyof Keys): DealtKey =>
    trustedKey(parameters, before && (secretOf(before[purpose].shares) as Scalar));
  return { evaluation: deal("evaluation"), query: deal("query"), layer: deal("layer"), locator: deal("locator") };
}

function servicesOf(member: number): NodeInfo["services"] {
  const id = (service: NodeService): Hex => serviceIdOf(CHAIN_ID, ALGORITHM_NODES, member, service);
  return { evaluation: id("evaluation"), locator: id("locator"), query: id("query") };
}

async function startNode({ ledger }: Asking): Promise<AskedNode> {
  const operator = createOperatorKey(random(32));
  const member = ledger.members.length + 1;
  const services = servicesOf(member);
  const held: AskedNode["shares"] = new Map();
  const work = (scheme: PartialEvaluation, use: NodeService) => (elements: readonly Element[], round: number) => {
    const found = held.get(round);
    const share = found?.keys[use].shares[found.index - 1];
    if (found === undefined || share === undefined) return undefined;
    const bytes = scheme.evaluate(found.keys[use].keys, share, elements, random);
    const end = elements.length * 32;
    const evaluated = elements.map((_, at) => bytes.slice(at * 32, (at + 1) * 32) as Element);
    return { evaluated: node.lie?.(evaluated) ?? evaluated, proof: bytes.slice(end) as Proof };
  };
  const server = await startScriptedHolder(
    operator,
    new Map([
      [services.evaluation, work(thresholdOprf, "evaluation")],
      [services.locator, work(thresholdOprf, "locator")],
      [services.query, work(decryptionShares, "query")],
    ]),
  );
  ledger.members.push({
    ...{ id: member, name: `node-${String(member)}`, kind: "NodeOperator", status: "Active" },
    ...{ endpoint: server.endpoint, operators: [operator.address] },
  });
  const node: AskedNode = { member, server, shares: held, lie: undefined, status: "Active" };
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
