import { defineFaults } from "./descriptor.ts";

export const networkFaults = defineFaults({});
