import { Fault } from "../../../protocol/errors/fault.ts";
import { IncentiveRules__factory } from "../../../types/ethers-contracts/factories/incentive/IncentiveRules__factory.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { sheet, table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, parsePoints, points } from "../words/amounts.ts";

interface Rates {
  readonly defaultPrice: bigint;
  readonly poolShareBasisPoints: bigint;
  readonly openingGrant: bigint;
  readonly publicationReward: bigint;
}

async function readRates(session: Session): Promise<Rates> {
  const { deployment, provider } = await session.platform();
  return await IncentiveRules__factory.connect(deployment.addresses.incentiveRules, provider).rates();
}

export async function showRates(session: Session): Promise<Report> {
  const rates = await readRates(session);
  const poolPercent = Number(rates.poolShareBasisPoints) / 100;
  const [price, grant, reward] = [rates.defaultPrice, rates.openingGrant, rates.publicationReward].map(points);
  return {
    json: {
      defaultPrice: price ?? "",
      poolPercent,
      openingGrant: grant ?? "",
      publicationReward: reward ?? "",
    },
    text: (language) =>
      sheet(
        [
          [{ en: "default price of an evaluation", zh: "每次查询默认价格" }, price ?? ""],
          [{ en: "share of the pool", zh: "奖池比例" }, `${poolPercent}%`],
          [{ en: "opening grant on admission", zh: "准入开户赠分" }, grant ?? ""],
          [{ en: "reward for a publication", zh: "发布奖励" }, reward ?? ""],
        ],
        language,
      ),
  };
}

export async function setRates(
  session: Session,
  args: { readonly price?: string; readonly pool?: string; readonly grant?: string; readonly reward?: string },
): Promise<Plan> {
  const { price, pool, grant, reward } = args;
  if ([price, pool, grant, reward].every((given) => given === undefined)) {
    throw new Fault("ARGUMENT_MISSING", { argument: "--price, --pool, --grant, --reward" });
  }
  const known = await readRates(session);
  const amount = (option: string, text: string | undefined, otherwise: bigint): bigint =>
    text === undefined ? otherwise : parsePoints(option, text);
  return await planOf(session, "desk", "incentiveRules", "setRates", [
    [
      amount("--price", price, known.defaultPrice),
      pool === undefined ? known.poolShareBasisPoints : basisPoints(pool),
      amount("--grant", grant, known.openingGrant),
      amount("--reward", reward, known.publicationReward),
    ],
  ]);
}

function basisPoints(given: string): number {
  if (!/^\d{1,3}(?:\.\d{1,2})?$/.test(given)) throw invalid("--pool", given, "per cent, up to two decimals");
  return Math.round(Number(given) * 100);
}

export async function setPrice(
  session: Session,
  args: { readonly dataset: string; readonly points: string },
): Promise<Plan> {
  const { id } = (await session.names()).findPriced(args.dataset);
  const price = args.points === "default" ? 0n : parsePoints("points", args.points);
  // Zero on chain restores the default: that something is free cannot be said.
  if (price === 0n && args.points !== "default") throw invalid("points", args.points, "more than 0, or default");
  return await planOf(session, "desk", "incentiveRules", "setPrice", [[id, price]]);
}

/** Of datasets and of nodes' services. */
export async function listPrices(session: Session): Promise<Report> {
  const [{ contracts }, names] = [await session.platform(), await session.names()];
  const rows = await Promise.all(
    [...names.datasets, ...names.services].map(async ({ id }) => ({
      ...{ id, name: names.datasetName(id), price: points(await contracts.incentiveRules.priceOf(id)) },
    })),
  );
  return {
    json: rows,
    text: (language) =>
      table(
        [
          { title: { en: "dataset or service", zh: "数据集或服务" }, cell: ({ name }) => name },
          { title: { en: "price", zh: "价格" }, cell: ({ price }) => price },
          { title: { en: "id", zh: "编号" }, cell: ({ id }) => id },
        ],
        rows,
        language,
      ),
  };
}

export async function listPoints(session: Session): Promise<Report> {
  const { contracts } = await session.platform();
  const { members } = await session.names();
  const rows = await Promise.all(
    members.map(async ({ id, name }) => ({ member: id, name, points: points(await contracts.points.pointsOf(id)) })),
  );
  const pool = points(await contracts.points.balanceOf(await contracts.incentiveRules.pool()));
  return {
    json: { members: rows, pool },
    text: (language) =>
      table(
        [
          { title: { en: "no", zh: "编号" }, cell: ({ member }) => (member === 0 ? "" : String(member)) },
          { title: { en: "name", zh: "名称" }, cell: ({ name }) => name },
          { title: { en: "points", zh: "积分" }, cell: (row) => row.points },
        ],
        [...rows, { member: 0, name: { en: "(pool)", zh: "（奖池）" }[language], points: pool }],
        language,
      ),
  };
}
