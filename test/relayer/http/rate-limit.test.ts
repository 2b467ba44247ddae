import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { createRateLimiter, networkOf, type RateLimiter } from "../../../relayer/http/rate-limit.ts";
import { outcome, startTestApi } from "./api.ts";

describe("rate limit", () => {
  let now = 0;
  const clock = (): Date => new Date(now);

  function admitted(limiter: RateLimiter, caller: string, calls: number): number {
    let count = 0;
    for (let i = 0; i < calls; i += 1) {
      try {
        limiter.admit(caller);
        count += 1;
      } catch (error) {
        if (!isFault(error, "RATE_LIMITED")) throw error;
      }
    }
    return count;
  }

  it("lets a burst through, then so many a second, each caller by itself", () => {
    const limiter = createRateLimiter({ perSecond: 10, burst: 20 }, clock);
    expect(admitted(limiter, "a", 50)).to.equal(20);
    expect(admitted(limiter, "b", 5)).to.equal(5);
    now += 1_000;
    expect(admitted(limiter, "a", 50)).to.equal(10);
  });

  it("remembers a bounded number of callers, and forgets those who were quiet longest", () => {
    const limiter = createRateLimiter({ perSecond: 0.001, burst: 1 }, clock, 3);
    for (const caller of ["a", "b", "c", "a", "d"]) admitted(limiter, caller, 1);
    expect(admitted(limiter, "a", 1)).to.equal(0);
    expect(admitted(limiter, "b", 1)).to.equal(1);
  });

  it("counts an IPv6 network of 64 bits as one", () => {
    expect(networkOf("2001:db8:1:2::1")).to.equal(networkOf("2001:db8:1:2:ffff:ffff:ffff:1"));
    expect(networkOf("2001:db8:1:2::1")).to.not.equal(networkOf("2001:db8:1:3::1"));
    expect(networkOf("2001:0db8::5")).to.equal(networkOf("2001:db8:0:0:9::"));
    expect(networkOf("fe80::1%eth0")).to.equal(networkOf("fe80::2"));
    expect(networkOf("::1")).to.equal("0:0:0:0");
    expect(networkOf("::ffff:10.1.2.3")).to.equal("10.1.2.3");
    expect(networkOf("10.1.2.3")).to.equal("10.1.2.3");
  });

  it("applies to routes without a token by address, and neither to tokens nor to health", async () => {
    const api = await startTestApi({ publicRateLimit: { perSecond: 0.001, burst: 2 } });
    try {
      const results = [];
      for (let i = 0; i < 3; i += 1) results.push(await outcome(api.call("GET", "/v1/events")));
      expect(results).to.deep.equal(["200", "200", "429 RATE_LIMITED"]);
      expect(await outcome(api.call("GET", "/v1/orders/1", { role: "admin" }))).to.equal("200");
      for (let i = 0; i < 5; i += 1) expect(await outcome(api.call("GET", "/healthz"))).to.equal("200");
    } finally {
      await api.close();
    }
  });
});
