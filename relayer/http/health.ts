import { z } from "zod";

import { defineRoute, type Route } from "./route.ts";

/** True when the part answers. */
export type Check = () => Promise<boolean>;

/** Longest that a part may take to answer. */
const PATIENCE_MS = 3_000;

const state = z.enum(["ok", "failing"]);

/** GET /healthz: the process answers. GET /readyz: so does everything it needs. */
export function healthRoutes(checks: Readonly<Record<string, Check>>): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/healthz",
      summary: { en: "Does the process answer?", zh: "进程是否存活" },
      tag: "health",
      access: "public",
      unlimited: true,
      response: z.object({ status: state }),
      handler: () => Promise.resolve({ status: "ok" as const }),
    }),
    defineRoute({
      method: "get",
      path: "/readyz",
      summary: { en: "Does everything that it needs answer?", zh: "所依赖的部分是否就绪" },
      description: { en: "503 when one does not, with the same body.", zh: "任一部分未就绪时返回 503，响应体相同。" },
      tag: "health",
      access: "public",
      unlimited: true,
      response: z.object({ status: state, checks: z.record(z.string(), state) }),
      async handler({ raw }) {
        const results = await Promise.all(
          Object.entries(checks).map(
            async ([name, check]) => [name, (await passes(check)) ? "ok" : "failing"] as const,
          ),
        );
        const ready = results.every(([, result]) => result === "ok");
        if (!ready) raw.response.status(503);
        return { status: ready ? ("ok" as const) : ("failing" as const), checks: Object.fromEntries(results) };
      },
    }),
  ];
}

async function passes(check: Check): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
