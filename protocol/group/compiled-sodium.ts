/**
 * libsodium compiled to WebAssembly, called directly with operands in one buffer of its heap: the usual wrappers
 * allocate, copy and look up symbols at each call. The buffer belongs to this folder; it is overwritten with zeros after
 * each use. One thread, no await inside: no two operations share it at a time.
 */
import sodium from "libsodium-wrappers-sumo";

/** The compiled functions used here; arguments are addresses in `HEAPU8`, the result is first, 0 means success. */
interface CompiledSodium {
  /** Replaced when the heap grows, so never kept. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _crypto_core_ristretto255_is_valid_point(element: number): number;
  _crypto_core_ristretto255_from_hash(out: number, hash: number): number;
  _crypto_core_ristretto255_add(out: number, a: number, b: number): number;
  _crypto_core_ristretto255_sub(out: number, a: number, b: number): number;
  _crypto_scalarmult_ristretto255(out: number, scalar: number, element: number): number;
  _crypto_scalarmult_ristretto255_base(out: number, scalar: number): number;
  _crypto_core_ristretto255_scalar_reduce(out: number, wide: number): void;
  _crypto_core_ristretto255_scalar_invert(out: number, scalar: number): number;
  _crypto_core_ristretto255_scalar_add(out: number, a: number, b: number): void;
  _crypto_core_ristretto255_scalar_sub(out: number, a: number, b: number): void;
  _crypto_core_ristretto255_scalar_mul(out: number, a: number, b: number): void;
}

await sodium.ready;
export const wasm = (sodium as unknown as { readonly libsodium: CompiledSodium }).libsodium;

/** Bytes of an element, a point and a scalar. */
export const SIZE = 32;
/** Bytes that are reduced to a scalar or mapped to an element. */
export const WIDE = 64;

// Four slots: the result, two operands, and a running sum. A 64-byte operand takes both operand slots.
const BUFFER_BYTES = 4 * SIZE;
const buffer = wasm._malloc(BUFFER_BYTES);
if (buffer === 0) throw new RangeError("no memory for the ristretto255 buffer");

/** Addresses of the slots. */
export const out = buffer;
export const left = buffer + SIZE;
export const right = buffer + 2 * SIZE;
export const sum = buffer + 3 * SIZE;

export function load(address: number, bytes: Uint8Array): void {
  // The buffer's bounds rest on this check: a longer operand would write over libsodium's heap.
  if (bytes.length !== SIZE) throw new RangeError("a ristretto255 operand has 32 bytes");
  wasm.HEAPU8.set(bytes, address);
}

/** 64 bytes into both operand slots. */
export function loadWide(bytes: Uint8Array): void {
  if (bytes.length !== WIDE) throw new RangeError("a wide ristretto255 operand has 64 bytes");
  wasm.HEAPU8.set(bytes, left);
}

export function take(address: number): Uint8Array {
  return wasm.HEAPU8.slice(address, address + SIZE);
}

export function clear(address: number): void {
  wasm.HEAPU8.fill(0, address, address + SIZE);
}

/** Copies one slot to another. */
export function move(to: number, from: number): void {
  wasm.HEAPU8.copyWithin(to, from, from + SIZE);
}

/** Runs `operation` and leaves no operand or result in the heap, whatever happens. */
export function wiped<T>(operation: () => T): T {
  try {
    return operation();
  } finally {
    wasm.HEAPU8.fill(0, buffer, buffer + BUFFER_BYTES);
  }
}
