/** Where a record stands, since its status date. */
export const RECORD_STATUSES = ["open", "cured", "disputed", "withdrawn", "expired"] as const;

export type RecordStatus = (typeof RECORD_STATUSES)[number];
