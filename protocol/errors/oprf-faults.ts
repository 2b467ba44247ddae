import { defineFaults } from "./descriptor.ts";

export const oprfFaults = defineFaults({});
