/** Ports of the loopback interface. */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

import { Fault } from "../../protocol/errors/fault.ts";

const FIRST_PORT = 12_000;
const FIRST_OUTGOING_PORT = 32_768;
const TRIES = 50;

/**
 * A port that was free a moment ago. Not of the range from which the system takes ports for outgoing connections (32768
 * on, on Linux): there it could be gone before it is used.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      return await listenOnce(randomInt(FIRST_PORT, FIRST_OUTGOING_PORT));
    } catch {
      // Taken: another one.
    }
  }
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
