import { defineFaults } from "./descriptor.ts";

export const storeFaults = defineFaults({});
