/**
 * The holder's work for a query: evaluations a second and core, against the bare scalar multiplication of libsodium
 * that they cannot do without, and against @noble/curves. All in the same rounds of one run.
 */
import { randomBytes } from "node:crypto";

import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import sodium from "libsodium-wrappers-sumo";

import { concatBytes } from "../../protocol/encoding/bytes.ts";
import { ristretto255Sha512 as suite } from "../../protocol/oprf/oprf.ts";
import { interleave } from "../rounds.ts";
import type { Section } from "../section.ts";

const BATCH = 100;
const NOBLE_BATCH = 20;
const ROUNDS = 15;

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export const oprf: Section = {
  name: "oprf",
  title: "Oblivious evaluation, ristretto255-SHA512 (RFC 9497 VOPRF)",
  async run(say) {
    await sodium.ready;
    const { libsodium } = sodium as unknown as { readonly libsodium: CompiledMultiplication };
    const key = suite.generateKeyPair(random);
    const inputs = Array.from({ length: BATCH }, () => random(33));
    const blinds = inputs.map(() => suite.randomScalar(random));
    const blinded = inputs.map((input, index) => suite.blind(input, blinds[index] ?? suite.randomScalar(random)));
    const concatenated = concatBytes(...blinded);
    const { evaluated, proof } = suite.blindEvaluate(key, blinded, random);
    const few = blinded.slice(0, NOBLE_BATCH);
    const noble = ristretto255_oprf;

    const scalarAt = libsodium._malloc(32);
    const elementAt = libsodium._malloc(32);
    const productAt = libsodium._malloc(32);
    const contestants = [
      {
        // The fastest way there is to call it: no wrapper, no copies out, one scalar for all.
        name: "bare",
        items: BATCH,
        run: () => {
          libsodium.HEAPU8.set(key.secretKey, scalarAt);
          for (const element of blinded) {
            libsodium.HEAPU8.set(element, elementAt);
            libsodium._crypto_scalarmult_ristretto255(productAt, scalarAt, elementAt);
          }
        },
      },
      {
        name: "wrapped",
        items: BATCH,
        run: () => {
          for (const element of blinded) sodium.crypto_scalarmult_ristretto255(key.secretKey, element);
        },
      },
      { name: "decode", items: BATCH, run: () => void suite.decodeElements(concatenated) },
      { name: "plain", items: BATCH, run: () => void suite.evaluateWithoutProof(key.secretKey, blinded) },
      { name: "proven", items: BATCH, run: () => void suite.blindEvaluate(key, blinded, random) },
      { name: "one", items: 1, run: () => void suite.blindEvaluate(key, blinded.slice(0, 1), random) },
      { name: "verify", items: BATCH, run: () => void suite.verifyProof(key.publicKey, blinded, evaluated, proof) },
      {
        name: "unblind",
        items: BATCH,
        run: () => {
          for (const [index, element] of evaluated.entries()) {
            const [input, blind] = [inputs[index], blinds[index]];
            if (input && blind) suite.finalize(input, blind, element);
          }
        },
      },
      {
        name: "noble",
        items: NOBLE_BATCH,
        run: () => {
          for (const element of few) noble.oprf.blindEvaluate(key.secretKey, element);
        },
      },
      {
        name: "noble proven",
        items: NOBLE_BATCH,
        run: () => void noble.voprf.blindEvaluateBatch(key.secretKey, key.publicKey, few),
      },
      { name: "proven few", items: NOBLE_BATCH, run: () => void suite.blindEvaluate(key, few, random) },
      {
        name: "noble one",
        items: 1,
        run: () => void noble.voprf.blindEvaluate(key.secretKey, key.publicKey, concatenated.slice(0, 32)),
      },
    ];
    const rounds = interleave(contestants, ROUNDS, say);
    for (const address of [scalarAt, elementAt, productAt]) libsodium._free(address);

    const perSecond = (name: string): number => Math.round(rounds.perSecond(name));
    const percent = (a: string, b: string): number => 100 * rounds.ratio(a, b);
    const unit = "/s/core";
    const batch = `batch of ${String(BATCH)}`;
    return [
      {
        name: "bare scalar multiplication",
        value: perSecond("bare"),
        unit,
        note: "libsodium's compiled function called directly",
      },
      { name: "the same by its JavaScript wrapper", value: perSecond("wrapped"), unit },
      { name: "evaluation without proof", value: perSecond("plain"), unit },
      {
        name: "  of the bare multiplication",
        value: percent("plain", "bare"),
        unit: "%",
        goal: { atLeast: 85 },
        note: batch,
      },
      { name: "evaluation with batched proof", value: perSecond("proven"), unit },
      {
        name: "  of the bare multiplication",
        value: percent("proven", "bare"),
        unit: "%",
        goal: { atLeast: 38 },
        note: batch,
      },
      { name: "one evaluation with its proof", value: rounds.itemMicros("one") / 1000, unit: "ms" },
      { name: "@noble/curves without proof", value: perSecond("noble"), unit },
      { name: "  we against it", value: rounds.ratio("plain", "noble"), unit: "x", goal: { atLeast: 8 } },
      { name: "@noble/curves with batched proof", value: perSecond("noble proven"), unit },
      {
        name: "  we against it",
        value: rounds.ratio("proven few", "noble proven"),
        unit: "x",
        note: `batches of ${String(NOBLE_BATCH)}; the weights' sum shares its doublings there, libsodium exports no such sum`,
      },
      {
        name: "  we against it, one with its proof",
        value: rounds.ratio("one", "noble one"),
        unit: "x",
        goal: { atLeast: 8 },
      },
      { name: "decoding a received element", value: rounds.itemMicros("decode"), unit: "µs" },
      { name: "verifying a batched proof, an element", value: rounds.itemMicros("verify"), unit: "µs", note: batch },
      { name: "unblinding and hashing, an element", value: rounds.itemMicros("unblind"), unit: "µs" },
    ];
  },
};

interface CompiledMultiplication {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _crypto_scalarmult_ristretto255(product: number, scalar: number, element: number): number;
}
