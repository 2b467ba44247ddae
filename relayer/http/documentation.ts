/** GET /openapi.json and GET /docs: swagger-ui from this machine, nothing from anywhere else. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { Router } from "express";

import { languageOf } from "./language.ts";
import { openApiDocument, type ApiInfo } from "./openapi.ts";
import type { Route } from "./route.ts";
import { DOCUMENTATION_POLICY } from "./security-headers.ts";

const FILES = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

const PAGE = `<!doctype html>
<html>
  <head>
    <meta charset="utf-8" />
    <title>RiskVeil API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="icon" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, persistAuthorization: false });\n`;

export function documentation(routes: readonly Route[], info: ApiInfo): Router {
  const assets = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  const documents = { en: openApiDocument(routes, info, "en"), zh: openApiDocument(routes, info, "zh") };
  const router = Router();
  router.get("/openapi.json", (request, response) => {
    response.vary("Accept-Language").json(documents[languageOf(request.get("accept-language"))]);
  });
  router.get("/docs", (_request, response) => {
    response.set("Content-Security-Policy", DOCUMENTATION_POLICY).type("html").send(PAGE);
  });
  router.get("/docs/start.js", (_request, response) => {
    response.type("text/javascript").send(START);
  });
  for (const file of FILES) {
    router.get(`/docs/${file}`, (_request, response, next) => {
      response.sendFile(join(assets, file), { dotfiles: "allow", cacheControl: false }, (error) => {
        if (error !== undefined && error !== null && !response.headersSent) next(error);
      });
    });
  }
  return router;
}
