/** The curves of a run: losses, and where rows are held out how many of them are right. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Epoch } from "./messages.js";

interface Drawn {
  readonly epochs: readonly Epoch[];
  readonly of: number;
  readonly page: TemplateResult;
}

/** Draws anew when there are new epochs alone. */
export function chartsOf(): (epochs: readonly Epoch[], of: number) => TemplateResult {
  let last: Drawn | undefined;
  return (epochs, of) => {
    if (last?.epochs === epochs && last.of === of) return last.page;
    last = { epochs, of, page: drawn(epochs, of) };
    return last.page;
  };
}

function drawn(epochs: readonly Epoch[], of: number): TemplateResult {
  const xs = epochs.map(({ epoch }) => epoch);
  const x = { label: "epoch", from: 1, to: Math.max(2, of, xs[xs.length - 1] ?? 0), whole: true };
  const held = epochs.filter((each) => each.held !== undefined);
  const accuracies = held.map((each) => each.held!.accuracy ?? Number.NaN);
  const losses = [
    { label: "training", series: 0, values: epochs.map(({ loss }) => loss), xs },
    ...(held.length > 0 ? [{ label: "held out", series: 1, values: held.map((each) => each.held!.loss), xs }] : []),
  ];
  const none = epochs.length === 0;
  return html`<div><arena-chart .scene=${{
    curves: losses,
    x,
    y: none ? { label: "loss", from: 0, to: 2.5 } : { label: "loss", log: true },
    shape: 0.5,
    label: "Loss by epoch",
  }}></arena-chart></div>
  <div>${
    !none && !accuracies.every(Number.isFinite)
      ? nothing
      : html`<arena-chart .scene=${{
          curves:
            held.length > 0 ? [{ label: "held out", series: 1, values: accuracies.map((each) => each * 100), xs }] : [],
          x,
          y: { label: "right, per cent", from: 0, to: 100 },
          shape: 0.5,
          label: "Share of the rows held out that are right, by epoch",
        }}></arena-chart>`
  }</div>`;
}
