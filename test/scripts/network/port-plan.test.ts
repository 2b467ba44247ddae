import { createServer, type Server } from "node:net";

import { expect } from "chai";
import { afterEach, describe, it } from "mocha";

import { Fault, isFault } from "../../../protocol/errors/fault.ts";
import { planFreePorts, planPorts, requirePortsFree } from "../../../scripts/network/port-plan.ts";

describe("the network's ports", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  function listen(): Promise<number> {
    return new Promise((done) => {
      const server = createServer();
      servers.push(server);
      server.listen(0, "127.0.0.1", () => done((server.address() as { port: number }).port));
    });
  }

  it("lie at fixed distances from the base", () => {
    const plan = planPorts({});
    expect(plan).to.deep.include({ chain: 8620, postgres: 8621 });
    expect(plan.member).to.deep.equal({ association: 8600, alpha: 8601, beta: 8602, gamma: 8603, delta: 8604 });
    expect(plan.peer.delta).to.equal(8614);
    expect(planPorts({ RISKVEIL_PORT_BASE: "9000" }).chain).to.equal(9020);
    expect(planPorts({ RISKVEIL_PORT_BASE: "9000" }, "9100").chain).to.equal(9120);
  });

  it("can be set one by one", () => {
    const plan = planPorts({
      RISKVEIL_BETA_MEMBER_PORT: "18000",
      RISKVEIL_CHAIN_PORT: " 8545 ",
      RISKVEIL_PORT_BASE: "",
    });
    expect(plan.member.beta).to.equal(18000);
    expect(plan.chain).to.equal(8545);
    expect(plan.member.gamma).to.equal(8603);
  });

  it("are refused by the name of the option when they are no ports", () => {
    for (const text of ["80", "x", "-1", "8600.5", "99999", "1e4"]) {
      const fault = faultOf(() => planPorts({}, text));
      expect(fault.code, text).to.equal("NETWORK_OPTION_INVALID");
      expect(fault.values["option"]).to.equal("--port-base");
    }
    expect(faultOf(() => planPorts({ RISKVEIL_ALPHA_PEER_PORT: "none" })).values["option"]).to.equal(
      "RISKVEIL_ALPHA_PEER_PORT",
    );
  });

  it("are refused when two services would share one", () => {
    const fault = faultOf(() => planPorts({ RISKVEIL_CHAIN_PORT: "8601" }));
    expect(fault.code).to.equal("NETWORK_OPTION_INVALID");
    expect(fault.values["reason"]).to.include("8601");
  });

  it("are all named with their variables when they are taken", async () => {
    const [chain, member] = [await listen(), await listen()];
    const plan = await planFreePorts();
    const taken = { ...plan, chain, member: { ...plan.member, gamma: member } };
    try {
      await requirePortsFree(taken);
    } catch (error) {
      if (!isFault(error, "NETWORK_PORTS_TAKEN")) throw error;
      expect(error.values["ports"]).to.equal(
        `${chain} for the chain (RISKVEIL_CHAIN_PORT), ${member} for the member API of gamma (RISKVEIL_GAMMA_MEMBER_PORT)`,
      );
      return;
    }
    throw new Error("nothing was refused");
  });

  it("are free and distinct for a test network", async () => {
    const plan = await planFreePorts();
    const all = [plan.chain, plan.postgres, ...Object.values(plan.member), ...Object.values(plan.peer)];
    expect(new Set(all).size).to.equal(12);
    await requirePortsFree(plan);
  });
});

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
