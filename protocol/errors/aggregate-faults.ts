import { defineFaults } from "./descriptor.ts";

export const aggregateFaults = defineFaults({});
