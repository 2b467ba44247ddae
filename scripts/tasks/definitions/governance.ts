import type { Command } from "../command.ts";
import { group } from "../task-definition.ts";
import { DOCUMENT } from "./member.ts";

const OPERATION = { name: "operation", description: "Number of the operation, or the beginning of its id (0x...)" };
const MEMBER = { name: "member", description: "Number or name of the member" };

export const governanceGroups = [
  group("governance", "What was proposed, by whom, and what became of it"),
  group("council", "The members' council: stop, approve, lift a freeze"),
  group("staff", "The Association's staff"),
];

/** @param all gives every command, this group's included: what `propose` can be told to propose */
export function governanceCommands(all: () => readonly Command[]): readonly Command[] {
  return [
    {
      ...{ kind: "read", id: ["governance", "list"], description: "Everything ever proposed, in order, in words" },
      takes: {
        options: [{ name: "desk", description: "Only constitution, or only dutyDesk" }],
        flags: [{ name: "open", description: "Only what is not over" }],
      },
      load: async () => (await import("../governance/list.ts")).listOperations,
    },
    {
      ...{ kind: "read", id: ["governance", "show"], description: "One operation in full" },
      takes: { positionals: [OPERATION] },
      load: async () => (await import("../governance/show.ts")).showOperation,
    },
    {
      ...{
        kind: "read",
        id: ["governance", "history"],
        description: "One timeline of all that was governed, and of what members did",
      },
      takes: { options: [{ name: "member", description: "Only what concerns this member" }] },
      load: async () => (await import("../governance/history.ts")).history,
    },
    {
      ...{
        kind: "change",
        id: ["governance", "propose"],
        description: "Propose several tasks as one operation, or any call",
      },
      signer: "staff",
      takes: {
        positionals: [
          {
            name: "actions",
            description:
              'Tasks in quotes ("member admit alpha"), calls ("memberRegistry.admit(3)"), or "0xTARGET:0xDATA"',
            several: true,
          },
        ],
        options: [
          { name: "desk", description: "constitution or dutyDesk: refused if the actions are another's business" },
        ],
      },
      load: async () => (await import("../governance/propose.ts")).proposeAny(all),
    },
    {
      ...{ kind: "change", id: ["governance", "execute"], description: "Execute what a colleague proposed and is due" },
      signer: "staff",
      takes: { positionals: [OPERATION] },
      load: async () => (await import("../governance/decide.ts")).execute,
    },
    {
      ...{ kind: "change", id: ["governance", "cancel"], description: "Take back one's own proposal" },
      signer: "staff",
      takes: {
        positionals: [OPERATION],
        flags: [{ name: "together", description: "Somebody else's proposal: stopped by two of the staff (duty desk)" }],
      },
      load: async () => (await import("../governance/decide.ts")).cancel,
    },
    {
      ...{
        kind: "change",
        id: ["governance", "approve"],
        description: "Approve an operation for the council (the same as council approve)",
      },
      signer: "member",
      takes: { positionals: [OPERATION] },
      load: async () => (await import("../council/votes.ts")).approve,
    },
    {
      ...{ kind: "read", id: ["council", "seats"], description: "Who sits on the council, and how many votes decide" },
      takes: {},
      load: async () => (await import("../council/seats.ts")).listSeats,
    },
    {
      ...{ kind: "change", id: ["council", "claim"], description: "Take a founding seat for the account's member" },
      signer: "member",
      takes: {},
      load: async () => (await import("../council/seats.ts")).claim,
    },
    {
      ...{ kind: "change", id: ["council", "seat"], description: "Give a member a seat (constitution)" },
      signer: "staff",
      takes: { positionals: [MEMBER] },
      load: async () => (await import("../council/seats.ts")).giveSeat,
    },
    {
      ...{ kind: "change", id: ["council", "vacate"], description: "Take a member's seat (constitution)" },
      signer: "staff",
      takes: { positionals: [MEMBER] },
      load: async () => (await import("../council/seats.ts")).vacate,
    },
    {
      ...{
        kind: "change",
        id: ["council", "object"],
        description: "Object to an operation of the constitution; the second objection stops it",
      },
      signer: "member",
      takes: { positionals: [OPERATION], options: DOCUMENT },
      load: async () => (await import("../council/votes.ts")).object,
    },
    {
      ...{
        kind: "change",
        id: ["council", "approve"],
        description: "Approve an operation, or `lift` for the running freeze; two thirds decide",
      },
      signer: "member",
      takes: { positionals: [OPERATION] },
      load: async () => (await import("../council/votes.ts")).approve,
    },
    {
      ...{
        kind: "change",
        id: ["council", "lift"],
        description: "Lift an overdue freeze that two thirds approved to lift",
      },
      signer: "member",
      takes: {},
      load: async () => (await import("../council/votes.ts")).lift,
    },
    {
      ...{ kind: "read", id: ["staff", "list"], description: "Who is and was on the staff" },
      takes: {},
      load: async () => (await import("../council/staff.ts")).listStaff,
    },
    {
      ...{
        kind: "change",
        id: ["staff", "replace"],
        description: "Replace one of the staff by another account (constitution)",
      },
      signer: "staff",
      takes: {
        positionals: [
          { name: "person", description: "staff-1 ..., or an address" },
          { name: "account", description: "The successor's address" },
        ],
      },
      load: async () => (await import("../council/staff.ts")).replaceStaff,
    },
  ];
}
