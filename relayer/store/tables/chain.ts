/** Tables of the chain: outbox, watched events. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface ChainTables {}
