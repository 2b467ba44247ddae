import { subjectFaults } from "./subject-faults.ts";
import { oprfFaults } from "./oprf-faults.ts";
import { tableFaults } from "./table-faults.ts";
import { lookupFaults } from "./lookup-faults.ts";
import { evidenceFaults } from "./evidence-faults.ts";
import { storeFaults } from "./store-faults.ts";
import { httpFaults } from "./http-faults.ts";
import { importFaults } from "./import-faults.ts";
import { authorisationFaults } from "./authorisation-faults.ts";
import { chainFaults } from "./chain-faults.ts";
import { networkFaults } from "./network-faults.ts";
import { identityFaults } from "./identity-faults.ts";
import { smFaults } from "./sm-faults.ts";
import { certificateFaults } from "./certificate-faults.ts";
import { channelFaults } from "./channel-faults.ts";
import { governanceFaults } from "./governance-faults.ts";
import { terminalFaults } from "./terminal-faults.ts";
import { thresholdFaults } from "./threshold-faults.ts";
import { aggregateFaults } from "./aggregate-faults.ts";
import { editionFaults } from "./edition-faults.ts";
import { pictureFaults } from "./picture-faults.ts";
import { paillierFaults } from "./paillier-faults.ts";
import { statisticsFaults } from "./statistics-faults.ts";
import { ceremonyFaults } from "./ceremony-faults.ts";

/** Every error a person or a program can meet, by its stable code. */
export const catalogue = {
  ...subjectFaults,
  ...oprfFaults,
  ...tableFaults,
  ...lookupFaults,
  ...evidenceFaults,
  ...storeFaults,
  ...httpFaults,
  ...importFaults,
  ...authorisationFaults,
  ...chainFaults,
  ...networkFaults,
  ...identityFaults,
  ...smFaults,
  ...certificateFaults,
  ...channelFaults,
  ...governanceFaults,
  ...terminalFaults,
  ...thresholdFaults,
  ...aggregateFaults,
  ...editionFaults,
  ...pictureFaults,
  ...paillierFaults,
  ...statisticsFaults,
  ...ceremonyFaults,
};

export type FaultCode = keyof typeof catalogue;
