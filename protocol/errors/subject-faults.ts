import { defineFaults } from "./descriptor.ts";

export const subjectFaults = defineFaults({});
