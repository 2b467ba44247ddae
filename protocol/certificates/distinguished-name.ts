/** Names in certificates: country, organisation, common name, in this order (GM/T 0015 section 5.2.3.6). */
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from "@peculiar/asn1-x509";

import { Fault } from "../errors/fault.ts";

const COMMON_NAME = "2.5.4.3";
const COUNTRY = "2.5.4.6";
const ORGANISATION = "2.5.4.10";
/** ub-common-name and ub-organization-name of RFC 5280. */
const LONGEST = 64;

export interface Subject {
  /** 1 to 64 characters: of a member, its name on chain. */
  readonly commonName: string;
  /** 1 to 64 characters: the firm's registered name. */
  readonly organisation: string;
}

/** @throws Fault CERTIFICATE_REQUEST_INVALID */
export function encodeName({ commonName, organisation }: Subject): Name {
  requireText(commonName, "common name");
  requireText(organisation, "organisation");
  return new Name([
    attribute(COUNTRY, new AttributeValue({ printableString: "CN" })),
    attribute(ORGANISATION, new AttributeValue({ utf8String: organisation })),
    attribute(COMMON_NAME, new AttributeValue({ utf8String: commonName })),
  ]);
}

/** The last value of each kind; empty where the name has none. */
export function readName(name: Name): Subject {
  const values = new Map(name.flatMap((set) => set.map(({ type, value }) => [type, value.toString()] as const)));
  return { commonName: values.get(COMMON_NAME) ?? "", organisation: values.get(ORGANISATION) ?? "" };
}

function attribute(type: string, value: AttributeValue): RelativeDistinguishedName {
  return new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value })]);
}

function requireText(text: string, part: string): void {
  const length = Array.from(text).length;
  // Control characters would let a name look like another one in a log or a console.
  if (length < 1 || length > LONGEST || /\p{C}/u.test(text)) throw new Fault("CERTIFICATE_REQUEST_INVALID", { part });
}
