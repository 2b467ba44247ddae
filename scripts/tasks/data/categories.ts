import { MEMBER_KINDS } from "../../../relayer/chain/codes.ts";
import { requireImpersonal } from "../impersonal.ts";
import { kindNumber } from "../member/own.ts";
import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { invalid, label, parseLabel, required } from "../words/amounts.ts";

interface Terms {
  /** One bit for each kind of member. */
  readonly owners: number;
  readonly mandatory: boolean;
  readonly dueWorkingDays: number;
  readonly title: string;
}

interface TermsArguments {
  readonly category: string;
  readonly owners?: string;
  readonly duty?: string;
  readonly dueDays?: string;
  readonly title?: string;
}

const LONGEST_DAYS = 65_535;

export async function listCategories(session: Session): Promise<Report> {
  const { datasetRegistry } = (await session.platform()).contracts;
  const codes = [...(await datasetRegistry.catalogue())];
  const rows = await Promise.all(
    codes.map(async (code) => ({ category: label(code), ...plainTerms(await datasetRegistry.getCategory(code)) })),
  );
  const owners = (bits: number): string[] => MEMBER_KINDS.filter((_, i) => (bits & (1 << i)) !== 0);
  return {
    json: rows.map((row) => ({ ...row, owners: owners(row.owners) })),
    text: (language) =>
      table(
        [
          { title: { en: "category", zh: "类别" }, cell: ({ category }) => category },
          { title: { en: "title", zh: "名称" }, cell: ({ title }) => title },
          { title: { en: "owners", zh: "归属" }, cell: (row) => owners(row.owners).join(", ") },
          {
            title: { en: "duty", zh: "义务" },
            cell: ({ mandatory }) =>
              (mandatory ? { en: "mandatory", zh: "必报" } : { en: "voluntary", zh: "自愿" })[language],
          },
          { title: { en: "due (working days)", zh: "报送期限（工作日）" }, cell: (row) => String(row.dueWorkingDays) },
        ],
        rows,
        language,
      ),
  };
}

export async function defineCategory(session: Session, args: TermsArguments): Promise<Plan> {
  const terms = termsOf(args, undefined);
  return await planOf(session, "desk", "datasetRegistry", "defineCategory", [
    [parseLabel("category", args.category), terms],
  ]);
}

export async function amendCategory(session: Session, args: TermsArguments): Promise<Plan> {
  const { datasetRegistry } = (await session.platform()).contracts;
  const category = parseLabel("category", args.category);
  const terms = termsOf(args, plainTerms(await datasetRegistry.getCategory(category)));
  return await planOf(session, "desk", "datasetRegistry", "amendCategory", [[category, terms]]);
}

function plainTerms(terms: Readonly<Record<keyof Terms, unknown>>): Terms {
  return {
    owners: Number(terms.owners),
    mandatory: terms.mandatory === true,
    dueWorkingDays: Number(terms.dueWorkingDays),
    title: String(terms.title),
  };
}

/** What is not given is as it was; a new category needs all. */
function termsOf(args: TermsArguments, known: Terms | undefined): Terms {
  const given = <T>(
    option: string,
    text: string | undefined,
    read: (text: string) => T,
    otherwise: T | undefined,
  ): T => (text === undefined && otherwise !== undefined ? otherwise : read(required(option, text)));
  const title = given("--title", args.title, (text) => text, known?.title);
  requireImpersonal(title);
  return {
    title,
    owners: given("--owners", args.owners, ownerBits, known?.owners),
    mandatory: given("--duty", args.duty, isMandatory, known?.mandatory),
    dueWorkingDays: given("--due-days", args.dueDays, (text) => days("--due-days", text), known?.dueWorkingDays),
  };
}

function ownerBits(text: string): number {
  return text.split(",").reduce((bits, kind) => bits | (1 << kindNumber(kind.trim())), 0);
}

function isMandatory(text: string): boolean {
  if (text !== "mandatory" && text !== "voluntary") throw invalid("--duty", text, "mandatory, voluntary");
  return text === "mandatory";
}

function days(option: string, text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= LONGEST_DAYS)) throw invalid(option, text, `a number of days up to ${LONGEST_DAYS}`);
  return count;
}
