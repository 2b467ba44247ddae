/** The secret of a key that a test dealt: what nobody in service ever has. */
import type { Residue } from "../../protocol/group/group.ts";
import { addResidues, multiplyResidues, ZERO } from "../../protocol/group/residues.ts";
import { lagrangeCoefficients } from "../../protocol/threshold/shamir.ts";
import type { DealtKey } from "../protocol/threshold/ceremony.ts";

export function interpolateAtZero({ keys, shares }: DealtKey): Residue {
  const used = shares.slice(0, keys.threshold);
  const weights = lagrangeCoefficients(used.map(({ index }) => index));
  return used.reduce(
    (sum: Residue, { secret }, at) => addResidues(sum, multiplyResidues(weights[at] ?? ZERO, secret)),
    ZERO,
  );
}
