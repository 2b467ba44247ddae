import type { Migration } from "kysely/migration";

import { migration as platform } from "./migrations/0001_platform.ts";
import { migration as chain } from "./migrations/0002_chain.ts";
import { migration as records } from "./migrations/0003_records.ts";
import { migration as tables } from "./migrations/0004_tables.ts";
import { migration as queries } from "./migrations/0005_queries.ts";
import { migration as robustness } from "./migrations/0007_robustness.ts";
import { migration as statistics } from "./migrations/0009_statistics.ts";
import { migration as editions } from "./migrations/0010_editions.ts";
import { migration as pictures } from "./migrations/0011_pictures.ts";
import { migration as locator } from "./migrations/0012_locator.ts";

/** In the order they run. A migration that has left a developer's machine is never changed, only followed by another. */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001_platform": platform,
  "0002_chain": chain,
  "0003_records": records,
  "0004_tables": tables,
  "0005_queries": queries,
  "0007_robustness": robustness,
  "0009_statistics": statistics,
  "0010_editions": editions,
  "0011_pictures": pictures,
  "0012_locator": locator,
};
