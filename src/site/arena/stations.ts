/** The stations in the order of the page. One is listed when stations/ID.ts is there, and loaded when it is opened. */
import type { Station } from "./station.js";

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly group: string;
}

const ALL: readonly Entry[] = [
  { id: "race", title: "The race", group: "Start here" },
  { id: "explorer", title: "Landscape explorer", group: "Ground" },
  { id: "batches", title: "Full batch and mini-batch", group: "Ground" },
  { id: "momentum", title: "Gradient descent and momentum", group: "Methods" },
  { id: "nesterov", title: "Nesterov’s look-ahead", group: "Methods" },
  { id: "adagrad", title: "AdaGrad and RMSProp", group: "Methods" },
  { id: "adam", title: "Inside Adam", group: "Methods" },
  { id: "bias", title: "Bias correction", group: "Methods" },
  { id: "decay", title: "L2 and decoupled decay", group: "Methods" },
  { id: "family", title: "The family tree", group: "Methods" },
  { id: "rates", title: "Effective learning rates", group: "Rates" },
  { id: "schedules", title: "Schedules", group: "Rates" },
  { id: "sensitivity", title: "Sensitivity to the rate", group: "Rates" },
  { id: "backprop", title: "Backpropagation", group: "Networks" },
  { id: "train", title: "Train for real", group: "Networks" },
  { id: "choose", title: "Which optimizer?", group: "Practice" },
  { id: "throughput", title: "Throughput of this browser", group: "Practice" },
];

const modules = import.meta.glob<{ default: Station }>("./stations/*.ts");

export const STATIONS: readonly Entry[] = ALL.filter(({ id }) => `./stations/${id}.ts` in modules);
export const loadStation = async (id: string): Promise<Station> => (await modules[`./stations/${id}.ts`]()).default;
