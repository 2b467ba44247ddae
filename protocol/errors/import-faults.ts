import { importAuthorisationFaults } from "./import-authorisation-faults.ts";
import { importFileFaults } from "./import-file-faults.ts";
import { importLineFaults } from "./import-line-faults.ts";

/** Files of records and of authorisations: why a file, a line or a stored record is refused. */
export const importFaults = { ...importFileFaults, ...importLineFaults, ...importAuthorisationFaults };
