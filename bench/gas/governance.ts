/**
 * Gas of what people decide: a proposal and its execution, an objection, an approval; and of a change of a contract under
 * {PlatformCheck}, whose cost grows with members and datasets. Keys are taken on trust here: of their verification there
 * are figures elsewhere.
 */
import { type ContractTransactionResponse, encodeBytes32String, toBeHex, Wallet } from "ethers";

import {
  B,
  type Connection,
  deployPlatform,
  digest,
  Kind,
  MEMBERS_DELAY,
  type Platform,
  type Signer,
} from "../../test/contracts/platform.ts";
import { publication } from "../../test/contracts/stages.ts";

/** Firms with a dataset each, at which the growth is measured. */
const [FEW, MANY] = [6, 36];
const FUNDS = 10n ** 20n;

export async function measureGovernance(chain: Connection): Promise<Record<string, number>> {
  const platform = await deployPlatform(chain);
  const trusting = await chain.ethers.deployContract("YesVerifier");
  await chain.networkHelpers.setCode(await platform.verifier.getAddress(), (await trusting.getDeployedCode()) ?? "0x");
  const firms: Signer[] = [];
  while (firms.length < FEW) firms.push(await firm(chain, platform, firms.length + 1));
  const few = await change(chain, platform);
  const decisions = await deciding(chain, platform, firms);
  while (firms.length < MANY) firms.push(await firm(chain, platform, firms.length + 1));
  const many = await change(chain, platform);
  return {
    ...decisions,
    [`ContractDirectory.change, PlatformCheck at ${MANY} members and datasets`]: many,
    "ContractDirectory.change, per member and dataset": Math.round((many - few) / (MANY - FEW)),
  };
}

async function firm(chain: Connection, { members, datasets }: Platform, id: number): Promise<Signer> {
  const { address } = Wallet.createRandom();
  await chain.networkHelpers.setBalance(address, FUNDS);
  await chain.networkHelpers.impersonateAccount(address);
  const operator = await chain.ethers.getSigner(address);
  const url = "https://relayer.securities-firm.example.cn:8443";
  await members.connect(operator).apply_(Kind.SecuritiesFirm, `securities-firm-number-${id}`, url);
  await members.connect(operator).presentKey(id, id, "0x");
  await members.certifyKey(id, 0, digest("certificate"));
  await members.recordReview(id, digest("review"));
  await members.recordAcceptance(id, digest("acceptance"));
  await members.admit(id);
  const label = encodeBytes32String("CREDIT");
  await datasets.connect(operator).registerDataset(label, [B]);
  const dataset = await datasets.datasetIdOf(id, label);
  await datasets.connect(operator).publish(dataset, publication(dataset));
  return operator;
}

async function change(chain: Connection, { authority, emergency, directory, check }: Platform): Promise<number> {
  const next = await chain.ethers.deployContract("PlatformParameters", [
    await authority.getAddress(),
    await emergency.getAddress(),
  ]);
  const name = encodeBytes32String("platformParameters");
  const implementation = await next.getAddress();
  const sent = await directory.change([{ name, implementation, reversible: true, initialization: "0x" }], check);
  return Number((await sent.wait())?.gasUsed ?? 0n);
}

/** Two objections to one operation; approval and execution of another. */
async function deciding(chain: Connection, platform: Platform, firms: readonly Signer[]) {
  const { constitution, council, parameters, staff } = platform;
  const seated = firms.slice(0, 5);
  const [first, second] = seated as [Signer, Signer];
  const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> =>
    Number((await (await sent).wait())?.gasUsed ?? 0n);
  const claim = await gasOf(council.connect(first).claimSeat());
  for (const operator of seated.slice(1)) await council.connect(operator).claimSeat();
  const call = parameters.interface.encodeFunctionData("setSettlementWindow", [3600]);
  const targets = [await parameters.getAddress()];
  const none = toBeHex(0, 32);
  const proposal = async (salt: string): Promise<[number, string]> => {
    const id = await constitution.hashOperationBatch(targets, [0], [call], none, salt);
    const sent = constitution.connect(staff[0]).propose(targets, [0], [call], salt, "settlement window of an hour");
    return [await gasOf(sent), id];
  };
  const [propose, stopped] = await proposal(digest("stopped"));
  const [, executed] = await proposal(digest("executed"));
  const objections = [first, second].map((operator) => council.connect(operator));
  const [one, two] = objections as [Platform["council"], Platform["council"]];
  const report = {
    "MemberCouncil.claimSeat, the first": claim,
    "DualControlTimelock.propose, 1 call": propose,
    "MemberCouncil.object, the first": await gasOf(one.object(stopped, digest("reason"))),
    "MemberCouncil.object, the second, which stops": await gasOf(two.object(stopped, digest("reason"))),
    "MemberCouncil.approve": await gasOf(one.approve(executed)),
  };
  await chain.networkHelpers.time.increase(MEMBERS_DELAY);
  const executing = constitution.connect(staff[1]).executeBatch(targets, [0], [call], none, digest("executed"));
  return { ...report, "DualControlTimelock.executeBatch, 1 call": await gasOf(executing) };
}
