/** Tables of risk records, imports and authorisations. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface RecordTables {}
