/**
 * Loaded by mocha before the tests: property tests draw a fresh seed each run and print it when they fail;
 * RISKVEIL_TEST_SEED=<that seed> replays it. RISKVEIL_PROPERTY_RUNS says how many cases each property tries.
 */
import fc from "fast-check";

const seed = process.env["RISKVEIL_TEST_SEED"];
const runs = process.env["RISKVEIL_PROPERTY_RUNS"];
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
});
