import { resolve } from "node:path";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

import { tasks } from "./scripts/tasks/definitions.ts";

const fuzzRuns = Number(process.env["RISKVEIL_FUZZ_RUNS"] ?? 256);

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  tasks,
  solidity: {
    version: "0.8.37",
    // No compiler can be downloaded where we build: the one from npm is used, by its absolute path.
    path: resolve(import.meta.dirname, "node_modules/solc/soljson.js"),
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 10_000 },
    },
  },
  paths: { ignition: "deploy", tests: { mocha: "test", solidity: "test" } },
  typechain: { outDir: "types/ethers-contracts" },
  networks: {
    // The network `npm start` keeps up, or any other JSON-RPC chain named by the environment.
    target: {
      type: "http",
      chainType: "l1",
      url: process.env["RISKVEIL_RPC_URL"] ?? "http://127.0.0.1:8545",
    },
  },
  test: {
    solidity: { fuzz: { runs: fuzzRuns }, invariant: { runs: Math.max(16, fuzzRuns / 16), depth: 64 } },
  },
});
