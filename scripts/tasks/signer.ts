/** Whose key signs unless another is named: the Association's staff, or a member's operator. */
export type Signer = "staff" | "member";

/** Under which names Hardhat's keystore holds a person's key: `npx hardhat keystore set RISKVEIL_STAFF_KEY`. */
export const KEY_VARIABLES = { staff: "RISKVEIL_STAFF_KEY", member: "RISKVEIL_OPERATOR_KEY" } as const;
