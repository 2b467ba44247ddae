import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { pino } from "pino";

import { rowBytes } from "../../../../protocol/aggregate/row.ts";
import { standardSchema } from "../../../../protocol/aggregate/schema.ts";
import type { EditionInfo } from "../../../../relayer/chain/computation-view.ts";
import type { EditionContext } from "../../../../relayer/services/editions/edition-context.ts";
import { createEditionMirrors } from "../../../../relayer/services/editions/edition-mirrors.ts";
import type { EditionStore } from "../../../../relayer/services/editions/edition-store.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

const ROWS = 4;

describe("a consortium table that was published just now", () => {
  const dataDir = temporaryDirectory();
  let server: Server;
  let asked = 0;

  before(async () => {
    server = createServer((_, response) => {
      asked += 1;
      response.end(Buffer.alloc(ROWS * rowBytes(standardSchema.slotCount), 7));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is not asked for, and nobody reported over it, while its root is not known here", async () => {
    const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const edition = { number: 1, status: "Stripping", mergedRows: ROWS, attempt: 1, stripSet: [2] };
    const ctx = {
      config: { dataDir },
      log: pino({ level: "silent" }),
      chain: {
        me: () => Promise.resolve({ id: 1 }),
        member: (id: number) => Promise.resolve({ id, status: "Active", endpoint }),
        computation: {
          latestPublished: () => Promise.resolve(1),
          edition: () => Promise.resolve({ ...edition, tableRoot: `0x${"00".repeat(32)}` } as unknown as EditionInfo),
        },
      },
      channel: {
        authenticate: () => Promise.resolve({ header: "", unauthenticated: () => false, verify: () => undefined }),
      },
      limits: { idleMs: 5_000, fruitlessTries: 3, turnMs: 60_000 },
      stop: new AbortController().signal,
    } as unknown as EditionContext;
    const store = { mirrors: () => Promise.resolve([]) } as unknown as EditionStore;
    expect(await createEditionMirrors(ctx, store).refresh()).to.equal(false);
    expect(asked).to.equal(0);
  });
});
