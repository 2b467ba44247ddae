import type { Command } from "../command.ts";
import { group } from "../task-definition.ts";
import { AUTHORITY } from "./member.ts";

const NAME = { name: "name", description: "Name of the contract in contract list" };
const CHECK = { name: "check", description: "Address of the check that must pass (default: the platform's own)" };
const KEYS = { name: "directory", description: "The key directory" };

export const systemGroups = [
  group("contract", "The platform's contracts and their versions"),
  group("keys", "Key directories: operator.json, identity.json"),
  group("certificate", "The Association's certificate authority"),
];

export const systemCommands: readonly Command[] = [
  {
    ...{ kind: "read", id: ["contract", "list"], description: "Contracts, their versions and the code behind them" },
    takes: { flags: [{ name: "versions", description: "All versions, not only those in force" }] },
    load: async () => (await import("../system/contracts.ts")).listContracts,
  },
  {
    ...{
      kind: "change",
      id: ["contract", "change"],
      description: "Put another implementation behind a contract (constitution)",
    },
    signer: "staff",
    takes: {
      positionals: [NAME, { name: "implementation", description: "Address of the implementation, deployed already" }],
      options: [{ name: "initialization", description: "Call on the changed contract, as hex (default: none)" }, CHECK],
      flags: [{ name: "irreversible", description: "The version before does not work on what this one writes" }],
    },
    load: async () => (await import("../system/contracts.ts")).change,
  },
  {
    ...{
      kind: "change",
      id: ["contract", "take-back"],
      description: "Put the version before back, within seven days (duty desk)",
    },
    signer: "staff",
    takes: { positionals: [NAME], options: [CHECK] },
    load: async () => (await import("../system/contracts.ts")).takeBack,
  },
  {
    ...{
      kind: "local",
      id: ["deploy"],
      description: "Put the platform on a chain; run again, it goes on or changes nothing",
    },
    takes: {
      options: [
        { name: "staff", description: "Addresses of three people of the Association, separated by commas" },
        { name: "delay", description: "The members' delay (default 3d)" },
        { name: "leastDelay", description: "What the delay can never be governed below (default: the delay)" },
        { name: "out", description: "Directory for deployment.json (default: deployment)" },
        { name: "rpc", description: "JSON-RPC of the chain (default: RISKVEIL_RPC_URL)" },
        {
          name: "keys",
          description: "Key directory of the deployer, where gas costs something (default: an account of its own)",
        },
      ],
    },
    load: async () => (await import("../system/deploy.ts")).deploy,
  },
  {
    ...{ kind: "local", id: ["verify", "evidence"], description: "Check an evidence package against the chain" },
    takes: {
      positionals: [{ name: "file", description: "The evidence package" }],
      flags: [{ name: "unpinned", description: "Use the contracts that the package names, without a deployment file" }],
      options: [{ name: "rpc", description: "JSON-RPC of the chain, with --unpinned" }],
    },
    load: async () => (await import("../system/verify-evidence.ts")).verify,
  },
  {
    ...{ kind: "local", id: ["keys", "make"], description: "Make the keys that a directory lacks" },
    takes: { positionals: [KEYS], flags: [{ name: "staff", description: "Only the account's key" }] },
    load: async () => (await import("../system/keys.ts")).makeKeys,
  },
  {
    ...{ kind: "local", id: ["keys", "show"], description: "Addresses and public keys of a directory" },
    takes: { positionals: [KEYS], flags: [{ name: "address", description: "Only the account's address" }] },
    load: async () => (await import("../system/keys.ts")).showKeys,
  },
  {
    ...{ kind: "local", id: ["certificate", "root"], description: "Set up a certificate authority, or show its root" },
    takes: { options: [AUTHORITY] },
    load: async () => (await import("../authority/tasks.ts")).root,
  },
  {
    ...{ kind: "local", id: ["certificate", "list"], description: "What the authority issued and revoked" },
    takes: { options: [AUTHORITY] },
    load: async () => (await import("../authority/tasks.ts")).list,
  },
  {
    ...{
      kind: "local",
      id: ["certificate", "revoke"],
      description: "Put a certificate on the revocation list, and publish the list",
    },
    takes: {
      positionals: [{ name: "serial", description: "Serial number, or the name of a member for its latest" }],
      options: [
        AUTHORITY,
        { name: "reason", description: "keyCompromise (default), superseded, cessationOfOperation ..." },
      ],
    },
    load: async () => (await import("../authority/tasks.ts")).revoke,
  },
  {
    ...{
      kind: "local",
      id: ["certificate", "crl"],
      description: "Publish the revocation list anew; it serves for thirty days",
    },
    takes: { options: [AUTHORITY] },
    load: async () => (await import("../authority/tasks.ts")).publish,
  },
  {
    ...{
      kind: "local",
      id: ["certificate", "trust"],
      description: "The trust list: authorities whose certificates count",
    },
    takes: {
      options: [
        { name: "list", description: "The file, PEM (default: trust-list.pem)" },
        { name: "add", description: "Certificate of an authority to add, PEM" },
        { name: "remove", description: "An authority to remove: its certificate in PEM, or its serial number" },
      ],
    },
    load: async () => (await import("../authority/trust-list.ts")).trust,
  },
];
