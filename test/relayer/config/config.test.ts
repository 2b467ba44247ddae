import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { configurationTable, loadConfig } from "../../../relayer/config/config.ts";
import { settings } from "../../../relayer/config/settings.ts";

const enough = {
  RISKVEIL_NAME: "Example Securities",
  DATABASE_URL: "postgres://user:hunter2@127.0.0.1:5432/firm",
  RISKVEIL_DEPLOYMENT: "deployment.json",
  RISKVEIL_DATA_DIR: "data",
  RISKVEIL_KEY_DIR: "keys",
  RISKVEIL_CERTIFICATE: "certificate.pem",
  RISKVEIL_TRUST_DIR: "trust",
};

function complaint(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
    return "";
  } catch (error) {
    if (!isFault(error, "CONFIG_INVALID")) throw error;
    return String(error.values["variables"]);
  }
}

describe("configuration", () => {
  it("has defaults for what need not be said", () => {
    expect(loadConfig(enough)).to.deep.equal({
      name: "Example Securities",
      databaseUrl: enough.DATABASE_URL,
      redisUrl: undefined,
      rpcUrl: "http://127.0.0.1:8545",
      deploymentFile: "deployment.json",
      dataDir: "data",
      keyDir: "keys",
      certificateFile: "certificate.pem",
      trustDir: "trust",
      memberPort: 8600,
      peerPort: 8700,
      bind: "127.0.0.1",
      logLevel: "info",
      suite: 1,
      ratingModelFile: undefined,
      anchorWindowMs: 60_000,
      settleWindowMs: 60_000,
      auditWindowMs: 60_000,
      algorithmNode: "auto",
      nodeHeartbeatMs: 3_600_000,
    });
  });

  it("names every variable that is missing or wrong at once, and no value", () => {
    const said = complaint({
      ...enough,
      RISKVEIL_NAME: "",
      DATABASE_URL: "mysql://user:hunter2@host/firm",
      RISKVEIL_MEMBER_PORT: "65536",
      RISKVEIL_SUITE: "3",
      RISKVEIL_BIND: "hunter2",
      REDIS_URL: "hunter2",
    });
    for (const name of ["RISKVEIL_NAME", "DATABASE_URL", "RISKVEIL_MEMBER_PORT", "RISKVEIL_SUITE", "RISKVEIL_BIND"]) {
      expect(said).to.include(name);
    }
    expect(said).to.include("REDIS_URL");
    expect(said).not.to.include("hunter2");
  });

  it("takes an empty variable as one that is not set", () => {
    expect(loadConfig({ ...enough, REDIS_URL: "", RISKVEIL_SUITE: " " })).to.include({ redisUrl: undefined, suite: 1 });
  });

  it("wants two ports, unless the system chooses them", () => {
    expect(complaint({ ...enough, RISKVEIL_MEMBER_PORT: "9000", RISKVEIL_PEER_PORT: "9000" })).to.include("PEER_PORT");
    expect(complaint({ ...enough, RISKVEIL_MEMBER_PORT: "0", RISKVEIL_PEER_PORT: "0" })).to.equal("");
  });

  it("documents every variable in both languages", () => {
    for (const language of ["en", "zh"] as const) {
      const table = configurationTable(language);
      for (const { variable } of Object.values(settings)) expect(table).to.include(`\`${variable}\``);
    }
  });
});
