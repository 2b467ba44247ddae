import type { Plan } from "../plan.ts";
import { planOf } from "../platform-call.ts";
import { table, type Report } from "../report.ts";
import type { Session } from "../session.ts";

export async function listSeats(session: Session): Promise<Report> {
  const { memberCouncil } = (await session.platform()).contracts;
  const names = await session.names();
  const [seats, founding] = await Promise.all([memberCouncil.seats(), memberCouncil.FOUNDING_SEATS()]);
  // Any id has the same need: two thirds of the seats that there are.
  const { needed } = await memberCouncil.approvals(`0x${"00".repeat(32)}`);
  const rows = seats.map((id) => ({ member: Number(id), name: names.memberName(id) }));
  const objections = Number(await memberCouncil.OBJECTIONS_TO_STOP());
  return {
    json: {
      seats: rows,
      approvalsNeeded: Number(needed),
      objectionsToStop: objections,
      foundingSeats: Number(founding),
    },
    text: (language) =>
      [
        table(
          [
            { title: { en: "no", zh: "编号" }, cell: ({ member }) => String(member) },
            { title: { en: "name", zh: "名称" }, cell: ({ name }) => name },
          ],
          rows,
          language,
        ),
        {
          en: `${objections} objections stop an operation of the constitution, ${needed.toString()} approvals decide.`,
          zh: `${objections} 项异议可阻止章程程序的操作，${needed.toString()} 项批准即为通过。`,
        }[language],
      ].join("\n"),
  };
}

export async function claim(session: Session): Promise<Plan> {
  return await planOf(session, "direct", "memberCouncil", "claimSeat");
}

export async function giveSeat(session: Session, args: { readonly member: string }): Promise<Plan> {
  const { id } = (await session.names()).findMember(args.member);
  return await planOf(session, "desk", "memberCouncil", "seat", [[id]]);
}

/** The seat of a member that has left is taken by whoever calls; of one that is there, by the constitution. */
export async function vacate(session: Session, args: { readonly member: string }): Promise<Plan> {
  const { id, status } = (await session.names()).findMember(args.member);
  return await planOf(session, status === "Exited" ? "direct" : "desk", "memberCouncil", "vacate", [[id]]);
}
