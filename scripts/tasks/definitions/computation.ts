import type { Command } from "../command.ts";
import { group } from "../task-definition.ts";

const NODE = { name: "node", description: "Number or name of the member that runs it" };
const REASON = { name: "reason", description: "Why, as it stands on chain: a code without spaces, such as NODES_GONE" };
const PERIOD = { name: "period", description: "Its number, such as 202606" };
const STATISTIC = { name: "statistic", description: "Id of the statistic, or its beginning" };

/** Tasks about nodes stand below Hardhat's own task `node`, so that group is there already. */
export const computationGroups = [
  group("aggregate", "Editions of the consortium table"),
  group("statistics", "Statistics of the industry over encrypted contributions"),
];

export const computationCommands: readonly Command[] = [
  {
    ...{ kind: "read", id: ["node", "list"], description: "Algorithm nodes" },
    takes: {},
    load: async () => (await import("../computation/nodes.ts")).listNodes,
  },
  {
    ...{
      kind: "read",
      id: ["node", "show"],
      description: "One algorithm node, with its services and its part in keys",
    },
    takes: { positionals: [NODE] },
    load: async () => (await import("../computation/nodes.ts")).showNode,
  },
  {
    ...{ kind: "change", id: ["node", "register"], description: "Offer the account's member as an algorithm node" },
    signer: "member",
    takes: {},
    load: async () => (await import("../computation/nodes.ts")).register,
  },
  {
    ...{ kind: "change", id: ["node", "activate"], description: "Appoint registered algorithm nodes (constitution)" },
    signer: "staff",
    takes: { positionals: [{ name: "nodes", description: "Numbers or names of their members", several: true }] },
    load: async () => (await import("../computation/nodes.ts")).activate,
  },
  {
    ...{
      kind: "change",
      id: ["node", "retire"],
      description: "End an algorithm node's office, with the member's own account; else the constitution ends it",
    },
    signer: "staff",
    takes: { positionals: [NODE] },
    load: async () => (await import("../computation/nodes.ts")).retire,
  },
  {
    ...{ kind: "read", id: ["node", "rounds"], description: "Rounds in which nodes make or share anew their keys" },
    takes: {},
    load: async () => (await import("../computation/rounds.ts")).listRounds,
  },
  {
    ...{
      kind: "change",
      id: ["node", "keys"],
      description: "Begin a round in which nodes make keys, or share them anew (constitution)",
    },
    signer: "staff",
    takes: {
      options: [
        {
          name: "purposes",
          description: "Some of evaluation, query, layer with locator, separated by commas (default: all)",
        },
        { name: "threshold", description: "How many nodes use a key together" },
        { name: "nodes", description: "Members whose nodes get the keys, separated by commas (default: all active)" },
        { name: "reshare", description: "Number of the round whose keys are shared anew (default: new keys)" },
        { name: "phaseSeconds", description: "Time for each phase: 10s to 30d (default: 1h)" },
      ],
    },
    load: async () => (await import("../computation/rounds.ts")).beginRound,
  },
  {
    ...{ kind: "change", id: ["node", "call-off"], description: "Call off a round that runs (constitution)" },
    signer: "staff",
    takes: {
      positionals: [{ name: "round", description: "Its number" }],
      options: [REASON],
    },
    load: async () => (await import("../computation/rounds.ts")).callOff,
  },
  {
    ...{ kind: "read", id: ["aggregate", "show"], description: "An edition of the consortium table" },
    takes: {
      positionals: [{ name: "edition", description: "Its number (default: the newest)", optional: true }],
    },
    load: async () => (await import("../computation/editions.ts")).showEdition,
  },
  {
    ...{ kind: "read", id: ["aggregate", "terms"], description: "The terms of the next edition" },
    takes: {},
    load: async () => (await import("../computation/editions.ts")).showTerms,
  },
  {
    ...{
      kind: "change",
      id: ["aggregate", "set-terms"],
      description: "Set the terms of the next edition; what is not named stays (constitution)",
    },
    signer: "staff",
    takes: {
      options: [
        { name: "aggregator", description: "Member that adds contributions up; one that never queries" },
        { name: "leastContributors", description: "k, 3 at least: with fewer contributions nothing is published" },
        { name: "leastRows", description: "Smallest count class of a table's rows, such as 1024" },
        { name: "period", description: "Least time between two openings: 90d" },
        { name: "collecting", description: "How long contributions are taken: 7d" },
        { name: "stage", description: "Time for the aggregator, and for each set of nodes: 1d" },
      ],
    },
    load: async () => (await import("../computation/editions.ts")).setTerms,
  },
  {
    ...{ kind: "read", id: ["statistics", "list"], description: "Statistics and their collections" },
    takes: {},
    load: async () => (await import("../computation/statistics.ts")).listStatistics,
  },
  {
    ...{
      kind: "change",
      id: ["statistics", "key"],
      description: "Set the key of a ceremony for collections from now on (constitution)",
    },
    signer: "staff",
    takes: {
      options: [
        { name: "file", description: "What `node scripts/statistics/main.ts key` printed for the ceremony's record" },
      ],
    },
    load: async () => (await import("../computation/statistics.ts")).setKey,
  },
  {
    ...{ kind: "change", id: ["statistics", "define"], description: "Define a statistic, for good (constitution)" },
    signer: "staff",
    takes: {
      positionals: [STATISTIC],
      options: [
        { name: "file", description: "What `node scripts/statistics/main.ts definition` printed" },
        { name: "leastContributors", description: "k, 3 at least: with fewer nothing is decrypted" },
      ],
    },
    load: async () => (await import("../computation/statistics.ts")).define,
  },
  {
    ...{ kind: "change", id: ["statistics", "open"], description: "Open a statistic's collection (duty desk)" },
    signer: "staff",
    takes: {
      positionals: [STATISTIC, PERIOD],
      options: [{ name: "for", description: "How long contributions are taken: 7d" }],
    },
    load: async () => (await import("../computation/statistics.ts")).open,
  },
  {
    ...{
      kind: "change",
      id: ["statistics", "strike"],
      description: "Strike a contribution that never came or does not hold, before nodes decrypt (duty desk)",
    },
    signer: "staff",
    takes: {
      positionals: [STATISTIC, PERIOD, { name: "contributor", description: "Number or name of the member" }],
      options: [REASON],
    },
    load: async () => (await import("../computation/statistics.ts")).strike,
  },
  {
    ...{ kind: "change", id: ["statistics", "release"], description: "Put an answer's digests on chain (duty desk)" },
    signer: "staff",
    takes: {
      positionals: [STATISTIC, PERIOD],
      options: [
        { name: "contributions", description: "Digest of who contributed what, as `verify` of the answer prints it" },
        { name: "answer", description: "Digest of the answer, likewise" },
      ],
    },
    load: async () => (await import("../computation/statistics.ts")).release,
  },
  {
    ...{ kind: "change", id: ["statistics", "abandon"], description: "End a collection without an answer (duty desk)" },
    signer: "staff",
    takes: { positionals: [STATISTIC, PERIOD], options: [REASON] },
    load: async () => (await import("../computation/statistics.ts")).abandon,
  },
];
