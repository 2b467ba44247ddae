/** Imports, register and records on a real database of their own. */
import type { MemberKind } from "../../relayer/chain/chain-view.ts";
import { testDatabase, type TestDatabase } from "./postgres.ts";
import { recordServicesOn, type ServicesOn } from "./record-services-on.ts";

export interface RecordServices extends ServicesOn {
  readonly database: TestDatabase;
}

export async function recordServices(kind: MemberKind = "SecuritiesFirm"): Promise<RecordServices> {
  const database = await testDatabase();
  return { ...recordServicesOn({ db: database.db, kind }), database };
}
