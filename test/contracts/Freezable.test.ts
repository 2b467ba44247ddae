import { describe } from "mocha";

import { digest, Kind, terms } from "./platform.ts";
import { shouldRespectFreeze } from "./restricted.behavior.ts";
import { leaves, publication } from "./stages.ts";

describe("Freezable: stops every write", () => {
  const head = { lane: 0, count: 1, transcript: digest("t"), signature: "0x" };
  shouldRespectFreeze([
    { name: "apply_", call: ({ members }, as) => members.connect(as).apply_(Kind.Bank, "x", "y") },
    { name: "recordReview", call: ({ members }, as) => members.connect(as).recordReview(1, digest("r")) },
    { name: "recordAcceptance", call: ({ members }, as) => members.connect(as).recordAcceptance(1, digest("a")) },
    { name: "presentKey", call: ({ members }, as) => members.connect(as).presentKey(1, 2, "0x") },
    { name: "certifyKey", call: ({ members }, as) => members.connect(as).certifyKey(1, 0, digest("c")) },
    { name: "revokeKey", call: ({ members }, as) => members.connect(as).revokeKey(1, 0, digest("r")) },
    { name: "admit", call: ({ members }, as) => members.connect(as).admit(1) },
    { name: "suspend", call: ({ members }, as) => members.connect(as).suspend(1, digest("r")) },
    { name: "reinstate", call: ({ members }, as) => members.connect(as).reinstate(1) },
    { name: "exit", call: ({ members }, as) => members.connect(as).exit(1) },
    { name: "setEndpoint", call: ({ members }, as) => members.connect(as).setEndpoint("x") },
    { name: "nominateOperator", call: ({ members }, as) => members.connect(as).nominateOperator(as) },
    { name: "acceptNomination", call: ({ members }, as) => members.connect(as).acceptNomination(1) },
    { name: "retireOperator", call: ({ members }, as) => members.connect(as).retireOperator(as) },
    { name: "setIncentiveRules", call: ({ members, rules }, as) => members.connect(as).setIncentiveRules(rules) },
    {
      name: "defineCategory",
      call: ({ datasets }, as) => datasets.connect(as).defineCategory(digest("Z"), terms([Kind.Bank])),
    },
    {
      name: "amendCategory",
      call: ({ datasets }, as) => datasets.connect(as).amendCategory(digest("Z"), terms([Kind.Bank])),
    },
    { name: "registerDataset", call: ({ datasets }, as) => datasets.connect(as).registerDataset(digest("l"), []) },
    {
      name: "publish",
      call: ({ datasets, betaData }, as) => datasets.connect(as).publish(betaData, publication("x")),
    },
    {
      name: "fileNilReport",
      call: ({ datasets, betaData }, as) => datasets.connect(as).fileNilReport(betaData, 1, digest("n")),
    },
    {
      name: "withdraw",
      call: ({ datasets, betaData }, as) => datasets.connect(as).withdraw(betaData, 1, 1, digest("r")),
    },
    {
      name: "recordKeyDestruction",
      call: ({ datasets, betaData }, as) => datasets.connect(as).recordKeyDestruction(betaData, 1, digest("a")),
    },
    { name: "setEpochLength", call: ({ parameters }, as) => parameters.connect(as).setEpochLength(3600) },
    { name: "setSettlementWindow", call: ({ parameters }, as) => parameters.connect(as).setSettlementWindow(3600) },
    { name: "setRecordExpiry", call: ({ parameters }, as) => parameters.connect(as).setRecordExpiry(36) },
    {
      name: "setMaximumSessionDuration",
      call: ({ parameters }, as) => parameters.connect(as).setMaximumSessionDuration(3600),
    },
    {
      name: "switchExistingCustomers",
      call: ({ parameters }, as) => parameters.connect(as).switchExistingCustomers(true),
    },
    { name: "setPrice", call: ({ rules, betaData }, as) => rules.connect(as).setPrice(betaData, 1) },
    { name: "setRates", call: ({ rules }, as) => rules.connect(as).setRates(1, 1, 1, 1) },
    { name: "onAdmitted", call: ({ rules }, as) => rules.connect(as).onAdmitted(1) },
    {
      name: "onPublished",
      call: ({ rules, betaData }, as) => rules.connect(as).onPublished(1, betaData, 1, 1, 1024),
    },
    { name: "mint", call: ({ points }, as) => points.connect(as).mint(as, 1) },
    { name: "move", call: ({ points }, as) => points.connect(as).move(as, as, 0) },
    { name: "openSession", call: ({ ledger }, as) => ledger.connect(as).openSession(1, [], [], 0) },
    {
      name: "settle",
      call: ({ ledger, session, betaData }, as) => ledger.connect(as).settle(session, betaData, [head]),
    },
    { name: "anchor", call: ({ ledger, session }, as) => ledger.connect(as).anchor(session, 0, leaves(16)) },
    {
      name: "proveFork",
      call: ({ ledger, session, betaData }, as) => ledger.connect(as).proveFork(session, betaData, head, head),
    },
    { name: "closeSession", call: ({ ledger, session }, as) => ledger.connect(as).closeSession(session) },
  ]);
});
