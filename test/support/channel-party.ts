/**
 * Relayers reduced to their channel: files and HTTP are real, the chain is in memory and moved by hand, one clock for all. Each
 * serves the evaluate route; what it would compute is counted.
 */
import { join } from "node:path";

import { pino } from "pino";

import type { CertificateDigest } from "../../protocol/certificates/certificate.ts";
import type { Authority } from "../../protocol/certificates/issue.ts";
import { Fault } from "../../protocol/errors/fault.ts";
import type { MemberInfo } from "../../relayer/chain/chain-view.ts";
import { createApp } from "../../relayer/http/app.ts";
import { channelRoutes } from "../../relayer/http/peer/channel.ts";
import { evaluateRoutes } from "../../relayer/http/peer/evaluate.ts";
import { serve, type Serving } from "../../relayer/http/serve.ts";
import { createKeyStore, type KeyStore } from "../../relayer/keys/key-store.ts";
import { createChannel, type Channel, type ChannelDependencies } from "../../relayer/services/channel/channel.ts";
import type { Credential } from "../../relayer/services/channel/identity-files.ts";
import { randomSource as random } from "../../scripts/governance/random-source.ts";
import { certified, revocations, testAuthority, writeCertificates, writeTrust } from "./identities.ts";

export interface ChannelWorld {
  readonly authority: Authority;
  /** Unix seconds, of everybody. */
  now: number;
  readonly members: MemberInfo[];
  /** What stands on chain and is valid, by member. */
  readonly digests: Map<number, CertificateDigest[]>;
  readonly directory: string;
}

export interface ChannelParty {
  readonly id: number;
  readonly name: string;
  readonly ctx: ChannelDependencies;
  readonly keys: KeyStore;
  readonly credential: Credential;
  readonly certificateFile: string;
  readonly trustDir: string;
  readonly channel: Channel;
  /** Members whose requests reached the service, in order. */
  readonly evaluated: number[];
  /** Requests that came for each path, and that were answered. */
  readonly received: Map<string, number>;
  /** Log lines of warnings and above. */
  readonly complaints: () => string[];
  hellos(): number;
  /** Agreements of others with this one that were completed, or refused at the end. */
  agreements(): number;
  /** As after a restart: nothing of before is known. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export function channelWorld(directory: string): ChannelWorld {
  const now = Math.floor(Date.now() / 1000);
  return { authority: testAuthority(now), now, members: [], digests: new Map(), directory };
}

export async function channelParty(world: ChannelWorld, name: string): Promise<ChannelParty> {
  const id = world.members.length + 1;
  const home = join(world.directory, name);
  const [certificateFile, trustDir] = [join(home, "certificate.pem"), join(home, "trust")];
  const keys = createKeyStore(join(home, "keys"), random);
  const credential = certified(world.authority, name, await keys.identityKey(), world.now);
  await writeCertificates(certificateFile, credential.certificate);
  await writeTrust(trustDir, world.authority.certificate, revocations(world.authority, [], world.now));
  world.digests.set(id, [credential.certificate.digest]);
  const member: MemberInfo = { id, name, kind: "SecuritiesFirm", status: "Active", endpoint: "" };
  world.members.push(member);

  let written = "";
  const clock = (): Date => new Date(world.now * 1000);
  const log = pino({ level: "warn" }, { write: (line: string) => void (written += line) });
  const ctx = {
    config: { certificateFile, trustDir },
    keys,
    clock,
    random,
    log,
    chain: {
      deployment: { chainId: 31_337, addresses: { memberRegistry: `0x${"4e".repeat(20)}` } },
      me: () => Promise.resolve(member),
      members: () => Promise.resolve(world.members),
      member: (of: number) => Promise.resolve(world.members.find((each) => each.id === of)),
      certificateDigests: (of: number) => Promise.resolve(world.digests.get(of) ?? []),
    },
  } as unknown as ChannelDependencies;

  const evaluated: number[] = [];
  const received = new Map<string, number>();
  let channel = createChannel(ctx);
  let serving: Serving;

  async function listen(port: number): Promise<void> {
    const evaluate = {
      answer: (body: unknown, _bytes: number, caller: number) => {
        evaluated.push(caller);
        const { refuse } = body as { refuse?: boolean };
        if (refuse === true) return Promise.reject(new Fault("PLATFORM_FROZEN"));
        return Promise.resolve(JSON.stringify({ echo: body }));
      },
    };
    const app = createApp({
      routes: [...channelRoutes(channel, () => new Date()), ...evaluateRoutes(evaluate, channel)],
      ...{ info: { title: { en: "peer", zh: "peer" }, version: "1" }, checks: {}, clock: () => new Date() },
      ...{ log: pino({ level: "silent" }), tokens: undefined, idempotency: undefined },
    });
    serving = await serve(
      (request, response) => {
        const path = request.url ?? "";
        count(path);
        response.once("finish", () => {
          count(`${path} answered`);
        });
        app(request, response);
      },
      { port, bind: "127.0.0.1", service: name },
    );
    Object.assign(member, { endpoint: `http://127.0.0.1:${String(serving.port)}` });
  }

  const count = (what: string): unknown => received.set(what, (received.get(what) ?? 0) + 1);

  await listen(0);
  return {
    ...{ id, name, ctx, keys, credential, certificateFile, trustDir, evaluated, received },
    get channel() {
      return channel;
    },
    complaints: () => written.split("\n").filter((line) => line !== ""),
    agreements: () => received.get("/peer/v1/channel/confirm answered") ?? 0,
    hellos: () => received.get("/peer/v1/channel") ?? 0,
    async restart() {
      const { port } = serving;
      await channel.close();
      await serving.close(0);
      channel = createChannel(ctx);
      await listen(port);
    },
    async close() {
      await channel.close();
      await serving.close(0);
    },
  };
}
