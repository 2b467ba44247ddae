/**
 * Threshold ElGamal over ristretto255, plaintext in the exponent: (r G, r Y + m G). A share is y_i R with the DLEQ proof of RFC
 * 9497 against the holder's public share, under a proof context that names what it is for. A ciphertext is R | C, 64 bytes.
 */
import { concatBytes, toHex, type RandomBytes } from "../encoding/bytes.ts";
import { Fault } from "../errors/fault.ts";
import type { Element } from "../group/group.ts";
import { decodePoint, IDENTITY, POINT_BYTES, subtractPoints } from "../group/points.ts";
import { ristretto255 } from "../group/ristretto255.ts";
import { encrypt, sumRerandomised, type Ciphertext } from "../aggregate/elgamal.ts";
import { SUM_LIMIT } from "../aggregate/schema.ts";
import type { SumDecoder } from "../aggregate/sum-decoder.ts";
import type { KeyShare, PublicKeySet } from "../threshold/key-set.ts";
import { createPartialEvaluation, type PartialEvaluation } from "../threshold/partials.ts";
import { ZERO } from "../group/residues.ts";
import type { AdditiveScheme, ShareHolder } from "./scheme.ts";

export function createElGamalScheme(keys: PublicKeySet, decoder: SumDecoder): AdditiveScheme {
  const { publicKey, threshold } = keys;
  return {
    name: "ElGamal over ristretto255",
    limit: BigInt(SUM_LIMIT),
    threshold,
    encrypt(plaintext, random) {
      if (plaintext < 0n || plaintext >= BigInt(SUM_LIMIT))
        throw new Fault("AGGREGATE_VALUE_INVALID", { field: "plaintext" });
      return encode(encrypt(publicKey, Number(plaintext), IDENTITY, ristretto255.randomScalar(random)));
    },
    add: (...ciphertexts) => encode(sumRerandomised(publicKey, ciphertexts.map(decode), ZERO)),
    rerandomise: (ciphertext, random) =>
      encode(sumRerandomised(publicKey, [decode(ciphertext)], ristretto255.randomScalar(random))),
    combine(ciphertext, context, shares) {
      const { ephemeral, body } = decode(ciphertext);
      const posted = shares.map(({ index, bytes }) => ({ from: index, bytes }));
      const { elements, liars } = evaluationOf(context).combine(keys, [ephemeral], posted);
      const sum = decoder.decode(subtractPoints(body, elements[0] ?? IDENTITY));
      if (sum === undefined) throw new Fault("AGGREGATE_SUM_UNDECODABLE", { slot: 0 });
      return { plaintext: BigInt(sum), refused: liars.map(({ node, reason }) => ({ index: node, code: reason })) };
    },
  };
}

export function elGamalHolder(keys: PublicKeySet, share: KeyShare): ShareHolder {
  return {
    index: share.index,
    share: (ciphertext: Uint8Array, context: Uint8Array, random: RandomBytes) =>
      evaluationOf(context).evaluate(keys, share, [decode(ciphertext).ephemeral], random),
  };
}

function evaluationOf(context: Uint8Array): PartialEvaluation {
  return createPartialEvaluation(`riskveil/additive/1/${toHex(context)}`);
}

function encode({ ephemeral, body }: Ciphertext): Uint8Array {
  return concatBytes(ephemeral, body);
}

/** @throws Fault AGGREGATE_ROW_MALFORMED for another length, ELEMENT_* for what is no point */
function decode(bytes: Uint8Array): Ciphertext {
  if (bytes.length !== 2 * POINT_BYTES) throw new Fault("AGGREGATE_ROW_MALFORMED", { index: 0 });
  const ephemeral: Element = ristretto255.decodeElement(bytes.slice(0, POINT_BYTES));
  return { ephemeral, body: decodePoint(bytes.slice(POINT_BYTES)) };
}
