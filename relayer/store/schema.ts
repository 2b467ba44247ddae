import type { ChainTables } from "./tables/chain.ts";
import type { EditionTables } from "./tables/editions.ts";
import type { PictureTables } from "./tables/pictures.ts";
import type { PlatformTables } from "./tables/platform.ts";
import type { QueryTables } from "./tables/queries.ts";
import type { RecordTables } from "./tables/records.ts";
import type { StatisticTables } from "./tables/statistics.ts";
import type { TableTables } from "./tables/tables.ts";

/** Every table of a relayer's database, by area. Columns are snake_case here as in SQL. */
export interface Database
  extends
    PlatformTables,
    ChainTables,
    RecordTables,
    TableTables,
    QueryTables,
    StatisticTables,
    EditionTables,
    PictureTables {}
