/** Member API: the authorisation register. */
import { z } from "zod";

import { fromHex } from "../../../protocol/encoding/bytes.ts";
import { sm3 } from "../../../protocol/encoding/digest.ts";
import { Fault } from "../../../protocol/errors/fault.ts";
import { purposeCodes } from "../../../protocol/oblivious-lookup/purpose.ts";
import { parseSubject } from "../../../protocol/subject/subject.ts";
import type { RelayerContext } from "../../context.ts";
import { COHORTS, INSTRUMENTS, NOTICE_MEANS, SCOPES } from "../../services/authorisations/authorisation.ts";
import type { AuthorisationRegister, AuthorisationView } from "../../services/authorisations/register.ts";
import { isFormula } from "../../services/import/cell.ts";
import { readIdentifier } from "../../services/import/identifier.ts";
import { isCalendarDate } from "../../services/records/calendar-date.ts";
import { WITHDRAWAL_REASONS } from "../../services/records/withdrawal-reason.ts";
import type { Role } from "../role.ts";
import { defineRoute, type Route } from "../route.ts";

const ENTERING = ["data_officer", "credit_officer", "compliance"] as const;
const READING = ["data_officer", "reviewer", "credit_officer", "compliance", "auditor"] as const;
/** Who may see a masked document number. */
const SEEING: readonly Role[] = ["compliance", "credit_officer"];

/** Room for a scanned agreement in base64. */
const ENTRY_BYTES = 24 * 1024 * 1024;

const day = z.string().refine(isCalendarDate, "a date YYYY-MM-DD");

const entry = z.strictObject({
  number: z.string().max(64).optional(),
  subject: z.strictObject({ scheme: z.string().max(32), number: z.string().max(64) }),
  instrument: z.enum(INSTRUMENTS),
  /** SM3 of the signed document, hex; or the document itself, which is digested and not kept. */
  documentSm3: z
    .string()
    .regex(/^(?:0x)?[0-9a-fA-F]{64}$/)
    .optional(),
  document: z.base64().optional(),
  scope: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  purposes: z.array(z.enum(purposeCodes)).min(1).max(purposeCodes.length),
  signedOn: day,
  validUntil: day.optional(),
  cohort: z.enum(COHORTS),
  noticeDate: day.optional(),
  noticeMeans: z.enum(NOTICE_MEANS).optional(),
});

const view = z.object({
  id: z.uuid(),
  number: z.string().nullable(),
  /** Masked, for roles that deal with the investor; null for others. */
  subject: z.string().nullable(),
  instrument: z.enum(INSTRUMENTS),
  scope: z.array(z.enum(SCOPES)),
  purposes: z.array(z.enum(purposeCodes)),
  signedOn: z.string(),
  validUntil: z.string().nullable(),
  cohort: z.enum(COHORTS),
  noticeDate: z.string().nullable(),
  noticeMeans: z.enum(NOTICE_MEANS).nullable(),
  revision: z.int(),
  withdrawnAt: z.iso.datetime().nullable(),
  withdrawalReason: z.string().nullable(),
  createdAt: z.iso.datetime(),
});

const idParams = z.object({ id: z.uuid() });

export function authorisationRoutes(
  { clock }: Pick<RelayerContext, "clock">,
  register: AuthorisationRegister,
): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/v1/authorisations",
      summary: { en: "Register an authorisation", zh: "登记授权" },
      description: {
        en: "Give the SM3 digest of the signed document, or the document in base64: it is digested and not kept.",
        zh: "提供签署文件的 SM3 摘要，或以 base64 提供文件本身（仅计算摘要，不留存文件）。",
      },
      tag: "authorisations",
      access: ENTERING,
      status: 201,
      idempotent: true,
      limitBytes: ENTRY_BYTES,
      body: entry,
      response: z.object({ id: z.uuid() }),
      handler: async ({ body, caller, raw }) => {
        checkEntry(body);
        const id = await register.add(
          {
            number: body.number ?? null,
            subject: parseSubject(body.subject, { asOf: clock() }),
            instrument: body.instrument,
            documentSm3: digestOf(body),
            scope: [...new Set(body.scope)],
            purposes: [...new Set(body.purposes)],
            signedOn: body.signedOn,
            validUntil: body.validUntil ?? null,
            cohort: body.cohort,
            noticeDate: body.noticeDate ?? null,
            noticeMeans: body.noticeMeans ?? null,
          },
          caller.tokenId,
        );
        raw.response.location(`/v1/authorisations/${id}`);
        return { id };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/authorisations",
      summary: { en: "List authorisations", zh: "授权列表" },
      tag: "authorisations",
      access: READING,
      query: z.object({ after: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
      response: z.object({ items: z.array(view), next: z.uuid().nullable() }),
      handler: async ({ query, caller }) => {
        const items = await register.list(query, SEEING.includes(caller.role));
        return {
          items: items.map((item) => present(item)),
          next: items.length === query.limit ? (items.at(-1)?.id ?? null) : null,
        };
      },
    }),
    defineRoute({
      method: "get",
      path: "/v1/authorisations/{id}",
      summary: { en: "Read an authorisation", zh: "查看授权" },
      tag: "authorisations",
      access: READING,
      params: idParams,
      response: view,
      handler: async ({ params, caller }) => present(await register.find(params.id, SEEING.includes(caller.role))),
    }),
    defineRoute({
      method: "post",
      path: "/v1/authorisations/{id}/withdraw",
      summary: { en: "Withdraw an authorisation", zh: "撤回授权" },
      description: {
        en: "From now on nothing is shared, asked or opened under it. It cannot be undone; a new one can be registered.",
        zh: "自此不得再依据该授权共享、查询或查看数据。不可恢复，可另行登记新的授权。",
      },
      tag: "authorisations",
      access: ["data_officer", "compliance"],
      params: idParams,
      body: z.strictObject({ reason: z.enum(WITHDRAWAL_REASONS) }),
      response: view,
      handler: async ({ params, body, caller }) => {
        await register.withdraw(params.id, body.reason, caller.tokenId);
        return present(await register.find(params.id, SEEING.includes(caller.role)));
      },
    }),
  ];
}

type Entry = z.output<typeof entry>;

/** @throws Fault AUTHORISATION_INVALID { field, reason } */
function checkEntry(body: Entry): void {
  const invalid = (field: keyof Entry, reason: string): never => {
    throw new Fault("AUTHORISATION_INVALID", { field, reason });
  };
  if (body.number !== undefined) {
    const number = readIdentifier(body.number, body.subject.number);
    if ("code" in number || isFormula(body.number)) invalid("number", "code" in number ? number.code : "CELL_FORMULA");
  }
  if ((body.documentSm3 === undefined) === (body.document === undefined))
    invalid("documentSm3", "DOCUMENT_DIGEST_FORMAT");
  if (body.validUntil !== undefined && body.validUntil < body.signedOn)
    invalid("validUntil", "VALID_UNTIL_BEFORE_SIGNED");
  if ((body.noticeDate === undefined) !== (body.noticeMeans === undefined)) invalid("noticeDate", "NOTICE_INCOMPLETE");
}

function digestOf({ documentSm3, document }: Entry): Uint8Array {
  return documentSm3 === undefined
    ? sm3(Buffer.from(document ?? "", "base64"))
    : fromHex(`0x${documentSm3.replace(/^0x/, "")}`, 32);
}

function present(item: AuthorisationView): z.input<typeof view> {
  return {
    ...item,
    scope: [...item.scope],
    purposes: [...item.purposes],
    withdrawnAt: item.withdrawnAt?.toISOString() ?? null,
    createdAt: item.createdAt.toISOString(),
  };
}
