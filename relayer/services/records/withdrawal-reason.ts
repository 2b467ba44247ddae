/** Why a record or an authorisation is withdrawn: codes, so that nobody writes about a person here. */
export const WITHDRAWAL_REASONS = [
  "SUBJECT_REQUEST",
  "ENTERED_IN_ERROR",
  "RELATIONSHIP_ENDED",
  "AUTHORITY_ORDER",
  "OTHER",
] as const;

export type WithdrawalReason = (typeof WITHDRAWAL_REASONS)[number];
