/** Safe primes for tests, drawn once. They stand in a public repository: no key may ever be made of them. */
export interface Primes {
  readonly p: bigint;
  readonly q: bigint;
}

/** n of 512 bits. */
export const PRIMES_512: Primes = {
  p: BigInt("0xc48d9c6b34a44a81cc0bfa5415731b64fc39b68ecdc69895ebee0b4adadd8e4b"),
  q: BigInt("0xd5de3f11a6066ce41c3e77cebdbfb9881b0093cbd617b85d298daa7d6f00ec7b"),
};

/** n of 1024 bits. */
export const PRIMES_1024: Primes = {
  p: BigInt(
    "0x" +
      "ebee553ae3732599d071c88cdcdb86170fedc84e68bced589e9df92974b5e6cd908fd36bf220b90d9f3fb6740c7fa7e5" +
      "d1b4d22d35ea7a8346a5c96f8c3c09bf",
  ),
  q: BigInt(
    "0x" +
      "ff234a962af281d25f871f5efe4d8f1ae61506541d1d12b638f55be62f3e8331b8166a98f80bc8069c998f7ec39cca90" +
      "15f9c91fbdf8d64144658d27b31a3dcb",
  ),
};

/** n of 3072 bits. */
export const PRIMES_3072: Primes = {
  p: BigInt(
    "0x" +
      "d30a62daf0be8fdea24f9291104f816f67b660ec54079885e1c0fb3432e44883ceffe7305cc7a2622dc70469f29821cc" +
      "1dd93ba98be2dbc95b41a70e1f655b78c0ab0ff8e8925746ee32b1e011f11c96fb483b70307af251153606e28324ca93" +
      "b968eb95a13ec9d6fc29efaa35b272a80d030f143c06d9999166ec9d95ece30b3148e260199bd429bef5d38d21a5745c" +
      "ed3a5eb353653e7e99247354be61835557d65d01edfd6d6a58830989f74ff03fe1f1788e65b4bdaa81a75c120fd6853f",
  ),
  q: BigInt(
    "0x" +
      "dc53ed778bd69b35d9a5d3fa1b9a8d11971c846a3837184caba09da8dd5d1bf77354866b7d1c5f987a9273fd102cab6b" +
      "1045204649394b955e9904c9a9b49a1c7e81bd83e49e2a81bba772661ad91b3ecd3771da6bbc6443c82ab6712a845856" +
      "f875eb16bb2b486dbdd357ac04f92de98c0207e7b623a8270db40a01719ac4511bceb7b3254213f09bf13bd65d4c3f70" +
      "41a2028d8c5595b5d985bd96679b8b6e1ffa4b84d3877df0b8ab45f20186b3eff20c759f46dc497ee86da62282f2fb83",
  ),
};
