/** What a task is called and takes, apart from what it does. */
import type { Plan } from "./plan.ts";
import type { Report } from "./report.ts";
import type { Session } from "./session.ts";
import type { Signer } from "./signer.ts";

export interface Argument {
  /** Camel case; on the command line with hyphens. */
  readonly name: string;
  readonly description: string;
}

export interface Positional extends Argument {
  readonly optional?: boolean;
  /** Takes all that follow. */
  readonly several?: boolean;
}

export interface Takes {
  readonly positionals?: readonly Positional[];
  /** Never mandatory for Hardhat; a handler asks for what it needs. */
  readonly options?: readonly Argument[];
  readonly flags?: readonly Argument[];
}

/** Gets its arguments by name: a string each, a boolean for a flag, a list for a positional that takes several. */
type Handler<Result> = (session: Session, args: never) => Promise<Result>;

interface CommandBase {
  readonly id: readonly [string, ...string[]];
  readonly description: string;
  readonly takes: Takes;
}

/** Says what is on chain. */
export interface ReadCommand extends CommandBase {
  readonly kind: "read";
  readonly load: () => Promise<Handler<Report>>;
}

/** Says what is to be called; that is tried, and sent if wanted, in one place (`carry-out.ts`). */
export interface ChangeCommand extends CommandBase {
  readonly kind: "change";
  readonly signer: Signer;
  readonly load: () => Promise<Handler<Plan>>;
}

/** Makes files or more than one transaction, and keeps to `session.sending` by itself. */
export interface LocalCommand extends CommandBase {
  readonly kind: "local";
  readonly load: () => Promise<Handler<Report>>;
}

export type Command = ReadCommand | ChangeCommand | LocalCommand;

const EVERYWHERE: readonly Argument[] = [
  { name: "deployment", description: "The deployment file (default: that of the network which npm start keeps)" },
  { name: "lang", description: "en or zh (default: by LANG)" },
];
const JSON_FLAG: Argument = { name: "json", description: "Print JSON for programs" };
const SENDING: readonly Argument[] = [
  { name: "yes", description: "Do it; without, the task only says what it would do" },
  { name: "send", description: "The same as --yes" },
];
const SIGNING: readonly Argument[] = [
  { name: "keys", description: "Directory with the key of the account (operator.json, readable by you alone)" },
  { name: "key", description: "Name of the key in Hardhat's keystore" },
  { name: "from", description: "Address of the account, for a trial without its key" },
  { name: "note", description: "Words that go on chain with a proposal, for those who decide on it" },
];
const ANYWAY: Argument = { name: "anyway", description: "Propose although it would be refused as things stand now" };

export function optionsOf({ kind, takes }: Command): readonly Argument[] {
  return [...(takes.options ?? []), ...EVERYWHERE, ...(kind === "change" ? SIGNING : [])];
}

export function flagsOf({ kind, takes }: Command): readonly Argument[] {
  const more = kind === "read" ? [] : SENDING;
  return [...(takes.flags ?? []), JSON_FLAG, ...more, ...(kind === "change" ? [ANYWAY] : [])];
}
