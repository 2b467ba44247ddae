import { defineFaults } from "./descriptor.ts";

export const evidenceFaults = defineFaults({});
