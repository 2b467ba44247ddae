/** A query that was not taken in is an operation too: who wanted it, and why it was refused, goes into the audit log. */
import { randomUUID } from "node:crypto";

import { isFault } from "../../../protocol/errors/fault.ts";
import type { QueryDependencies } from "./query-context.ts";
import type { QueryService } from "./query-service.ts";

export function withRefusalsAudited(
  queries: QueryService,
  { db, audit }: Pick<QueryDependencies, "db" | "audit">,
): QueryService {
  return {
    ...queries,
    async create(demand) {
      try {
        return await queries.create(demand);
      } catch (error) {
        if (isFault(error)) {
          // Nothing of it is stored, so it has no id but this entry's.
          const entry = { actor: demand.caller, action: "query.create", subjectId: randomUUID(), outcome: error.code };
          await db.transaction().execute((trx) => audit.append(trx, entry));
        }
        throw error;
      }
    },
  };
}
