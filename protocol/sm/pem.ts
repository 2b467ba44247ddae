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
  const begin = `-----BEGIN ${label}-----`;
  const start = text.indexOf(begin);
  const end = text.indexOf(`-----END ${label}-----`, start);
  if (start < 0 || end < 0) return undefined;
  const base64 = text.slice(start + begin.length, end).replace(/\s+/g, "");
  const der = Buffer.from(base64, "base64");
  return der.toString("base64") === base64 ? new Uint8Array(der) : undefined;
}
