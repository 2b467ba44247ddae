/** What the evidence of a picture is checked against, read over JSON-RPC. Reads only; needs no account and no relayer. */
import type { JsonRpcProvider } from "ethers";

import { KEY_PURPOSES } from "../../protocol/key-round/round.ts";
import type { PictureChainFacts } from "../../protocol/picture-evidence/chain-facts.ts";
import { EDITION_STATUSES, ROUND_PHASES, nameOf } from "../../relayer/chain/codes.ts";
import { IAlgorithmNodes__factory } from "../../types/ethers-contracts/factories/computation/IAlgorithmNodes__factory.ts";
import { IConsortiumTables__factory } from "../../types/ethers-contracts/factories/computation/IConsortiumTables__factory.ts";
import { IKeyRounds__factory } from "../../types/ethers-contracts/factories/computation/IKeyRounds__factory.ts";
import { answered, createCommonFacts, lower, NOBODY } from "./common-facts.ts";

export function createPictureFacts(
  provider: JsonRpcProvider,
  contracts: PictureChainFacts["contracts"],
): PictureChainFacts {
  const nodes = IAlgorithmNodes__factory.connect(contracts.algorithmNodes, provider);
  const rounds = IKeyRounds__factory.connect(contracts.keyRounds, provider);
  const tables = IConsortiumTables__factory.connect(contracts.consortiumTables, provider);
  return {
    ...createCommonFacts(provider, contracts),
    contracts,
    nodeService: async (node, service) => lower(await answered(nodes.serviceOf(node, KEY_PURPOSES.indexOf(service)))),
    async keyRound(number) {
      const round = await answered(rounds.getRound(number));
      // The contract answers with zeros where it knows nothing.
      if (!round || round.phase === NOBODY || nameOf(ROUND_PHASES, round.phase) !== "Completed") return undefined;
      const keySets = await answered(rounds.keySetsOf(number));
      if (keySets === undefined) return undefined;
      const purposes = KEY_PURPOSES.filter((_, bit) => (Number(round.purposes) & (1 << bit)) !== 0);
      return { purposes, nodes: round.nodes.map(Number), keySets: lower(keySets) };
    },
    async edition(number) {
      const edition = await answered(tables.getEdition(number));
      if (!edition || edition.status === NOBODY) return undefined;
      if (nameOf(EDITION_STATUSES, edition.status) !== "Published") return undefined;
      return {
        evaluationRound: Number(edition.evaluationRound),
        locatorRound: Number(edition.layerRound),
        queryRound: Number(edition.queryRound),
        tableRoot: lower(edition.tableRoot),
        publishedAt: Number(edition.publishedAt),
      };
    },
    latestEdition: async () => Number((await answered(tables.latestPublished())) ?? 0),
  };
}
