import { defineFaults } from "./descriptor.ts";

export const authorisationFaults = defineFaults({});
