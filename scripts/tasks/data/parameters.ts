import type { Text } from "../language.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Contracts } from "../platform.ts";
import type { Session } from "../session.ts";
import { duration, invalid, parseDuration } from "../words/amounts.ts";

interface Parameter {
  readonly name: string;
  readonly title: Text;
  readonly read: (contracts: Contracts) => Promise<bigint | boolean>;
  readonly contract: "platformParameters" | "constitution";
  readonly setter: string;
}

const PARAMETERS: readonly Parameter[] = [
  {
    name: "epoch-length",
    title: { en: "length of an epoch, from the end of the running one", zh: "周期长度（自本周期结束起生效）" },
    read: ({ platformParameters }) => platformParameters.epochLength(),
    contract: "platformParameters",
    setter: "setEpochLength",
  },
  {
    name: "settlement-window",
    title: { en: "time to settle after a session's expiry", zh: "会话到期后的结算窗口" },
    read: ({ platformParameters }) => platformParameters.settlementWindow(),
    contract: "platformParameters",
    setter: "setSettlementWindow",
  },
  {
    name: "longest-session",
    title: { en: "longest session", zh: "最长会话时长" },
    read: ({ platformParameters }) => platformParameters.maximumSessionDuration(),
    contract: "platformParameters",
    setter: "setMaximumSessionDuration",
  },
  {
    name: "existing-customers",
    title: { en: "existing customers take part", zh: "存量客户纳入共享" },
    read: ({ platformParameters }) => platformParameters.existingCustomersIncluded(),
    contract: "platformParameters",
    setter: "switchExistingCustomers",
  },
  {
    name: "members-delay",
    title: { en: "members' delay before what the Association proposed takes effect", zh: "提案生效前的成员等待期" },
    read: ({ constitution }) => constitution.getMinDelay(),
    contract: "constitution",
    setter: "updateDelay",
  },
];

export async function listParameters(session: Session): Promise<Report> {
  const { contracts } = await session.platform();
  const rows = await Promise.all(
    PARAMETERS.map(async ({ name, title, read }) => ({ name, title, value: await read(contracts) })),
  );
  return {
    json: rows.map(({ name, value }) =>
      typeof value === "boolean" ? { name, value } : { name, seconds: Number(value) },
    ),
    text: (language) =>
      table(
        [
          { title: { en: "parameter", zh: "参数" }, cell: ({ name }) => name },
          { title: { en: "value", zh: "当前值" }, cell: ({ value }) => valueText(value)[language] },
          { title: { en: "what it is", zh: "含义" }, cell: ({ title }) => title[language] },
        ],
        rows,
        language,
      ),
  };
}

export async function setParameter(
  session: Session,
  args: { readonly parameter: string; readonly value: string },
): Promise<Plan> {
  const parameter = PARAMETERS.find(({ name }) => name === args.parameter);
  if (parameter === undefined) {
    throw invalid("parameter", args.parameter, PARAMETERS.map(({ name }) => name).join(", "));
  }
  const isSwitch = parameter.name === "existing-customers";
  const value = isSwitch ? switchValue(args.value) : parseDuration("value", args.value);
  return await planOf(session, "desk", parameter.contract, parameter.setter, [[value]]);
}

function switchValue(given: string): boolean {
  if (given !== "on" && given !== "off") throw invalid("value", given, "on, off");
  return given === "on";
}

function valueText(value: bigint | boolean): Text {
  if (typeof value === "bigint") return duration(Number(value));
  return value ? { en: "on", zh: "开" } : { en: "off", zh: "关" };
}
