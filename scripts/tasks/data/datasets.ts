import { isFault } from "../../../protocol/errors/fault.ts";
import type { DatasetInfo } from "../../../relayer/chain/chain-view.ts";
import { refusal } from "../../../relayer/chain/refusal.ts";
import { sheet, table, type Report } from "../report.ts";
import type { Platform } from "../platform.ts";
import type { Session } from "../session.ts";
import { iso, moment, points } from "../words/amounts.ts";

interface Priced extends DatasetInfo {
  readonly holderName: string;
  readonly price: string;
}

async function priced({ contracts }: Platform, dataset: DatasetInfo, holderName: string): Promise<Priced> {
  return { ...dataset, holderName, price: points(await contracts.incentiveRules.priceOf(dataset.id)) };
}

export async function listDatasets(session: Session): Promise<Report> {
  const [platform, names] = [await session.platform(), await session.names()];
  const rows = await Promise.all(
    names.datasets.map((dataset) => priced(platform, dataset, names.memberName(dataset.holder))),
  );
  return {
    json: rows.map((row) => ({ ...row, categories: [...row.categories] })),
    text: (language) =>
      table(
        [
          { title: { en: "dataset", zh: "数据集" }, cell: ({ holderName, label }) => `${holderName}/${label}` },
          { title: { en: "categories", zh: "类别" }, cell: ({ categories }) => categories.join(", ") },
          { title: { en: "price", zh: "价格" }, cell: ({ price }) => price },
          {
            title: { en: "epoch", zh: "最近周期" },
            cell: ({ latestEpoch }) => (latestEpoch === 0 ? "-" : String(latestEpoch)),
          },
          { title: { en: "id", zh: "编号" }, cell: ({ id }) => id },
        ],
        rows,
        language,
      ),
  };
}

export async function showDataset(session: Session, args: { readonly dataset: string }): Promise<Report> {
  const [platform, names] = [await session.platform(), await session.names()];
  const found = names.findDataset(args.dataset);
  const dataset = await priced(platform, found, names.memberName(found.holder));
  const commitment = await latestCommitment(platform, dataset.id);
  return {
    json: { ...dataset, categories: [...dataset.categories], commitment },
    text: (language) =>
      sheet(
        [
          [{ en: "dataset", zh: "数据集" }, `${dataset.holderName}/${dataset.label}`],
          [{ en: "id", zh: "编号" }, dataset.id],
          [{ en: "categories", zh: "类别" }, dataset.categories.join(", ")],
          [{ en: "price", zh: "价格" }, dataset.price],
          ...(commitment === null
            ? [[{ en: "published", zh: "发布" }, "-"] as const]
            : ([
                [{ en: "published", zh: "发布" }, moment(Date.parse(commitment.publishedAt ?? "") / 1000)],
                [{ en: "epoch", zh: "周期" }, `${commitment.epoch}.${commitment.revision}`],
                [{ en: "entries (class)", zh: "条目数量级" }, String(commitment.entryCount)],
                [{ en: "root", zh: "承诺根" }, commitment.root],
              ] as const)),
        ],
        language,
      ),
  };
}

async function latestCommitment({ contracts }: Platform, id: string) {
  try {
    const { publication, publishedAt, withdrawn } = await contracts.datasetRegistry.latestCommitment(id);
    return {
      epoch: Number(publication.epoch),
      revision: Number(publication.revision),
      root: publication.root,
      entryCount: Number(publication.entryCount),
      publishedAt: iso(publishedAt),
      withdrawn,
    };
  } catch (error) {
    const known = refusal(error);
    if (isFault(known, "CHAIN_REVERTED") && known.values["error"] === "CommitmentUnknown") return null;
    throw known;
  }
}
