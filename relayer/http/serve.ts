import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { Fault } from "../../protocol/errors/fault.ts";

export interface Serving {
  readonly port: number;
  /** Takes no more requests, lets those in hand finish for a while, then cuts what is left (event streams). */
  close(patienceMs?: number): Promise<void>;
}

const PATIENCE_MS = 5_000;

/** @throws Fault PORT_TAKEN */
export async function serve(
  listener: RequestListener,
  { port, bind, service }: { port: number; bind: string; service: string },
): Promise<Serving> {
  const server = createServer(
    {
      // Whoever sends its request drop by drop (slow loris) does not hold a connection for long.
      headersTimeout: 10_000,
      requestTimeout: 120_000,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16 * 1024,
    },
    listener,
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new Fault("PORT_TAKEN", { port, service }, error) : error);
    });
    server.listen(port, bind, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close(patienceMs = PATIENCE_MS) {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, patienceMs);
      server.closeIdleConnections();
      await closed;
      clearTimeout(cut);
    },
  };
}
