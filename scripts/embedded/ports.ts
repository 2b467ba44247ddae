/** Ports of the loopback interface. */
import { createServer } from "node:net";

import { Fault } from "../../protocol/errors/fault.ts";

/** A port that was free a moment ago, chosen by the system. */
export async function freePort(): Promise<number> {
  return await listenOnce(0);
}

/** @throws Fault PORT_TAKEN if something listens on it already. */
export async function requireFreePort(port: number, service: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    throw new Fault("PORT_TAKEN", { port, service }, error);
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  });
}
