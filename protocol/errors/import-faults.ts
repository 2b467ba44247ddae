import { defineFaults } from "./descriptor.ts";

export const importFaults = defineFaults({});
