import { isFault } from "../../../protocol/errors/fault.ts";

/** Of the fault that a promise rejects with; "none" if it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
  return "none";
}
