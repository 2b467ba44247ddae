/** What must come out when the sample data are published and asked about: written beside them for tests and demos. */
import type { Flaw } from "./consents.ts";
import type { OwnedRecord } from "./dialect.ts";
import type { DemoKind } from "./population.ts";

export interface ExpectedRecord {
  readonly class: string;
  readonly status: string;
  readonly statusDate: string;
  readonly eventDate: string;
  readonly amountFen: number | null;
  readonly note: string | null;
}

export interface Expectations {
  readonly seed: number;
  readonly subjectsPerMember: number;
  /** Firms, then the Association. */
  readonly members: readonly string[];
  /** Subjects that the querier may ask about for every purpose, with the records that each holder must answer. */
  readonly demo: readonly {
    readonly querier: string;
    readonly kind: DemoKind;
    readonly scheme: "cn-resident-id";
    readonly number: string;
    /** The querier's own number of its authorisation. */
    readonly authorisation: string;
    readonly answers: Readonly<Record<string, readonly ExpectedRecord[]>>;
  }[];
  /** Subjects that the querier may not ask about, and the code that must say so. */
  readonly queryRefusals: readonly {
    readonly querier: string;
    readonly scheme: "cn-resident-id";
    readonly number: string;
    readonly authorisation: string | null;
    readonly purpose: "CREDIT_GRANTING";
    readonly code: Flaw;
  }[];
  readonly publication: Readonly<Record<string, ExpectedPublication>>;
}

/** What enters a member's table, decided on the sample day, and what is kept out, by code. */
export interface ExpectedPublication {
  readonly asOf: string;
  readonly subjects: number;
  readonly records: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** The term that a platform starts with (PlatformParameters). */
const EXPIRY_YEARS = 5;

/** @param flaws of the authorisations to share, by subject; the Association's records need none. */
export function publicationOf(
  records: readonly OwnedRecord[],
  flaws: ReadonlyMap<string, Flaw>,
  asOf: string,
): ExpectedPublication {
  const subjects = new Set<string>();
  const refused: Record<string, number> = {};
  let published = 0;
  for (const record of records) {
    const code = refusalOf(record, flaws, asOf);
    if (code === undefined) {
      subjects.add(record.subject);
      published += 1;
    } else refused[code] = (refused[code] ?? 0) + 1;
  }
  return { asOf, subjects: subjects.size, records: published, refused };
}

function refusalOf(record: OwnedRecord, flaws: ReadonlyMap<string, Flaw>, asOf: string): string | undefined {
  if (record.status === "withdrawn") return "RECORD_WITHDRAWN";
  if (record.status === "expired") return "RECORD_EXPIRED";
  const ends = `${String(Number(record.statusDate.slice(0, 4)) + EXPIRY_YEARS)}${record.statusDate.slice(4)}`;
  if (record.status === "cured" && ends <= asOf) return "RECORD_EXPIRED";
  return flaws.get(record.subject);
}
