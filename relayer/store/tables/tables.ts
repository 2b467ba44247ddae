/** Tables of published and mirrored sealed tables. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface TableTables {}
