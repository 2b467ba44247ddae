import { expect } from "chai";
import { describe, it } from "mocha";

import { isFault } from "../../../protocol/errors/fault.ts";
import { serve } from "../../../relayer/http/serve.ts";

describe("serving", () => {
  it("says which port is taken", async () => {
    const first = await serve(() => undefined, { port: 0, bind: "127.0.0.1", service: "first" });
    try {
      const again = serve(() => undefined, { port: first.port, bind: "127.0.0.1", service: "second" });
      const error: unknown = await again.catch((caught: unknown) => caught);
      expect(isFault(error, "PORT_TAKEN") && error.values).to.deep.equal({ port: first.port, service: "second" });
    } finally {
      await first.close(0);
    }
  });

  it("lets a request in hand finish when it closes, and cuts what never would", async () => {
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (begun = resolve));
    let finish: () => void = () => undefined;
    const serving = await serve(
      (request, response) => {
        if (request.url === "/never") return;
        finish = () => response.end("done");
        begun();
      },
      { port: 0, bind: "127.0.0.1", service: "x" },
    );
    const url = `http://127.0.0.1:${String(serving.port)}`;
    const never = fetch(`${url}/never`).catch(() => "cut");
    const answer = fetch(url);
    await started;
    const closed = serving.close(500);
    finish();
    expect(await (await answer).text()).to.equal("done");
    expect(await never).to.equal("cut");
    await closed;
  });
});
