import { join } from "node:path";

import type { Session } from "../session.ts";

/** As named, else that of the network which `npm start` keeps. */
export function authorityDirectory({ root }: Pick<Session, "root">, given: string | undefined): string {
  const state = process.env["RISKVEIL_STATE_DIR"] || join(root, ".riskveil");
  return given ?? join(state, "governance", "certificate-authority");
}
