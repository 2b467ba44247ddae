/** The command line of `npm start`. */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Fault } from "../../protocol/errors/fault.ts";
import { planPorts, type PortPlan } from "./port-plan.ts";

export interface StartOptions {
  /** Ends after the query was answered and its evidence verified. */
  readonly once: boolean;
  readonly fresh: boolean;
  readonly help: boolean;
  readonly stateDir: string;
  readonly ports: PortPlan;
  readonly seed: number;
  readonly subjectsPerMember: number;
}

export const USAGE = `npm start -- [options]

  --once             end after the story: a query, an overall picture, their evidence verified; exit code 0 only then
  --fresh            forget what the last run left
  --port-base N      first of 22 ports: member APIs from N, peer APIs from N+10, chain N+20, PostgreSQL N+21 (8600)
  --state-dir DIR    where the network keeps what it has (.riskveil)
  --subjects N       subjects a firm in the sample data, with --fresh or at the first start (200); with more than
                     1,000 the story does not wait for the overall picture, which takes minutes on one machine
  --seed N           seed of the sample data, likewise (20250101)

Environment: RISKVEIL_PORT_BASE, RISKVEIL_CHAIN_PORT, RISKVEIL_POSTGRES_PORT, RISKVEIL_<PARTY>_MEMBER_PORT and
RISKVEIL_<PARTY>_PEER_PORT (ASSOCIATION, ALPHA, BETA, GAMMA, DELTA), RISKVEIL_STATE_DIR; handed to the relayers:
REDIS_URL, RISKVEIL_LOG_LEVEL, RISKVEIL_SUITE.
`;

/** So many that the encrypted tables of five parties are made, added up and checked on one machine while one watches. */
const USUAL_SAMPLE = 200;
const LARGEST_SAMPLE = 1_000_000;

/** @throws Fault NETWORK_OPTION_INVALID */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  root: string,
): StartOptions {
  const given = parse(args);
  return {
    once: given.once ?? false,
    fresh: given.fresh ?? false,
    help: given.help ?? false,
    stateDir: given["state-dir"] ?? (environment["RISKVEIL_STATE_DIR"] || join(root, ".riskveil")),
    ports: planPorts(environment, given["port-base"]),
    seed: wholeNumber("--seed", given.seed, 20_250_101, 0xffff_ffff),
    subjectsPerMember: wholeNumber("--subjects", given.subjects, USUAL_SAMPLE, LARGEST_SAMPLE),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean" },
        fresh: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        "port-base": { type: "string" },
        "state-dir": { type: "string" },
        subjects: { type: "string" },
        seed: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new Fault("NETWORK_OPTION_INVALID", { option: "npm start", reason: (error as Error).message }, error);
  }
}

function wholeNumber(option: string, text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw new Fault("NETWORK_OPTION_INVALID", { option, reason: `must be a whole number from 1 to ${most}` });
}
