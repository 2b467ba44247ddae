import { catalogue, type FaultCode } from "../../../protocol/errors/catalogue.ts";

/** The stable code of a problem that another relayer answered with, if it is one of ours. */
export function refusalCode(problem: unknown): FaultCode | undefined {
  const code = typeof problem === "object" && problem !== null && "code" in problem ? problem.code : undefined;
  return typeof code === "string" && Object.hasOwn(catalogue, code) ? (code as FaultCode) : undefined;
}
