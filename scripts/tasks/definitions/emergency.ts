import type { Command } from "../command.ts";
import { group } from "../task-definition.ts";
import { DOCUMENT } from "./member.ts";

const RECORD = { name: "record", description: "Its number" };

export const emergencyGroups = [
  group("emergency", "Stop the platform, start it again, wind it up"),
  group("drill", "Records of drills (应急演练记录)"),
  group("incident", "Records of incidents (平台运行问题记录表)"),
  group("measures", "Versions of the emergency measures"),
];

/** Drills and incidents are filed, closed and listed alike. */
function records(kind: "drill" | "incident"): Command[] {
  return [
    {
      ...{
        kind: "change",
        id: [kind, "file"],
        description: `File a record of ${kind === "drill" ? "a drill" : "an incident"}, for the account's member`,
      },
      signer: "member",
      takes: { options: DOCUMENT },
      load: async () => (await import("../emergency/records.ts")).file(kind),
    },
    {
      ...{ kind: "change", id: [kind, "close"], description: "Close a record, with its outcome" },
      signer: "member",
      takes: { positionals: [RECORD], options: DOCUMENT },
      load: async () => (await import("../emergency/records.ts")).close(kind),
    },
    {
      ...{ kind: "read", id: [kind, "list"], description: "All records" },
      takes: {},
      load: async () => (await import("../emergency/records.ts")).list(kind),
    },
  ];
}

export const emergencyCommands: readonly Command[] = [
  {
    ...{ kind: "read", id: ["emergency", "status"], description: "What is frozen, since when, until when" },
    takes: {},
    load: async () => (await import("../emergency/status.ts")).status,
  },
  {
    ...{
      kind: "change",
      id: ["emergency", "freeze"],
      description: "Freeze parts of the platform at once (one of the staff)",
    },
    signer: "staff",
    takes: {
      options: [
        { name: "scope", description: "everything (default), or some of membership,data,queries,rules" },
        { name: "for", description: "How long it is announced for, 1h to 7d (default 24h)" },
        ...DOCUMENT,
      ],
    },
    load: async () => (await import("../emergency/freeze.ts")).freeze,
  },
  {
    ...{ kind: "change", id: ["emergency", "prolong"], description: "Announce another end of a freeze (duty desk)" },
    signer: "staff",
    takes: { options: [{ name: "for", description: "How long from now, 1h to 7d (default 24h)" }] },
    load: async () => (await import("../emergency/freeze.ts")).prolong,
  },
  {
    ...{ kind: "change", id: ["emergency", "unfreeze"], description: "Lift a freeze (duty desk)" },
    signer: "staff",
    takes: {},
    load: async () => (await import("../emergency/freeze.ts")).unfreeze,
  },
  {
    ...{
      kind: "change",
      id: ["emergency", "exit"],
      description: "Begin the exit: everything stands still for good (constitution)",
    },
    signer: "staff",
    takes: { options: DOCUMENT },
    load: async () => (await import("../emergency/freeze.ts")).beginExit,
  },
  {
    ...{
      kind: "change",
      id: ["emergency", "plan"],
      description: "Put a disposal plan before the parties after the exit began (duty desk)",
    },
    signer: "staff",
    takes: { options: DOCUMENT },
    load: async () => (await import("../emergency/freeze.ts")).proposePlan,
  },
  {
    ...{
      kind: "change",
      id: ["emergency", "agree"],
      description: "Agree to a disposal plan, for the account's member",
    },
    signer: "member",
    takes: { options: DOCUMENT },
    load: async () => (await import("../emergency/freeze.ts")).agreeToPlan,
  },
  ...records("drill"),
  ...records("incident"),
  {
    ...{
      kind: "change",
      id: ["measures", "adopt"],
      description: "Adopt the next version of the emergency measures (duty desk)",
    },
    signer: "staff",
    takes: { options: DOCUMENT },
    load: async () => (await import("../emergency/measures.ts")).adopt,
  },
  {
    ...{ kind: "read", id: ["measures", "show"], description: "The version in force" },
    takes: {},
    load: async () => (await import("../emergency/measures.ts")).show,
  },
];
