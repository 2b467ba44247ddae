import { isHexString } from "ethers";

import { accountAddress } from "../member/own.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, iso, label, moment, parseLabel } from "../words/amounts.ts";

interface Version {
  readonly name: string;
  readonly address: string;
  readonly version: number;
  readonly implementation: string;
  readonly codeHash: string;
  readonly since: number;
  readonly reversible: boolean;
  readonly takenBack: boolean;
}

export async function listContracts(session: Session, args: { readonly versions?: boolean }): Promise<Report> {
  const { contractDirectory: directory } = (await session.platform()).contracts;
  const rows: Version[] = [];
  for (const name of await directory.names()) {
    const [address, latest] = [
      (await directory.addressOf(name)).toLowerCase(),
      Number(await directory.versionOf(name)),
    ];
    for (let version = args.versions === true ? 1 : latest; version <= latest; version++) {
      const found = await directory.getVersion(name, version);
      const { codeHash, reversible, takenBack } = found;
      const implementation = found.implementation.toLowerCase();
      const since = Number(found.since);
      rows.push({ name: label(name), address, version, implementation, codeHash, since, reversible, takenBack });
    }
  }
  return {
    json: rows.map((row) => ({ ...row, since: iso(row.since) })),
    text: (language) =>
      table(
        [
          { title: { en: "contract", zh: "合约" }, cell: ({ name }) => name },
          { title: { en: "address", zh: "地址" }, cell: ({ address }) => address },
          { title: { en: "version", zh: "版本" }, cell: ({ version }) => String(version) },
          { title: { en: "since", zh: "自" }, cell: ({ since }) => moment(since) },
          { title: { en: "implementation", zh: "实现" }, cell: ({ implementation }) => implementation },
          {
            title: { en: "state", zh: "状态" },
            cell: ({ takenBack, reversible }) =>
              (takenBack
                ? { en: "taken back", zh: "已撤回" }
                : reversible
                  ? { en: "reversible", zh: "可撤回" }
                  : { en: "-", zh: "-" })[language],
          },
        ],
        rows,
        language,
      ),
  };
}

interface ChangeArguments {
  readonly name: string;
  readonly implementation: string;
  readonly initialization?: string;
  readonly check?: string;
  readonly irreversible?: boolean;
}

export async function change(session: Session, args: ChangeArguments): Promise<Plan> {
  const { initialization = "0x", irreversible = false } = args;
  if (!isHexString(initialization)) throw invalid("--initialization", initialization, "0x and hex digits");
  const implementation = accountAddress(args.implementation);
  const changes = [{ name: parseLabel("name", args.name), implementation, reversible: !irreversible, initialization }];
  return await planOf(session, "desk", "contractDirectory", "change", [[changes, await checkOf(session, args.check)]]);
}

export async function takeBack(
  session: Session,
  args: { readonly name: string; readonly check?: string },
): Promise<Plan> {
  const name = parseLabel("name", args.name);
  return await planOf(session, "desk", "contractDirectory", "takeBack", [[name, await checkOf(session, args.check)]]);
}

async function checkOf(session: Session, given: string | undefined): Promise<string> {
  return given === undefined ? (await session.platform()).deployment.addresses.platformCheck : accountAddress(given);
}
