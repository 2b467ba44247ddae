import { defineFaults } from "./descriptor.ts";

export const chainFaults = defineFaults({});
