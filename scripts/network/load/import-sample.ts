/** Brings each party's files in through the same door as a firm's own: the import of the member API. */
import { readFile } from "node:fs/promises";

import { Fault } from "../../../protocol/errors/fault.ts";
import type { ImportReport } from "../../../relayer/services/import/report.ts";
import type { SampleData } from "../../sample-data/generate.ts";
import type { Member } from "../network.ts";
import { patience, until } from "../waiting.ts";

interface ImportState {
  readonly id: string;
  readonly state: "waiting" | "running" | "done" | "refused" | "failed";
  readonly progress: number;
  readonly report: Pick<ImportReport, "reasons" | "fileFault"> | null;
}

const PATIENCE_S = 180;

export interface ImportOptions {
  readonly members: readonly Member[];
  readonly files: SampleData["files"];
  readonly subjectsPerMember: number;
  readonly signal: AbortSignal;
  /** Fraction of all files of all members that is in. */
  readonly progress: (fraction: number) => void;
}

/** @throws Fault WORK_FAILED, WORK_UNFINISHED, MEMBER_API_REFUSED */
export async function importSample(options: ImportOptions): Promise<void> {
  const { members, files, subjectsPerMember, signal, progress } = options;
  const wait = { seconds: patience(PATIENCE_S, subjectsPerMember), signal };
  const fractions = new Map<string, number>();
  const tell = (key: string, fraction: number): void => {
    fractions.set(key, fraction);
    progress([...fractions.values()].reduce((sum, value) => sum + value, 0) / (2 * members.length));
  };
  await Promise.all(
    members.map(async (member) => {
      const { name } = member.party;
      const own = files[name];
      if (own === undefined) return;
      // Authorisations first: a record without one would not be published.
      const inOrder = [
        ["authorisations", own.authorisations],
        ["records", own.records],
      ] as const;
      for (const [kind, file] of inOrder) {
        const key = `${name}/${kind}`;
        if (file !== undefined) await importFile(member, kind, file, wait, (fraction) => tell(key, fraction));
        tell(key, 1);
      }
    }),
  );
}

async function importFile(
  member: Member,
  kind: "authorisations" | "records",
  file: string,
  wait: { readonly seconds: number; readonly signal: AbortSignal },
  progress: (fraction: number) => void,
): Promise<void> {
  const { client, party } = member;
  const { id } = (await client.upload("data_officer", `/v1/imports/${kind}`, await readFile(file))) as { id: string };
  const work = `importing ${kind}`;
  await until({ name: party.name, work, ...wait }, async () => {
    const seen = (await client.get("data_officer", `/v1/imports/${id}`)) as ImportState;
    progress(seen.progress);
    if (seen.state === "waiting" || seen.state === "running") return undefined;
    if (seen.state === "done") return seen;
    const codes = [seen.report?.fileFault?.code ?? [], Object.keys(seen.report?.reasons ?? {})].flat();
    throw new Fault("WORK_FAILED", { name: party.name, work, reason: [seen.state, ...codes].join(" ") });
  });
}
