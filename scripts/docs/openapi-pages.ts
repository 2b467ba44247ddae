/** The OpenAPI documents of both APIs, made without a running relayer. */
import { healthRoutes } from "../../relayer/http/health.ts";
import { openApiDocument } from "../../relayer/http/openapi.ts";
import { memberApi, memberRoutes, peerApi, peerRoutes } from "../../relayer/routes.ts";
import type { Page } from "./page.ts";

/** Stands in for every service, and for every part of one; whoever calls it while routes are being made hears of it. */
const unused: never = new Proxy(() => undefined, {
  get: () => unused,
  apply: () => {
    throw new Error("a route asks a service before it is asked itself");
  },
}) as never;

export function openApiPages(): Page[] {
  const apis = [
    { name: "member-api", info: memberApi, routes: memberRoutes(unused) },
    { name: "peer-api", info: peerApi, routes: peerRoutes(unused) },
  ];
  return apis.flatMap(({ name, info, routes }) =>
    (["en", "zh"] as const).map((language) => ({
      file: `docs/reference/${name}.openapi${language === "en" ? "" : ".zh-CN"}.json`,
      content: JSON.stringify(openApiDocument([...healthRoutes({}), ...routes], info, language), null, 2),
    })),
  );
}
