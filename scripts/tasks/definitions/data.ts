import type { Command } from "../command.ts";
import { group } from "../task-definition.ts";

const TERMS = [
  { name: "owners", description: "Kinds of members that own it, separated by commas: SecuritiesFirm,Bank" },
  { name: "duty", description: "mandatory or voluntary" },
  { name: "dueDays", description: "Working days within which a record is due" },
  { name: "title", description: "What it is called" },
];

export const dataGroups = [
  group("dataset", "What members hold and publish"),
  group("category", "The catalogue of data: who owns what, and what owners owe"),
  group("parameter", "What is governed by number or by switch"),
  group("price", "What datasets and nodes' services cost"),
  group("rates", "What earns points and what is paid to the pool"),
  group("points", "Balances of points"),
];

export const dataCommands: readonly Command[] = [
  {
    ...{ kind: "read", id: ["dataset", "list"], description: "All datasets, with their prices" },
    takes: {},
    load: async () => (await import("../data/datasets.ts")).listDatasets,
  },
  {
    ...{ kind: "read", id: ["dataset", "show"], description: "One dataset, with its latest commitment" },
    takes: { positionals: [{ name: "dataset", description: "Id, its beginning, or member/LABEL" }] },
    load: async () => (await import("../data/datasets.ts")).showDataset,
  },
  {
    ...{ kind: "read", id: ["category", "list"], description: "The catalogue" },
    takes: {},
    load: async () => (await import("../data/categories.ts")).listCategories,
  },
  {
    ...{ kind: "change", id: ["category", "define"], description: "Define a category (constitution)" },
    signer: "staff",
    takes: { positionals: [{ name: "category", description: "Its code, such as D" }], options: TERMS },
    load: async () => (await import("../data/categories.ts")).defineCategory,
  },
  {
    ...{
      kind: "change",
      id: ["category", "amend"],
      description: "Amend a category; what is not named stays (constitution)",
    },
    signer: "staff",
    takes: { positionals: [{ name: "category", description: "Its code" }], options: TERMS },
    load: async () => (await import("../data/categories.ts")).amendCategory,
  },
  {
    ...{ kind: "read", id: ["parameter", "list"], description: "Parameters and switches, with their limits" },
    takes: {},
    load: async () => (await import("../data/parameters.ts")).listParameters,
  },
  {
    ...{ kind: "change", id: ["parameter", "set"], description: "Set a parameter or switch (constitution)" },
    signer: "staff",
    takes: {
      positionals: [
        { name: "parameter", description: "A name of parameter list" },
        { name: "value", description: "7d, 12h, 300s; on or off for a switch" },
      ],
    },
    load: async () => (await import("../data/parameters.ts")).setParameter,
  },
  {
    ...{ kind: "read", id: ["price", "list"], description: "Prices of all datasets and of nodes' services" },
    takes: {},
    load: async () => (await import("../data/rates.ts")).listPrices,
  },
  {
    ...{
      kind: "change",
      id: ["price", "set"],
      description: "Set the price of a dataset or a node's service (constitution)",
    },
    signer: "staff",
    takes: {
      positionals: [
        {
          name: "dataset",
          description: "Id, its beginning, member/LABEL, or member/evaluation, /location, /decryption",
        },
        { name: "points", description: "Points for an evaluation, or default" },
      ],
    },
    load: async () => (await import("../data/rates.ts")).setPrice,
  },
  {
    ...{ kind: "read", id: ["rates", "show"], description: "The rates in force" },
    takes: {},
    load: async () => (await import("../data/rates.ts")).showRates,
  },
  {
    ...{ kind: "change", id: ["rates", "set"], description: "Set rates; what is not named stays (constitution)" },
    signer: "staff",
    takes: {
      options: [
        { name: "price", description: "Default price of an evaluation, in points" },
        { name: "pool", description: "Share of the pool in per cent, up to two decimals" },
        { name: "grant", description: "Opening grant on admission, in points" },
        { name: "reward", description: "Reward for a publication, in points" },
      ],
    },
    load: async () => (await import("../data/rates.ts")).setRates,
  },
  {
    ...{ kind: "read", id: ["points", "list"], description: "Points of all members, and of the pool" },
    takes: {},
    load: async () => (await import("../data/rates.ts")).listPoints,
  },
];
