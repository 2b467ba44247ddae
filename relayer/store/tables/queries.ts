/** Tables of queries, sessions, leaves and settlements. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface QueryTables {}
