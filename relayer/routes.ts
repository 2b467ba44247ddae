/** The routes of a relayer's two APIs. Made from services that need not work yet, they also make the reference documents. */
import packageJson from "../package.json" with { type: "json" };
import type { RelayerContext } from "./context.ts";
import { algorithmNodeRoutes } from "./http/member/algorithm-nodes.ts";
import { memberAggregateRoutes, type AggregateServices } from "./http/member/aggregate.ts";
import { authorisationRoutes } from "./http/member/authorisations.ts";
import { datasetRoutes } from "./http/member/datasets.ts";
import { importRoutes } from "./http/member/imports.ts";
import { ledgerRoutes } from "./http/member/ledger.ts";
import { queryRoutes } from "./http/member/queries.ts";
import { recordRoutes } from "./http/member/records.ts";
import { statisticsRoutes } from "./http/member/statistics.ts";
import type { ApiInfo } from "./http/openapi.ts";
import { aggregateRoutes } from "./http/peer/aggregate.ts";
import { channelRoutes } from "./http/peer/channel.ts";
import { evaluateRoutes } from "./http/peer/evaluate.ts";
import { statisticsPeerRoutes } from "./http/peer/statistics.ts";
import { tableRoutes } from "./http/peer/tables.ts";
import type { Route } from "./http/route.ts";

/** What the member API is an interface to. */
export interface MemberServices {
  readonly ctx: RelayerContext;
  readonly asking: Parameters<typeof queryRoutes>[0];
  readonly queries: Parameters<typeof queryRoutes>[1];
  readonly imports: Parameters<typeof importRoutes>[0];
  readonly records: Parameters<typeof recordRoutes>[0] & Parameters<typeof datasetRoutes>[3];
  readonly authorisations: Parameters<typeof authorisationRoutes>[1];
  readonly datasets: Parameters<typeof datasetRoutes>[1];
  readonly mirrors: Parameters<typeof datasetRoutes>[2];
  readonly nodes: Parameters<typeof algorithmNodeRoutes>[1];
  readonly keyRounds: Parameters<typeof algorithmNodeRoutes>[2];
  readonly nodeOffice: Parameters<typeof algorithmNodeRoutes>[3];
  readonly statistics: Parameters<typeof statisticsRoutes>[1];
  readonly editions: AggregateServices;
}

/** What the peer API is an interface to. */
export interface PeerServices {
  readonly evaluate: Parameters<typeof evaluateRoutes>[0];
  readonly publishing: Parameters<typeof tableRoutes>[0];
  readonly channel: Parameters<typeof channelRoutes>[0] & Parameters<typeof tableRoutes>[1];
  readonly statistics: Parameters<typeof statisticsPeerRoutes>[0];
  readonly chain: Parameters<typeof statisticsPeerRoutes>[2];
  readonly editions: {
    readonly desk: Parameters<typeof aggregateRoutes>[0];
    readonly files: Parameters<typeof aggregateRoutes>[1];
  };
  readonly clock: () => Date;
}

export const memberApi: ApiInfo = {
  title: { en: "RiskVeil member API", zh: "RiskVeil 成员接口" },
  version: packageJson.version,
};

export const peerApi: ApiInfo = {
  title: { en: "RiskVeil peer API", zh: "RiskVeil 对等接口" },
  version: packageJson.version,
};

export function memberRoutes(services: MemberServices): Route[] {
  const { ctx, asking, queries, imports, records, authorisations, datasets, mirrors } = services;
  const { nodes, keyRounds, nodeOffice, statistics, editions } = services;
  return [
    ...queryRoutes(asking, queries),
    ...importRoutes(imports),
    ...recordRoutes(records),
    ...authorisationRoutes(ctx, authorisations),
    ...datasetRoutes(ctx, datasets, mirrors, records),
    ...memberAggregateRoutes(ctx, { editions }),
    ...ledgerRoutes(ctx),
    ...algorithmNodeRoutes(ctx, nodes, keyRounds, nodeOffice),
    ...statisticsRoutes(ctx, statistics),
  ];
}

export function peerRoutes(services: PeerServices): Route[] {
  const { evaluate, publishing, editions, statistics, channel, chain, clock } = services;
  return [
    ...channelRoutes(channel, clock),
    ...evaluateRoutes(evaluate, channel),
    ...tableRoutes(publishing, channel),
    ...aggregateRoutes(editions.desk, editions.files, channel),
    ...statisticsPeerRoutes(statistics, channel, chain),
  ];
}
