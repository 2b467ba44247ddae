import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { Fault } from "../../../protocol/errors/fault.ts";
import { createLogger } from "../../../relayer/logging/logger.ts";
import { maskIdentityNumbers } from "../../../relayer/logging/mask.ts";

// Checksum-valid in form, of a day that never was: nobody's number.
const LONG = "110101190002300019";
const WITH_X = "11010119000230001X";
const SHORT = "110101000230001";

function capture(): { log: ReturnType<typeof createLogger>; lines: () => string } {
  let written = "";
  const log = createLogger(
    { logLevel: "trace", name: "test" },
    {
      write(line: string) {
        written += line;
      },
    },
  );
  return { log, lines: () => written };
}

describe("log", () => {
  it("masks what looks like an identity number wherever it stands", () => {
    const { log, lines } = capture();
    log.info(`asked about ${LONG}`);
    log.info({ note: WITH_X, nested: { deep: `x${SHORT}x` }, list: [`cn-resident-id:${LONG}`] }, "%s", SHORT);
    log.info({ bare: Number(SHORT), [LONG]: 1 });
    log.error({ err: new Error(`bad ${WITH_X.toLowerCase()}`, { cause: new Error(LONG) }) });
    log.info("１１０１０１１９０００２３０００１Ｘ");
    for (const secret of [LONG, WITH_X, WITH_X.toLowerCase(), SHORT, "１１０１０１"]) {
      expect(lines()).not.to.include(secret);
    }
    for (const line of lines().trim().split("\n")) expect(() => JSON.parse(line) as unknown).not.to.throw();
  });

  it("stays JSON whatever is masked in it", () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{14}([0-9]{2}[0-9X])?$/);
    fc.assert(
      fc.property(fc.jsonValue(), digits, fc.string(), fc.string(), (value, number, before, after) => {
        const bare = number.endsWith("X") ? 1 : Number(number);
        const text = `{"a":${JSON.stringify(value)},"b":${String(bare)},"c":${JSON.stringify(before + number + after)}}`;
        const masked = maskIdentityNumbers(text);
        expect(() => JSON.parse(masked) as unknown).not.to.throw();
      }),
    );
  });

  it("leaves numbers of other lengths alone", () => {
    for (const text of ["1700000000000", "1234567890123456", "1".repeat(19), "440101"]) {
      expect(maskIdentityNumbers(text)).to.equal(text);
    }
  });

  it("leaves ids on chain as they are, whatever digits are in them, and nothing that is longer or shorter", () => {
    for (const bytes of [20, 32]) {
      const id = `0x${`2dc71033e4d${SHORT}b7`.padEnd(2 * bytes, "a")}`;
      expect(maskIdentityNumbers(`{"dataset":"${id}"}`)).to.equal(`{"dataset":"${id}"}`);
      for (const other of [`${id}a`, id.slice(0, -1), id.slice(2), `0x${SHORT}`]) {
        expect(maskIdentityNumbers(`{"x":"${other}"}`), other).not.to.include(SHORT);
      }
    }
  });

  it("redacts secrets by name", () => {
    const { log, lines } = capture();
    log.info({ token: "s3cret", headers: { authorization: "Bearer s3cret" }, a: { b: { key: "s3cret" } } });
    expect(lines()).not.to.include("s3cret");
  });

  it("names an error's code and place without the value it stumbled over", () => {
    const { log, lines } = capture();
    const duplicate = Object.assign(new Error('invalid input syntax for type date: "Zhang San"'), {
      severity: "ERROR",
      code: "22007",
      detail: "Key (name)=(Zhang San) already exists.",
      table: "records",
    });
    let malformed: unknown;
    try {
      JSON.parse("Zhang San");
    } catch (error) {
      malformed = error;
    }
    log.error({ err: new Fault("INTERNAL", {}, duplicate) }, "failed");
    log.error({ err: malformed });
    log.error(malformed);
    log.error({ err: { body: "Zhang San" } });
    expect(lines())
      .to.include("22007")
      .and.to.include("records")
      .and.to.include("INTERNAL")
      .and.to.include("SyntaxError");
    expect(lines()).not.to.include("Zhang");
  });
});
