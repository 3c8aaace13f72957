import { quoted } from "../check.js";
import { createEngine } from "../engine/create.js";
import { ADVICE, type Advice } from "../experiments/worked/advice.js";
import { sceneOf } from "../experiments/worked/scenes.js";
import { tolerance } from "../experiments/worked/table.js";
import { TABLES } from "../experiments/worked/tables.js";
import { type Walk, type WalkOptions, walk } from "../experiments/worked/walk.js";
import { type Landscape, landscapes } from "../landscape/index.js";
import { asUsageError, command, flagOf, hint, number, numberIn, option, parsed, spelt, UsageError } from "./args.js";
import { backpropagation, landscapeText, optimizerText, outlineText, topicText, type Worked } from "./explainReport.js";
import { explanations } from "./explanations.js";
import { hyperOf, withHyperOptions } from "./hyperOptions.js";
import { optimizerEntries } from "./optimizerData.js";
import { print, printJson } from "./output.js";
import { program } from "./program.js";

interface Values extends Record<string, unknown> {
  gradients?: number[][];
  start?: number[];
  steps?: number;
  json?: true;
}

const MOST_STEPS = 1000;

/** The command with its options. */
export function explainCommand() {
  const made = command(
    "explain",
    "explains an optimizer, a schedule or a surface",
    "[NAME] [options]",
    `
An optimizer is shown with its formula, when to use it, and a worked example: its kernel takes the steps, and all that
it leaves in its buffers is printed. Without NAME: what there is.

Any hyperparameter is an option by its name: --betas 0.9,0.95 --weight-decay 0.1 --amsgrad --no-nesterov.
${program()} optimizers NAME lists them.

Examples:
  thalweg explain adam
  thalweg explain adam --gradients 0.1,0.2,-0.3 --lr 0.01
  thalweg explain lamb --gradients "0.3,0.4; 0.4,-0.3" --weight-decay 0.1
  thalweg explain cosine`,
  )
    .addOption(
      option(
        "--gradients <g>",
        "gradients, a number a step: 4,-1,3; of more numbers with ; between steps",
        gradientsOf,
      ),
    )
    .addOption(option("--start <x>", "where the parameter starts", numbers))
    .addOption(
      option(
        "--steps <n>",
        "steps to take; gradients repeat",
        numberIn(`a whole number from 1 to ${MOST_STEPS}`, (n) => Number.isInteger(n) && n >= 1 && n <= MOST_STEPS),
      ),
    );
  return withHyperOptions(made).option("--json", "print one JSON object on one line");
}

const numbers = (name: string, list: string): number[] => list.split(",").map((each) => number(name, each));
const gradientsOf = (name: string, text: string): number[][] => text.split(";").map((step) => numbers(name, step));

/** `thalweg explain`. */
export async function explain(args: string[]): Promise<void> {
  const call = parsed<Values>(explainCommand(), args);
  if (call === undefined) return;
  const { values, words } = call;
  const [word, ...rest] = words;
  if (rest.length > 0) throw new UsageError(`expected one name, got ${quoted(rest[0])} as well`);
  const { json, ...settings } = values;
  const topics = topicsOf();
  const [option] = Object.keys(settings).filter((key) => settings[key] !== undefined);
  if (word === undefined) {
    if (option !== undefined)
      throw new UsageError(`expected a name with ${flagOf(option)}, as in: ${program()} explain adam, got none`);
    if (json) printJson(topics);
    else print(outlineText(topics));
    return;
  }
  const known = Object.values(topics).flat();
  const name = spelt(word, known);
  if (name === undefined) throw new UsageError(unknown(word, known));
  const entry = optimizerEntries().find((each) => each.name === name);
  if (entry === undefined) {
    if (option !== undefined)
      throw new UsageError(`${flagOf(option)}: expected an optimizer with a worked example, got ${name}`);
  }
  const tables = await workedOf(name);
  if (entry !== undefined) {
    const worked = await walked(name, settings);
    const advice = ADVICE[name as keyof typeof ADVICE];
    if (json) printJson({ kind: "optimizer", ...outline(entry), ...advice, example: worked, tables });
    else print(optimizerText(entry, advice, worked, tables));
    return;
  }
  const surface: Landscape | undefined = landscapes[name as keyof typeof landscapes];
  const topic = explanations().find((each) => each.name === name);
  const advice: Advice | undefined = ADVICE[name as keyof typeof ADVICE];
  if (json) printJson({ ...(topic ?? described(name, surface)), ...advice, tables });
  else if (topic) print(topicText(topic, advice, tables));
  else if (surface) print(landscapeText(surface, tables));
  else print(backpropagation(tables));
}

/** All that can be explained, by kind. */
function topicsOf(): Record<string, string[]> {
  const others = explanations();
  const of = (kind: string) => others.flatMap((each) => (each.kind === kind ? each.name : []));
  return {
    optimizers: [...optimizerEntries().map(({ name }) => name), ...of("optimizer")],
    schedules: of("schedule"),
    surfaces: Object.keys(landscapes),
    more: ["backpropagation"],
  };
}

function unknown(word: string, names: readonly string[]): string {
  const meant = hint(word, names) || `; ${program()} explain lists what there is`;
  return `expected an optimizer, a schedule or a surface, got ${quoted(word)}${meant}`;
}

const outline = ({ name, paper, follows, text, options }: ReturnType<typeof optimizerEntries>[number]) => ({
  ...{ name, paper, follows, text },
  defaults: Object.fromEntries(options.map((each) => [each.name, each.default])),
});

function described(name: string, surface: Landscape | undefined): object {
  if (surface === undefined) return { kind: "topic", name };
  const { formula, source, note, domain, minima } = surface;
  return { kind: "surface", name, formula, source, note, domain, minima };
}

/** The worked example, on the strict kernels. */
async function walked(name: string, { gradients, start, steps, ...others }: Values): Promise<Walk> {
  const hyper = hyperOf(name, others);
  const lists = gradients?.length === 1 ? split(name, gradients[0]) : gradients;
  const options: WalkOptions = {
    hyper,
    ...(lists && { gradients: lists }),
    ...(start && { start }),
    ...(steps && { steps }),
  };
  using engine = await createEngine({ simd: "strict" });
  try {
    return walk(engine, name, options);
  } catch (error) {
    throw asUsageError(error);
  }
}

/** One list: of an example of one number it has the gradient of each step, of another those of one step. */
const split = (name: string, list: number[]): number[][] =>
  sceneOf(name).start.length === 1 ? list.map((each) => [each]) : [list];

/** The calculations by hand on this topic, run. */
async function workedOf(name: string): Promise<Worked[]> {
  const found = TABLES.filter(({ topics }) => topics.includes(name)).sort(
    (a, b) => a.topics.indexOf(name) - b.topics.indexOf(name),
  );
  if (found.length === 0) return [];
  using engine = await createEngine({ simd: "strict" });
  return found.map(({ title, examples, note }) => ({
    title,
    examples: examples.map((example) => ({
      name: example.name,
      // As it was worked by hand, where the kernel agrees up to the rounding of f32.
      values: example.run(engine).map((value, i) => {
        const by = example.want[i];
        return Math.abs(value - by) <= tolerance(example, i) ? by : Number(value.toPrecision(6));
      }),
    })),
    ...(note !== undefined && { note }),
  }));
}
