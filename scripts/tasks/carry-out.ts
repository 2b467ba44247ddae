/** From a plan to the transaction: which way, tried first as it would be sent, and sent only when wanted. */
import { Fault } from "../../protocol/errors/fault.ts";
import { toHex, type Hex } from "../../protocol/encoding/bytes.ts";
import { tryCall } from "../../relayer/chain/call-chain.ts";
import { batchOf, operationId, type Call } from "../governance/operation.ts";
import { randomSource } from "../governance/random-source.ts";
import { wayOf, type Way } from "../governance/route.ts";
import { awaitReceipt } from "../network/await-receipt.ts";
import { fundOnLocalChain } from "../network/local-funds.ts";
import type { Account } from "./account.ts";
import { chainTime } from "./chain-log.ts";
import { requireImpersonal } from "./impersonal.ts";
import { joined, sentence, type Text } from "./language.ts";
import { isShortened, shortened } from "./names.ts";
import { readOperations } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { sheet, type Json, type Report } from "./report.ts";
import type { Platform } from "./platform.ts";
import type { Session } from "./session.ts";
import { iso, moment } from "./words/amounts.ts";
import { describeCall, type DescribedCall } from "./words/calls.ts";

export interface CarryOutArguments {
  readonly note: string | undefined;
  /** Propose although the calls would be refused now. */
  readonly anyway: boolean;
  /** The desk that the person thinks it is. */
  readonly desk?: string | undefined;
}

/** How the account's own transaction looks: the call itself, or the proposal of the calls. */
interface Prepared {
  readonly way: Way | "direct";
  readonly call: Call;
  /** Of a proposal. */
  readonly operation: Hex | undefined;
  readonly note: string | undefined;
  readonly hasOwnNote: boolean;
  /** Why the calls would be refused if they took effect now; only with `--anyway`. */
  readonly refusal: Fault | undefined;
  /** Unix seconds; of a proposal. */
  readonly dueAt: number | undefined;
}

const WAYS: Readonly<Record<Way | "direct", Text>> = {
  constitution: { en: "the constitution, with the members' delay", zh: "章程程序（含成员等待期）" },
  dutyDesk: { en: "the duty desk, two of the staff", zh: "值守台（两名工作人员）" },
  staff: { en: "one of the staff alone, at once", zh: "一名工作人员即可，立即生效" },
  direct: { en: "the account itself, at once", zh: "由账户直接办理，立即生效" },
};

/** @throws Fault what the contracts would refuse it with, ACCOUNT_NOT_STAFF, GOVERNANCE_DESK_WRONG, NOTE_PERSONAL */
export async function carryOut(session: Session, plan: Plan, args: CarryOutArguments): Promise<Report> {
  const platform = await session.platform();
  const [account, names] = [await session.account(), await session.names()];
  const { operation } = plan;
  const named = (id: string): string => (id === operation?.id ? String(operation.number) : shortened(id));
  const described = plan.calls.map((call) => describeCall(call, names, named));
  const prepared = await prepare(session, platform, account, plan, described, args);
  await tryCall(platform.provider, {
    from: account.address,
    to: prepared.call.target as Hex,
    data: prepared.call.data as Hex,
  });
  const transaction = session.sending ? await send(platform, account, prepared.call) : undefined;
  const made = transaction === undefined ? [] : ((await plan.afterwards?.()) ?? []);
  const outcome = transaction === undefined ? undefined : await outcomeOf(platform, prepared);
  return report(
    { plan, described, prepared, account, person: names.accountName(account.address), made },
    transaction,
    outcome ?? { number: undefined, dueAt: prepared.dueAt },
  );
}

async function prepare(
  { language }: Session,
  platform: Platform,
  account: Account,
  plan: Plan,
  described: readonly DescribedCall[],
  args: CarryOutArguments,
): Promise<Prepared> {
  const { contracts, provider, deployment } = platform;
  const nothing = { operation: undefined, note: undefined, hasOwnNote: false, refusal: undefined, dueAt: undefined };
  const [only, ...others] = plan.calls;
  if (only === undefined) throw new Fault("ARGUMENT_MISSING", { argument: "action" });
  if (plan.through === "direct") return { way: "direct", call: only, ...nothing };
  const way = await wayOf(contracts, plan.calls);
  if (args.desk !== undefined && args.desk !== way) {
    throw new Fault("GOVERNANCE_DESK_WRONG", { given: args.desk, needed: way });
  }
  await requireStaff(platform, account);
  if (way === "staff") {
    if (others.length > 0) throw new Fault("GOVERNANCE_WAY_MIXED", { ways: way });
    return { way, call: only, ...nothing };
  }
  const note =
    args.note ??
    plan.note ??
    sentence(
      joined(
        described.map(({ words }) => words),
        { en: "; ", zh: "；" },
      ),
    )[language];
  requireImpersonal(note);
  const refusal = await trial(platform, deployment.addresses[way], plan.calls);
  if (refusal !== undefined && !args.anyway) throw refusal;
  const operation = { calls: plan.calls, salt: toHex(randomSource(32)) };
  const { targets, values, payloads } = batchOf(operation);
  const data = contracts[way].interface.encodeFunctionData("propose", [
    targets,
    values,
    payloads,
    operation.salt,
    note,
  ]);
  const [delay, now] = await Promise.all([contracts[way].getMinDelay(), chainTime(provider)]);
  return {
    way,
    call: { target: deployment.addresses[way], data },
    operation: operationId(operation),
    note,
    hasOwnNote: args.note !== undefined || plan.note !== undefined,
    refusal,
    dueAt: now + Number(delay),
  };
}

/** @throws Fault ACCOUNT_NOT_STAFF */
export async function requireStaff({ contracts }: Platform, { address }: Account): Promise<void> {
  const { authority } = contracts;
  const { isMember } = await authority.hasRole(await authority.STAFF_ROLE(), address);
  if (!isMember) throw new Fault("ACCOUNT_NOT_STAFF", { account: address });
}

/**
 * Whether the calls would be refused if the desk made them now. Only the first of several is judged alone: a later one may
 * build on what an earlier one does.
 */
async function trial({ provider }: Platform, desk: Hex, calls: readonly Call[]): Promise<Fault | undefined> {
  const independent = new Set(calls.map(({ data }) => data.slice(0, 10))).size === 1 ? calls : calls.slice(0, 1);
  for (const { target, data } of independent) {
    try {
      await tryCall(provider, { from: desk, to: target as Hex, data: data as Hex });
    } catch (error) {
      if (error instanceof Fault && error.code !== "CHAIN_UNREACHABLE") return error;
      throw error;
    }
  }
  return undefined;
}

async function send({ provider }: Platform, { wallet, address }: Account, { target, data }: Call): Promise<Hex> {
  if (wallet === undefined) throw new Fault("ACCOUNT_CANNOT_SIGN", { account: address });
  await fundOnLocalChain(provider, [address]);
  const { hash } = await awaitReceipt(provider, wallet.sendTransaction({ to: target, data }));
  return hash as Hex;
}

interface Outcome {
  readonly number: number | undefined;
  readonly dueAt: number | undefined;
}

async function outcomeOf(platform: Platform, { operation, dueAt }: Prepared): Promise<Outcome> {
  if (operation === undefined) return { number: undefined, dueAt };
  const found = (await readOperations(platform)).find(({ id }) => id === operation);
  return { number: found?.number, dueAt: found?.dueAt ?? dueAt };
}

interface Shown {
  readonly plan: Plan;
  readonly described: readonly DescribedCall[];
  readonly prepared: Prepared;
  readonly account: Account;
  readonly person: string;
  readonly made: readonly Text[];
}

function report(shown: Shown, transaction: Hex | undefined, { number, dueAt }: Outcome): Report {
  const { plan, described, prepared, account, person, made } = shown;
  const { way, note, refusal } = prepared;
  const sent = transaction !== undefined;
  const isProposal = prepared.operation !== undefined;
  const json: Record<string, Json> = {
    sent,
    account: account.address,
    person,
    way,
    calls: described.map(({ words: _, ...call }, i) => ({ ...call, ...plan.calls[i] })),
    note: note ?? null,
    // A proposal's salt is drawn anew when it is sent, and with it the id.
    operation: isProposal && sent ? { number: number ?? null, id: prepared.operation ?? null } : null,
    takesEffect: isProposal ? iso(dueAt) : null,
    about: plan.operation?.number ?? null,
    refusedNow: refusal?.code ?? null,
    transaction: transaction ?? null,
    ...plan.facts,
  };
  return {
    json,
    text(language) {
      const entries: (readonly [Text, string])[] = [
        [{ en: "does", zh: "事项" }, described.map(({ words }) => sentence(words)[language]).join("\n")],
        [{ en: "by", zh: "账户" }, isShortened(person) ? account.address : `${person} (${account.address})`],
        [{ en: "way", zh: "途径" }, WAYS[way][language]],
      ];
      // Where nobody said anything else, the note says what it does.
      if (prepared.hasOwnNote) entries.push([{ en: "note", zh: "说明" }, note ?? ""]);
      if (isProposal && number !== undefined) {
        entries.push([{ en: "operation", zh: "操作" }, `${number} (${prepared.operation?.slice(0, 10) ?? ""})`]);
      }
      if (isProposal && dueAt !== undefined)
        entries.push([{ en: "takes effect", zh: "生效" }, effect(way, dueAt)[language]]);
      if (!sent) entries.push([{ en: "calls", zh: "调用" }, described.map(callLine).join("\n")]);
      if (transaction !== undefined) entries.push([{ en: "transaction", zh: "交易" }, transaction]);
      const remarks = [...(plan.remarks ?? []), ...made].map((remark) => remark[language]);
      if (refusal !== undefined) remarks.push(`${WOULD_BE_REFUSED[language]}${refusal.title(language)}`);
      return [sheet(entries, language), ...remarks, ending(sent, isProposal)[language]].join("\n");
    },
  };
}

function callLine({ contract, function: name, arguments: args }: DescribedCall): string {
  return `${contract}.${name} ${JSON.stringify(args)}`;
}

const WOULD_BE_REFUSED: Text = { en: "As things stand now it would be refused: ", zh: "按当前状态将被拒绝：" };

function effect(way: Way | "direct", dueAt: number): Text {
  if (way === "dutyDesk") {
    return { en: "when another one of the staff executes it", zh: "由另一名工作人员执行后" };
  }
  return {
    en: `from ${moment(dueAt)} on, when another one of the staff executes it`,
    zh: `${moment(dueAt)} 起，由另一名工作人员执行后`,
  };
}

function ending(sent: boolean, isProposal: boolean): Text {
  if (!sent) return { en: "Nothing was sent. Add --yes to send it.", zh: "以上为试运行，未发送。加 --yes 发送。" };
  if (isProposal) return { en: "Proposed.", zh: "已提案。" };
  return { en: "Done.", zh: "已办理。" };
}
