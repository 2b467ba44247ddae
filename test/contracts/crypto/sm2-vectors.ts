/** Signatures that others published, all on the recommended curve. */
import { type Case, CURVE, multiply, Point } from "./sm2-reference.ts";

/** GB/T 32918.5-2017, appendix A.2: d = 3945208f..., k = 59276e27... */
export const GB_T_32918_5 = {
  message: "message digest",
  z: 0xb2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3n,
  e: 0xf0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640n,
  x: 0x09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020n,
  y: 0xccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13n,
  r: 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n,
  s: 0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aan,
};

/** OpenSSL, test/recipes/30-test_evp_data/evppkey_sm2.txt: SM2_key1 and its three `Verify` entries, over bare digests. */
const OPENSSL_KEY = {
  x: 0x393a2ad9e27e43acaaab85a19d3b85591e14406157175addd37bf77ff0caf9edn,
  y: 0x37fcf3a8b4f55c038523261fca6636afe6a7afa2a1482a606f5cb3a18b2e2a1en,
};
const OPENSSL_SHA512 =
  0x40aa1b203c9d8ee150b21c3c7cda8261492e5420c5f2b9f7380700e094c303b48e62f319c1da0e32eb40d113c5f1749cc61aeb499167890ab82f2cc9bb706971n;

/**
 * GmSSL, tests/sm2test.c: hex_e, hex_r and hex_s. Its hex_d belongs to something else; the private key of this signature is
 * 1 / hex_di - 1, which is hex_rd / hex_r too.
 */
const GMSSL_KEY = multiply(Point.BASE, 0x31cef8b46174d13f4f2c2ca8ee80a0d1475c1284bb23302b100cf8f4a2455c32n).toAffine();

export const PUBLISHED: Record<string, Case> = {
  "GB/T 32918.5": GB_T_32918_5,
  "OpenSSL, SM3, 1": {
    ...OPENSSL_KEY,
    e: 0xd7ad397f6ffa5d4f7f11e7217f241607dc30618c236d2c09c1b9ea8fdadee2e8n,
    r: 0xab1db64de7c40edbde6651c9b8ebdb804673db836e5d5c7fe15dcf9ed2725037n,
    s: 0xeba714451ff69b0bb930b379e192e7cd5fa6e3c41c7fbd8303b799ab54a54621n,
  },
  "OpenSSL, SM3, 2": {
    ...OPENSSL_KEY,
    e: 0xb1139602c6ecc9e15e2f3f9c635a1afe737058bc15387479c1ea0d0b3d90e9e5n,
    r: 0xe6e0414ebd3a656c35602af14ab20287dbf30d57af75c49a188ed4b42391f224n,
    s: 0x2f54f277c606f4605e1ce9514947ffddf94c67a539804a4ed17f852288bdbe2en,
  },
  "OpenSSL, SHA-512": {
    ...OPENSSL_KEY,
    e: OPENSSL_SHA512 % CURVE.n,
    r: 0xae018933b9ba041784380069f2ddf609694dcd299fdbf23d09f4b711fbc103ecn,
    s: 0x8440bb1a48c132de4fb91be9f43b958142fdd29fb9dabe01b17514023a2f638cn,
  },
  GmSSL: {
    ...GMSSL_KEY,
    e: 0xc0881c19beec741b9af27cc26493dcc33b05d481bfeab2f3ce9cc056e6ff8400n,
    r: 0xd85afc01fe104103e48e475a9de4b2624adb40ce2708892fd34f3ea57bcf5b67n,
    s: 0x006bac5b8057ca829534dfde72a0d7883444a3b9bfe9bcdfb383fb90ed7d9486n,
  },
};
