import { defineFaults } from "./descriptor.ts";

export const lookupFaults = defineFaults({});
