import assert from "node:assert/strict";
import test from "node:test";
import { badgeOf, summaryOf } from "../../specwidget/explorer/panels/crosscheck_panel.js";

const done = (verdict, more) => ({ status: "done", verdict, ...more });

for (const [row, texts] of [
  [{ status: "waiting" }, ["comparing…", ""]],
  [{ status: "not compared" }, ["not compared yet", "Open to compare."]],
  [{ status: "failed", sentence: "Broken." }, ["failed", "Broken."]],
  [done("agrees", { share_of_tolerance: 0.02534 }), ["agrees", "Largest error 2.5 % of the tolerance."]],
  [done("agrees", { share_of_tolerance: 0 }), ["agrees", "Largest error 0 % of the tolerance."]],
  [done("disagrees", { share_of_tolerance: 47.66 }), ["does not agree", "Largest error 47.7 times the tolerance."]],
  [done("disagrees", { share_of_tolerance: "inf" }), ["does not agree", "Largest error far beyond the tolerance."]],
  [
    done("differs by convention", { differences: [{ name: "floor" }, { name: "b" }] }),
    ["differs by convention", "floor, b"],
  ],
  [done("trained kernels", { reason: "Why." }), ["trained kernels", "Why."]],
  [done("not installed", { reason: "Why." }), ["not installed", "Why."]],
])
  test(`the badge of ${JSON.stringify(row)}`, () => {
    assert.deepEqual(badgeOf(row), texts);
  });

test("the summary counts verdicts", () => {
  const verdicts = ["agrees", "agrees", "disagrees", "differs by convention", "not installed"];
  const rows = [...verdicts.map((verdict) => done(verdict)), { status: "waiting" }];
  assert.equal(summaryOf(rows), "2 agree · 1 differs by convention · 1 does not agree · 1 is being compared");
});
