// What the cross-check says, in words. Pure functions.

const BADGES = {
  agrees: "agrees",
  "differs by convention": "differs by convention",
  disagrees: "does not agree",
  "not comparable": "not comparable",
  "not installed": "not installed",
};

const TOLD = [
  ["agrees", "agrees", "agree"],
  ["differs by convention", "differs by convention", "differ by convention"],
  ["disagrees", "does not agree", "do not agree"],
  ["failed", "failed", "failed"],
  ["waiting", "is being compared", "are being compared"],
];

// The badge of a row, and what is said beside it while it is closed.
export function shortOf(row) {
  if (row.status === "waiting") return ["comparing\u2026", ""];
  if (row.status === "unasked") return ["not compared yet", "Open to compare."];
  if (row.status === "left") return ["not compared", "Not compared when this page was saved."];
  if (row.status === "failed") return ["failed", row.sentence];
  const word = BADGES[row.verdict];
  if (row.verdict === "differs by convention") return [word, row.differences.map((each) => each.name).join(", ")];
  if (row.verdict === "agrees") return [word, `Largest error ${percent(row.share_of_tolerance)} of the tolerance.`];
  if (row.verdict === "disagrees")
    return [word, row.reason || `Largest error ${times(row.share_of_tolerance)} the tolerance.`];
  return [word, row.reason];
}

// How many say what, in one line.
export function summaryOf(rows) {
  const words = rows.map((row) => (row.status === "done" ? row.verdict : row.status));
  return TOLD.map(([word, one, more]) => [words.filter((each) => each === word).length, one, more])
    .filter(([count]) => count > 0)
    .map(([count, one, more]) => `${count} ${count === 1 ? one : more}`)
    .join(" \u00b7 ");
}

const percent = (share) => (share === 0 ? "0 %" : `${Number((100 * share).toPrecision(2))} %`);
const times = (share) => (typeof share === "number" ? `${Number(share.toPrecision(3))} times` : "far beyond");
