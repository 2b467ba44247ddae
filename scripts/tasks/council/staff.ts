import type { Plan } from "../plan.ts";
import { accountAddress } from "../member/own.ts";
import { platformCall } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";
import { iso, moment } from "../words/amounts.ts";

export async function listStaff(session: Session): Promise<Report> {
  const { staff } = await session.names();
  return {
    json: staff.map(({ name, account, since, until }) => ({ name, account, since: iso(since), until: iso(until) })),
    text: (language) =>
      table(
        [
          { title: { en: "name", zh: "名称" }, cell: ({ name }) => name },
          { title: { en: "account", zh: "账户" }, cell: ({ account }) => account },
          { title: { en: "since", zh: "自" }, cell: ({ since }) => moment(since) },
          { title: { en: "until", zh: "至" }, cell: ({ until }) => (until === undefined ? "-" : moment(until)) },
        ],
        staff,
        language,
      ),
  };
}

/** Both roles of a person change hands in one operation: there are never fewer than before, and never more. */
export async function replaceStaff(
  session: Session,
  args: { readonly person: string; readonly account: string },
): Promise<Plan> {
  const platform = await session.platform();
  const person = (await session.names()).findPerson(args.person);
  const successor = accountAddress(args.account);
  const { authority } = platform.contracts;
  const [staff, guardian] = await Promise.all([authority.STAFF_ROLE(), authority.GUARDIAN_ROLE()]);
  const calls = [staff, guardian].flatMap((role) => [
    platformCall(platform, "authority", "revokeRole", [role, person.account]),
    platformCall(platform, "authority", "grantRole", [role, successor, 0]),
  ]);
  const note = { en: `Replace ${person.name} by ${successor}`, zh: `以 ${successor} 替换 ${person.name}` };
  return { through: "desk", calls, note: note[session.language] };
}
