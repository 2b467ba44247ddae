/** Who is in the demo network. All firms are fictional. */
export interface Party {
  /** Its name on chain, in file names and in the environment. */
  readonly name: "association" | "alpha" | "beta" | "gamma" | "delta";
  readonly kind: "Association" | "SecuritiesFirm";
  readonly title: string;
  /** Label of the one dataset it publishes. */
  readonly dataset: "REGULATORY" | "CREDIT";
}

export const PARTIES: readonly Party[] = [
  { name: "association", kind: "Association", title: "Association (协会)", dataset: "REGULATORY" },
  { name: "alpha", kind: "SecuritiesFirm", title: "Alpha Securities (甲证券)", dataset: "CREDIT" },
  { name: "beta", kind: "SecuritiesFirm", title: "Beta Securities (乙证券)", dataset: "CREDIT" },
  { name: "gamma", kind: "SecuritiesFirm", title: "Gamma Securities (丙证券)", dataset: "CREDIT" },
  { name: "delta", kind: "SecuritiesFirm", title: "Delta Securities (丁证券)", dataset: "CREDIT" },
];

export type PartyName = Party["name"];

/** Categories that a dataset of the demo covers; the platform requires one dataset for each of a holder's categories. */
export const CATEGORIES: Readonly<Record<Party["dataset"], readonly string[]>> = {
  REGULATORY: ["A"],
  CREDIT: ["B", "C"],
};
