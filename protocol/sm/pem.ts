/** The text form of DER (RFC 7468, strict): one block, base64 in lines of 64. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** DER of the first block with this label, text around it ignored; undefined if there is none or it is not base64. */
export function fromPem(label: string, text: string): Uint8Array | undefined {
  const [first] = pemBlocks(label, text);
  return first === undefined ? undefined : fromBase64(first);
}

/** DER of all blocks with this label, in their order; undefined if one of them is not base64. */
export function allFromPem(label: string, text: string): Uint8Array[] | undefined {
  const decoded = [...pemBlocks(label, text)].map(fromBase64);
  return decoded.includes(undefined) ? undefined : (decoded as Uint8Array[]);
}

function* pemBlocks(label: string, text: string): Generator<string> {
  const [begin, finish] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`];
  for (let at = 0; ;) {
    const start = text.indexOf(begin, at);
    const end = text.indexOf(finish, start);
    if (start < 0 || end < 0) return;
    yield text.slice(start + begin.length, end);
    at = end + finish.length;
  }
}

function fromBase64(text: string): Uint8Array | undefined {
  const base64 = text.replace(/\s+/g, "");
  const der = Buffer.from(base64, "base64");
  return der.toString("base64") === base64 ? new Uint8Array(der) : undefined;
}
