import { describe } from "mocha";

import { editionTerms } from "./computation.ts";
import { digest, Kind, terms } from "./platform.ts";
import { shouldRespectFreeze } from "./restricted.behavior.ts";
import { leaves, publication } from "./stages.ts";
import { statistic } from "./statistics.ts";

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
    { name: "register", call: ({ nodes }, as) => nodes.connect(as).register() },
    { name: "activate", call: ({ nodes }, as) => nodes.connect(as).activate(1) },
    { name: "retire", call: ({ nodes }, as) => nodes.connect(as).retire(1) },
    { name: "heartbeat", call: ({ nodes }, as) => nodes.connect(as).heartbeat(digest("h")) },
    { name: "report", call: ({ nodes }, as) => nodes.connect(as).report(1, digest("r"), digest("e")) },
    { name: "begin", call: ({ rounds }, as) => rounds.connect(as).begin(7, 2, [], 0, 600) },
    { name: "post", call: ({ rounds }, as) => rounds.connect(as).post(1, 1, "0x") },
    { name: "advance", call: ({ rounds }, as) => rounds.connect(as).advance(1) },
    { name: "callOff", call: ({ rounds }, as) => rounds.connect(as).callOff(1, digest("r")) },
    {
      name: "setTerms",
      call: (platform, as) => platform.tables.connect(as).setTerms(editionTerms(platform)),
    },
    { name: "open", call: ({ tables }, as) => tables.connect(as).open() },
    {
      name: "contribute",
      call: ({ tables }, as) => tables.connect(as).contribute(1, digest("r"), 1024, "0x", [], [], []),
    },
    { name: "close", call: ({ tables }, as) => tables.connect(as).close(1) },
    { name: "exclude", call: ({ tables }, as) => tables.connect(as).exclude(1, [], []) },
    { name: "merge", call: ({ tables }, as) => tables.connect(as).merge(1, digest("r"), 1024, "0x") },
    { name: "chooseStripSet", call: ({ tables }, as) => tables.connect(as).chooseStripSet(1, []) },
    { name: "postShares", call: ({ tables }, as) => tables.connect(as).postShares(1, 1, digest("s")) },
    { name: "confirmTable", call: ({ tables }, as) => tables.connect(as).confirmTable(1, 1, digest("t")) },
    { name: "refuse", call: ({ tables }, as) => tables.connect(as).refuse(1, 1, 1, digest("r"), digest("e")) },
    { name: "abandon", call: ({ tables }, as) => tables.connect(as).abandon(1) },
    { name: "setKey", call: ({ board }, as) => board.connect(as).setKey(digest("k"), digest("r"), "0x01") },
    { name: "defineStatistic", call: ({ board }, as) => board.connect(as).defineStatistic(digest("s"), statistic()) },
    { name: "retireStatistic", call: ({ board }, as) => board.connect(as).retireStatistic(digest("s")) },
    { name: "openCollection", call: ({ board }, as) => board.connect(as).openCollection(digest("s"), 1, 2) },
    { name: "contribute", call: ({ board }, as) => board.connect(as).contribute(digest("s"), 1, digest("d")) },
    { name: "strike", call: ({ board }, as) => board.connect(as).strike(digest("s"), 1, 1, digest("r")) },
    { name: "release", call: ({ board }, as) => board.connect(as).release(digest("s"), 1, digest("c"), digest("a")) },
    { name: "abandon", call: ({ board }, as) => board.connect(as).abandon(digest("s"), 1, digest("r")) },
    { name: "closeSession", call: ({ ledger, session }, as) => ledger.connect(as).closeSession(session) },
  ]);
});
