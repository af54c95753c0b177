// The filter bank: its triangles over the bins, a close-up, which bands hold no bin, and its numbers.
import { createChart } from "../../charts/chart.js";
import { h } from "../../charts/dom.js";
import { decodeScene } from "../../charts/scene.js";
import { formatFrequency } from "../../summary/quantities.js";
import { createLazyPanel, createRowsTable } from "../lazy_panel.js";

const NO_BANK =
  "The stage is STFT, which has no bands. Choose \u201cMel spectrogram\u201d or \u201cMFCC\u201d under Stage.";
const MOST_NAMED = 3; // bands at one frequency; more than two overlap only by rounding

function render({ model, el }) {
  const title = h("p", { class: "specwidget-subject" });
  const sentence = h("p", { class: "specwidget-empty-bands", role: "status" });
  const none = h("p", { class: "specwidget-muted", text: NO_BANK, hidden: true });
  const whole = createChart({ hint: "Focus or point at the bank to read it." });
  const near = createChart({ hint: "Focus or point at the close-up to read it." });
  const table = createRowsTable("Numbers of the bank", "What it is");
  const charts = h("div", { class: "specwidget-charts" }, [whole.el, near.el]);
  const content = [title, sentence, charts, table.el];
  const page = createLazyPanel({
    ...{ model, el },
    name: "specwidget-bank",
    title: "Bank",
    children: [none, ...content],
    show: { bank: receive },
  });

  function receive(bank, buffers) {
    none.hidden = bank.has_bank;
    for (const part of content) part.hidden = !bank.has_bank;
    if (!bank.has_bank) return;
    const [all, close] = decodeScene(bank.scene, buffers).axes;
    title.textContent = bank.title;
    if (sentence.textContent !== bank.sentence) sentence.textContent = bank.sentence;
    sentence.dataset.hasEmpty = String(bank.counts.includes(0));
    const describe = ({ x }) => describeBands(bank, x);
    whole.show(all, { label: `Filter bank: ${bank.title}.`, step: bank.spacing, describe });
    near.show(close, { label: `Close-up of the bank. ${bank.sentence}`, step: bank.spacing / 4, describe });
    table.show(
      ["Value"],
      bank.rows.map(({ name, value, formula }) => ({ name, values: [value], formula })),
    );
  }

  return () => {
    page.stop();
    whole.dispose();
    near.dispose();
  };
}

/**
 * What the bank has at a frequency: the bin there, and the bands that overlap it, with their ranges.
 *
 * @param {{edges: number[], counts: number[], spacing: number}} bank
 * @param {number} hertz
 */
export function describeBands({ edges, counts, spacing }, hertz) {
  const bands = counts.map((_, band) => band).filter((band) => edges[band] <= hertz && hertz < edges[band + 2]);
  const named = bands.slice(0, MOST_NAMED).map((band) => {
    const count = counts[band] === 0 ? "no bin" : `${counts[band]} bin${counts[band] === 1 ? "" : "s"}`;
    return `band ${band}: ${formatFrequency(edges[band])} to ${formatFrequency(edges[band + 2])}, ${count}`;
  });
  const bin = `near bin ${Math.round(hertz / spacing)}`;
  return [formatFrequency(hertz), bin, ...(named.length ? named : ["no band"])].join("  \u00b7  ");
}

export default { render };
