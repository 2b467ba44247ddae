/** The platform on a chain by one task: `scripts/network/deploy.ts` with a trial before it. */
import { resolve } from "node:path";

import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { readDeployment } from "../../../relayer/chain/deployment.ts";
import { createProvider, reached } from "../../../relayer/chain/provider.ts";
import { createKeyStore } from "../../../relayer/keys/key-store.ts";
import { randomSource } from "../../governance/random-source.ts";
import { deploymentFileIn, deployPlatform } from "../../network/deploy.ts";
import { accountAddress } from "../member/own.ts";
import type { Text } from "../language.ts";
import { sheet, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { duration, parseDuration, required } from "../words/amounts.ts";

interface DeployArguments {
  readonly staff?: string;
  readonly delay?: string;
  readonly leastDelay?: string;
  readonly out?: string;
  readonly rpc?: string;
  readonly keys?: string;
}

const DEFAULT_DELAY = "3d";

/** @throws Fault STAFF_NOT_THREE, STAFF_NOT_DISTINCT, CHAIN_UNREACHABLE, and what a deployment throws */
export async function deploy(session: Session, args: DeployArguments): Promise<Report> {
  const rpcUrl = required("--rpc", args.rpc ?? process.env["RISKVEIL_RPC_URL"]);
  const staff = threeAccounts(required("--staff", args.staff));
  const membersDelay = parseDuration("--delay", args.delay ?? DEFAULT_DELAY);
  const leastDelay = args.leastDelay === undefined ? membersDelay : parseDuration("--least-delay", args.leastDelay);
  const outDir = resolve(args.out ?? "deployment");
  const chainId = await chainIdOf(rpcUrl);
  const file = deploymentFileIn(outDir);
  const entries: (readonly [Text, string])[] = [
    [{ en: "chain", zh: "区块链" }, `${String(chainId)} (${rpcUrl})`],
    [{ en: "staff", zh: "工作人员" }, staff.join("\n")],
  ];
  if (!session.sending) {
    const existing = await readDeployment(file).catch((error: unknown) => {
      if (isFault(error, "DEPLOYMENT_UNREADABLE")) return undefined;
      throw error;
    });
    return {
      json: {
        deployed: false,
        chainId,
        staff: [...staff],
        membersDelay,
        leastDelay,
        file,
        existing: existing !== undefined,
      },
      text: (language) =>
        [
          sheet(
            [
              ...entries,
              [{ en: "members' delay", zh: "成员等待期" }, duration(membersDelay)[language]],
              [{ en: "never below", zh: "不低于" }, duration(leastDelay)[language]],
              [{ en: "file", zh: "部署文件" }, file],
            ],
            language,
          ),
          existing === undefined
            ? { en: "Nothing was sent. Add --yes to deploy.", zh: "以上为试运行，未发送。加 --yes 部署。" }[language]
            : {
                en: "There is a deployment file: with --yes, what it names is looked at, and nothing is changed if all is there.",
                zh: "已有部署文件：加 --yes 将核对其内容，完整则不作变更。",
              }[language],
        ].join("\n"),
    };
  }
  const before = await blockNumber(rpcUrl, chainId);
  const key = args.keys === undefined ? undefined : await deployerKey(args.keys);
  const deployment = await deployPlatform({
    ...{ rpcUrl, chainId, outDir, staff, membersDelay, leastDelay },
    ...(key === undefined ? {} : { deployerKey: key }),
    // Progress is for people at a terminal, not part of the answer.
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const changed = (await blockNumber(rpcUrl, chainId)) !== before;
  return {
    json: { deployed: true, changed, chainId, file, addresses: deployment.addresses },
    text: (language) =>
      [
        sheet(
          [
            ...entries,
            [{ en: "file", zh: "部署文件" }, file],
            ...Object.entries(deployment.addresses).map(([name, address]): readonly [Text, string] => [
              { en: name, zh: name },
              address,
            ]),
          ],
          language,
        ),
        changed
          ? {
              en: "Deployed. Give the file to every member: it is public.",
              zh: "已部署。请将部署文件分发给全体成员（可公开）。",
            }[language]
          : { en: "The platform was there already: nothing was changed.", zh: "平台已存在，未作变更。" }[language],
      ].join("\n"),
  };
}

function threeAccounts(given: string): [string, string, string] {
  const accounts = given.split(",").map((account) => accountAddress(account.trim()));
  const [one, two, three] = accounts;
  if (one === undefined || two === undefined || three === undefined || accounts.length !== 3) {
    throw new Fault("STAFF_NOT_THREE", { given: accounts.length });
  }
  return [one, two, three];
}

async function deployerKey(directory: string): Promise<Uint8Array> {
  const key = await createKeyStore(directory, randomSource).findOperatorKey();
  if (key === undefined) throw new Fault("KEY_DIRECTORY_EMPTY", { file: `${directory}/operator.json` });
  return key;
}

async function chainIdOf(rpcUrl: string): Promise<number> {
  return Number(await ask(rpcUrl, 1, "eth_chainId"));
}

async function blockNumber(rpcUrl: string, chainId: number): Promise<number> {
  return Number(await ask(rpcUrl, chainId, "eth_blockNumber"));
}

async function ask(rpcUrl: string, chainId: number, method: string): Promise<string> {
  const provider = createProvider(rpcUrl, chainId);
  try {
    return String(await reached(provider.send(method, [])));
  } finally {
    provider.destroy();
  }
}
