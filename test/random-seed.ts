/**
 * Loaded by mocha before the tests: property tests draw a fresh seed each run and print it when they fail;
 * RISKVEIL_TEST_SEED=<that seed> replays it.
 */
import fc from "fast-check";

const seed = process.env["RISKVEIL_TEST_SEED"];
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
