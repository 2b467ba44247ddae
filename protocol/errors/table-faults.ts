import { defineFaults } from "./descriptor.ts";

export const tableFaults = defineFaults({});
