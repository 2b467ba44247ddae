import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";

import { createLayout, pack, unpack, type Field } from "../../../protocol/paillier/packing.ts";
import { expectFault, hex } from "./fixtures.ts";

const FIELDS: readonly Field[] = [
  { name: "defaults", most: 100_000n },
  { name: "amount", most: 10n ** 15n },
  { name: "flag", most: 1n },
];
const layout = createLayout(FIELDS, 100, 3072);
const all = (value: (field: Field) => bigint) => Object.fromEntries(FIELDS.map((field) => [field.name, value(field)]));

describe("packing", () => {
  it("gives back every sum of every number of contributors", () => {
    const values = fc.record({
      defaults: fc.bigInt({ min: 0n, max: 100_000n }),
      amount: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      flag: fc.bigInt({ min: 0n, max: 1n }),
    });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 100 }), (contributions) => {
        const packed = contributions.reduce((sum, each) => sum + pack(layout, each), 0n);
        const sums = all(({ name }) => contributions.reduce((sum, each) => sum + each[name as keyof typeof each], 0n));
        expect(unpack(layout, packed, contributions.length)).to.deep.equal(sums);
      }),
    );
  });

  it("never carries: all contributors at every field's most, any layout", () => {
    const field = fc.bigInt({ min: 1n, max: 2n ** 64n });
    fc.assert(
      fc.property(
        fc.array(field, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 500 }),
        (mosts, count) => {
          const fields = mosts.map((most, index) => ({ name: `f${String(index)}`, most }));
          const tight = createLayout(fields, count, 3072);
          const most = Object.fromEntries(fields.map((each) => [each.name, each.most]));
          const sums = Object.fromEntries(fields.map((each) => [each.name, each.most * BigInt(count)]));
          expect(unpack(tight, pack(tight, most) * BigInt(count), count)).to.deep.equal(sums);
        },
      ),
    );
  });

  it("takes the bits of the largest sum, and no key that has fewer", () => {
    // 17 + 7 bits for 10^7, 57 for 10^17, 7 for 100, 7 for the counter.
    expect(layout.slotBits).to.deep.equal([24, 57, 7]);
    expect(layout.counterBits).to.equal(7);
    expect(createLayout(FIELDS, 100, 96).slotBits).to.deep.equal(layout.slotBits);
    expectFault(() => createLayout(FIELDS, 100, 95), "PACKING_TOO_WIDE");
    // At a power of two the sum needs one bit more than the value's bits and the counter's less one.
    expect(createLayout([{ name: "x", most: 4n }], 4, 3072).slotBits).to.deep.equal([5]);
  });

  it("refuses values outside a field, missing ones and strange ones", () => {
    const good = all(() => 1n);
    for (const [name, value] of [
      ["flag", 2n],
      ["flag", -1n],
      ["amount", 10n ** 15n + 1n],
    ] as const) {
      expectFault(() => pack(layout, { ...good, [name]: value }), "PACKING_VALUE_OUT_OF_RANGE");
    }
    expectFault(() => pack(layout, { defaults: 1n, amount: 1n }), "PACKING_FIELD_UNKNOWN");
    expectFault(() => pack(layout, { ...good, more: 1n }), "PACKING_FIELD_UNKNOWN");
    const inherited = createLayout([{ name: "toString", most: 1n }], 3, 3072);
    expectFault(() => pack(inherited, {}), "PACKING_FIELD_UNKNOWN");
  });

  it("refuses sums that no honest contributions give", () => {
    const one = pack(
      layout,
      all(({ most }) => most),
    );
    const above =
      pack(
        layout,
        all(() => 0n),
      ) +
      2n * one;
    // Two contributors' sum as that of one, of three; one bit above; a negative one.
    for (const [sum, count] of [
      [2n * one, 1],
      [2n * one, 3],
      [above, 2],
      [one + (1n << 95n), 1],
      [one + (1n << 2000n), 1],
      [-one, 1],
      [0n, 1],
      // A field above its most within its slot, with the counter right.
      [
        pack(
          layout,
          all(() => 0n),
        ) + 100_001n,
        1,
      ],
    ] as const) {
      expectFault(() => unpack(layout, sum, count), "PACKING_SUM_INVALID");
    }
    for (const count of [0, -1, 1.5, 101]) expectFault(() => unpack(layout, one, count), "PACKING_LAYOUT_INVALID");
  });

  it("refuses layouts that make no sense", () => {
    const field: Field = { name: "x", most: 1n };
    const many = Array.from({ length: 1001 }, (_, index) => ({ name: String(index), most: 1n }));
    for (const [fields, contributors] of [
      [[], 5],
      [[field, field], 5],
      [[{ ...field, name: "" }], 5],
      [[{ ...field, most: 0n }], 5],
      [[{ ...field, most: -1n }], 5],
      [[{ ...field, most: 1n << 128n }], 5],
      [[field], 0],
      [[field], 1.5],
      [[field], 10_001],
      [many, 5],
    ] as const) {
      expectFault(() => createLayout(fields, contributors, 100_000), "PACKING_LAYOUT_INVALID");
    }
  });

  it("has a digest of fields, their order and the contributors", () => {
    const digests = [
      layout,
      createLayout(FIELDS.toReversed(), 100, 3072),
      createLayout(FIELDS, 99, 3072),
      createLayout(FIELDS.slice(1), 100, 3072),
      createLayout([{ name: "defaultsX", most: 100_000n }, ...FIELDS.slice(1)], 100, 3072),
    ].map(({ digest }) => hex(digest));
    expect(new Set(digests).size).to.equal(digests.length);
    expect(hex(createLayout(FIELDS, 100, 2048).digest)).to.equal(hex(layout.digest));
  });
});
