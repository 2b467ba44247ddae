/** A process that runs an import and says when it has got somewhere: imports.test.ts kills it there. */
import { recordServicesOn } from "../../../support/record-services-on.ts";

const { url, id } = JSON.parse(process.env["VICTIM"] ?? "{}") as { url: string; id: string };
const { imports } = recordServicesOn({ url });
await imports.run(id, async (fraction) => {
  if (fraction < 0.6) return;
  process.send?.("half-way");
  await new Promise(() => undefined);
});
