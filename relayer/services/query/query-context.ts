/** What the parts of the query service are built from. */
import type { Purpose } from "../../../protocol/oblivious-lookup/purpose.ts";
import type { RatingModel } from "../../../protocol/rating/model.ts";
import type { SubjectId } from "../../../protocol/subject/subject.ts";
import type { RelayerContext } from "../../context.ts";
import type { OprfPool } from "../../oprf-pool/pool.ts";
import type { AuditLog } from "../../store/audit-log.ts";
import type { PeerChannel } from "../channel/client.ts";
import type { ConsortiumMirror } from "../editions/consortium-mirror.ts";
import type { NodeHealth } from "../picture/node-health.ts";
import type { MirroredTables } from "./mirrored-tables.ts";
import type { QueryProgress } from "./progress.ts";
import type { SessionBook } from "./sessions.ts";

export interface AuthorisationReference {
  readonly id: string;
  readonly documentDigest: Uint8Array;
  readonly consentSecret: Uint8Array;
}

/** Finds the authorisation to query. @throws Fault AUTHORISATION_* */
export type Authorise = (demand: {
  readonly subject: SubjectId;
  readonly purpose: Purpose;
  readonly id?: string | undefined;
}) => Promise<AuthorisationReference>;

export interface QueryDependencies extends Pick<
  RelayerContext,
  "chain" | "outbox" | "db" | "operator" | "random" | "cipher" | "clock" | "log" | "jobs"
> {
  readonly pool: OprfPool;
  readonly channel: PeerChannel;
  readonly tables: MirroredTables;
  readonly consortium: ConsortiumMirror;
  readonly nodeHealth: NodeHealth;
  readonly ratingModel: RatingModel;
  readonly sessions: SessionBook;
  readonly progress: QueryProgress;
  readonly authorise: Authorise;
  readonly audit: Pick<AuditLog, "append" | "conclude">;
}
