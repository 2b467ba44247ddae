/**
 * Sample data of fictional firms and the Association, as the files each would have: 10,000 subjects a firm, known
 * overlaps, answers that can be checked. The same seed gives the same files, byte by byte, on any day: dates lie before
 * a fixed one.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { authorisationOf, drawFlaw, FLAWS, type Flaw, type SampleAuthorisation } from "./consents.ts";
import { authorisationsFile, dialectOf, recordsFile, type OwnedRecord } from "./dialect.ts";
import { publicationOf, type Expectations } from "./expectations.ts";
import { createIdentities } from "./identity.ts";
import { populate, type SampleSubject } from "./population.ts";
import { createPrng, type Prng } from "./prng.ts";
import { recordsOf } from "./risk-records.ts";

/** Nothing in the sample data happened after this day. */
export const SAMPLE_DAY = new Date("2025-12-31T00:00:00Z");

/** Fictional firms, as they are shown. */
export const SAMPLE_FIRMS = {
  alpha: "示例甲证券",
  beta: "示例乙证券",
  gamma: "示例丙证券",
  delta: "示例丁证券",
} as const;
export const ASSOCIATION = "association";

export interface SampleDataOptions {
  readonly seed: number;
  /** Names of the firms; the Association is always added. */
  readonly members: readonly string[];
  /** Default 10,000. The Association has a fifth. */
  readonly subjectsPerMember?: number;
  /** Gets `<member>/records.csv`, `<member>/authorisations.csv` and `expectations.json`. */
  readonly outDir: string;
}

export interface SampleData {
  /** Files of each member; the Association has no authorisations, its records are public. */
  readonly files: Readonly<Record<string, { readonly records: string; readonly authorisations: string | undefined }>>;
  readonly expectationsFile: string;
  readonly expectations: Expectations;
}

interface MemberData {
  readonly records: OwnedRecord[];
  readonly authorisations: SampleAuthorisation[];
  readonly flaws: Map<string, Flaw>;
  nextRecord: number;
  nextAuthorisation: number;
}

export async function generateSampleData(options: SampleDataOptions): Promise<SampleData> {
  const { members: firms, outDir } = options;
  if (firms.length < 2 || new Set([...firms, ASSOCIATION]).size !== firms.length + 1) {
    throw new RangeError("at least two firms, with different names");
  }
  const prng = createPrng(options.seed);
  const newNumber = createIdentities(prng);
  const subjectsPerFirm = options.subjectsPerMember ?? 10_000;
  const subjects = populate(prng, newNumber, {
    firms,
    association: ASSOCIATION,
    subjectsPerFirm,
    subjectsOfAssociation: Math.ceil(subjectsPerFirm / 5),
  });
  const data = new Map<string, MemberData>([...firms, ASSOCIATION].map((member) => [member, emptyMember()]));
  for (const subject of subjects) addSubject(prng, data, subject);
  const queryRefusals = firms.flatMap((firm) => addQueryRefusals(prng, memberOf(data, firm), firm, newNumber));

  const files: Record<string, { records: string; authorisations: string | undefined }> = {};
  for (const [position, member] of [...firms, ASSOCIATION].entries()) {
    files[member] = await writeMember(join(outDir, member), memberOf(data, member), member, position);
  }
  const expectations: Expectations = {
    seed: options.seed,
    subjectsPerMember: subjectsPerFirm,
    members: [...firms, ASSOCIATION],
    demo: subjects.filter((subject) => subject.demo !== undefined).map((subject) => expectedAnswer(data, subject)),
    queryRefusals,
    publication: Object.fromEntries(
      [...data].map(([member, { records, flaws }]) => [
        member,
        publicationOf(records, flaws, SAMPLE_DAY.toISOString().slice(0, 10)),
      ]),
    ),
  };
  const expectationsFile = join(outDir, "expectations.json");
  await writeFile(expectationsFile, `${JSON.stringify(expectations, undefined, 2)}\n`);
  return { files, expectationsFile, expectations };
}

function emptyMember(): MemberData {
  return { records: [], authorisations: [], flaws: new Map(), nextRecord: 1, nextAuthorisation: 1 };
}

function memberOf(data: ReadonlyMap<string, MemberData>, member: string): MemberData {
  const found = data.get(member);
  if (found === undefined) throw new RangeError("unknown member");
  return found;
}

function addSubject(prng: Prng, data: ReadonlyMap<string, MemberData>, { number, holders, demo }: SampleSubject): void {
  for (const holder of holders) {
    const member = memberOf(data, holder);
    const association = holder === ASSOCIATION;
    const nextId = (): string =>
      numbered(association ? "XH" : `${holder.slice(0, 1).toUpperCase()}-R`, member.nextRecord++);
    const records = recordsOf(prng, { association, asOf: SAMPLE_DAY, demo: demo !== undefined, nextId });
    member.records.push(...records.map((record) => ({ ...record, subject: number })));
    if (association) continue;
    const flaw = demo === undefined ? drawFlaw(prng) : undefined;
    if (flaw !== undefined) member.flaws.set(number, flaw);
    authorise(prng, member, holder, number, "share", flaw);
  }
  if (demo !== undefined) authorise(prng, memberOf(data, demo.querier), demo.querier, number, "query", undefined);
}

function authorise(
  prng: Prng,
  member: MemberData,
  name: string,
  subject: string,
  scope: "share" | "query",
  flaw: Flaw | undefined,
): string | null {
  const entry = authorisationOf(
    prng,
    subject,
    scope,
    flaw,
    numbered(`${name.slice(0, 1).toUpperCase()}-Q`, member.nextAuthorisation),
  );
  if (entry === undefined) return null;
  member.nextAuthorisation += 1;
  member.authorisations.push(entry);
  return entry.number;
}

/** One subject for each way in which a querier can lack the right to ask. */
function addQueryRefusals(
  prng: Prng,
  member: MemberData,
  firm: string,
  newNumber: () => string,
): Expectations["queryRefusals"] {
  return FLAWS.map((code) => {
    const number = newNumber();
    const authorisation = authorise(prng, member, firm, number, "query", code);
    const purpose = "CREDIT_GRANTING" as const;
    return { querier: firm, scheme: "cn-resident-id" as const, number, authorisation, purpose, code };
  });
}

function expectedAnswer(data: ReadonlyMap<string, MemberData>, subject: SampleSubject): Expectations["demo"][number] {
  const { number, holders, demo } = subject;
  if (demo === undefined) throw new RangeError("not a demo subject");
  const authorisation = memberOf(data, demo.querier).authorisations.find((entry) => entry.subject === number);
  return {
    querier: demo.querier,
    kind: demo.kind,
    scheme: "cn-resident-id",
    number,
    authorisation: authorisation?.number ?? "",
    answers: Object.fromEntries(
      holders.map((holder) => [
        holder,
        memberOf(data, holder)
          .records.filter((record) => record.subject === number)
          .map((record) => ({
            class: record.class,
            status: record.status,
            statusDate: record.statusDate,
            eventDate: record.eventDate,
            amountFen: record.amountFen,
            note: record.note,
          })),
      ]),
    ),
  };
}

async function writeMember(
  directory: string,
  data: MemberData,
  member: string,
  position: number,
): Promise<SampleData["files"][string]> {
  await mkdir(directory, { recursive: true });
  const dialect = member === ASSOCIATION ? { ...dialectOf(1), encoding: "utf8" as const } : dialectOf(position);
  const records = join(directory, "records.csv");
  await writeFile(records, recordsFile(dialect, data.records));
  if (data.authorisations.length === 0) return { records, authorisations: undefined };
  const authorisations = join(directory, "authorisations.csv");
  await writeFile(authorisations, authorisationsFile(dialect, data.authorisations));
  return { records, authorisations };
}

function numbered(prefix: string, value: number): string {
  return `${prefix}${String(value).padStart(6, "0")}`;
}
