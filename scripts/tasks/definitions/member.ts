import type { Command } from "../command.ts";
import { group } from "../task-definition.ts";

const MEMBER = { name: "member", description: "Number or name of the member" };
const MEMBERS = { name: "members", description: "Numbers or names of members", several: true };
export const DOCUMENT = [
  { name: "document", description: "File whose salted digest goes on chain; the salt is kept beside it" },
  { name: "digest", description: "Salted digest that is there already (0x, 64 hex digits), instead of --document" },
];
export const AUTHORITY = {
  name: "authority",
  description: "Directory of the certificate authority (default: npm start's)",
};

export const memberGroups = [
  group("member", "Who is in: apply, review, admit, rotate keys, suspend, exit"),
  group(["member", "operator"], "The accounts that act for a member"),
];

export const memberCommands: readonly Command[] = [
  {
    ...{ kind: "read", id: ["member", "list"], description: "All members" },
    takes: {},
    load: async () => (await import("../member/show.ts")).listMembers,
  },
  {
    ...{ kind: "read", id: ["member", "show"], description: "One member, with its keys and accounts" },
    takes: { positionals: [MEMBER] },
    load: async () => (await import("../member/show.ts")).showMember,
  },
  {
    ...{
      kind: "change",
      id: ["member", "apply"],
      description: "Apply for membership; the account becomes the first operator",
    },
    signer: "member",
    takes: {
      positionals: [{ name: "name", description: "2 to 32 characters of a-z, 0-9 and -" }],
      options: [
        {
          name: "kind",
          description: "SecuritiesFirm, Bank, Insurer, FuturesFirm, FundManager, Regulator, NodeOperator, Association",
        },
        { name: "endpoint", description: "URL at which other members reach the peer API" },
      ],
    },
    load: async () => (await import("../member/own.ts")).apply,
  },
  {
    ...{
      kind: "change",
      id: ["member", "present-key"],
      description: "Present the member's first SM2 key, with the proof that it is held",
    },
    signer: "member",
    takes: { options: [{ name: "identity", description: "Key directory with the SM2 key (default: --keys)" }] },
    load: async () => (await import("../member/own.ts")).presentKey,
  },
  {
    ...{ kind: "change", id: ["member", "rotate"], description: "Make and present the member's next SM2 key" },
    signer: "member",
    takes: { options: [{ name: "identity", description: "Key directory with the SM2 key (default: --keys)" }] },
    load: async () => (await import("../member/own.ts")).rotate,
  },
  {
    ...{
      kind: "local",
      id: ["member", "switch-key"],
      description: "Use the next SM2 key from now on, once it is certified",
    },
    takes: { positionals: [MEMBER], options: [{ name: "identity", description: "Key directory with both SM2 keys" }] },
    load: async () => (await import("../member/switch-key.ts")).switchKey,
  },
  {
    ...{ kind: "change", id: ["member", "endpoint"], description: "Change the URL at which others reach the member" },
    signer: "member",
    takes: { positionals: [{ name: "endpoint", description: "An http or https URL" }] },
    load: async () => (await import("../member/own.ts")).setEndpoint,
  },
  {
    ...{
      kind: "change",
      id: ["member", "operator", "nominate"],
      description: "Nominate another account to act for the member",
    },
    signer: "member",
    takes: { positionals: [{ name: "account", description: "Its address" }] },
    load: async () => (await import("../member/own.ts")).nominate,
  },
  {
    ...{
      kind: "change",
      id: ["member", "operator", "accept"],
      description: "Take office after a nomination, with the nominated account",
    },
    signer: "member",
    takes: { positionals: [MEMBER] },
    load: async () => (await import("../member/own.ts")).acceptNomination,
  },
  {
    ...{ kind: "change", id: ["member", "operator", "retire"], description: "End an operator's office" },
    signer: "member",
    takes: { positionals: [{ name: "account", description: "Its address" }] },
    load: async () => (await import("../member/own.ts")).retire,
  },
  {
    ...{ kind: "change", id: ["member", "review"], description: "Record that applications were reviewed (duty desk)" },
    signer: "staff",
    takes: { positionals: [MEMBERS], options: DOCUMENT },
    load: async () => (await import("../member/decided.ts")).review,
  },
  {
    ...{
      kind: "change",
      id: ["member", "accept"],
      description: "Record that applicants passed the acceptance run (duty desk)",
    },
    signer: "staff",
    takes: { positionals: [MEMBERS], options: DOCUMENT },
    load: async () => (await import("../member/decided.ts")).accept,
  },
  {
    ...{
      kind: "change",
      id: ["member", "certify"],
      description: "Issue certificates for presented keys and record them (duty desk)",
    },
    signer: "staff",
    takes: {
      positionals: [MEMBERS],
      options: [
        AUTHORITY,
        { name: "organisation", description: "The firm's registered name, for one member (default: its name)" },
      ],
    },
    load: async () => (await import("../member/certify.ts")).certify,
  },
  {
    ...{ kind: "change", id: ["member", "admit"], description: "Admit applicants (constitution)" },
    signer: "staff",
    takes: { positionals: [MEMBERS] },
    load: async () => (await import("../member/decided.ts")).admit,
  },
  {
    ...{ kind: "change", id: ["member", "suspend"], description: "Suspend members (duty desk)" },
    signer: "staff",
    takes: { positionals: [MEMBERS], options: DOCUMENT },
    load: async () => (await import("../member/decided.ts")).suspend,
  },
  {
    ...{ kind: "change", id: ["member", "reinstate"], description: "Reinstate suspended members (duty desk)" },
    signer: "staff",
    takes: { positionals: [MEMBERS] },
    load: async () => (await import("../member/decided.ts")).reinstate,
  },
  {
    ...{
      kind: "change",
      id: ["member", "revoke-key"],
      description: "End an SM2 key at once: the member itself, or the duty desk",
    },
    signer: "staff",
    takes: {
      positionals: [MEMBER],
      options: [
        { name: "index", description: "Number of the key (default: the latest that is certified)" },
        ...DOCUMENT,
        AUTHORITY,
        {
          name: "reason",
          description: "For the revocation list: keyCompromise (default), superseded, cessationOfOperation ...",
        },
      ],
    },
    load: async () => (await import("../member/certify.ts")).revokeKey,
  },
  {
    ...{
      kind: "change",
      id: ["member", "exit"],
      description: "Leave the platform, with the member's own account; else the constitution ends it",
    },
    signer: "staff",
    takes: { positionals: [MEMBER] },
    load: async () => (await import("../member/decided.ts")).exit,
  },
];
