/** What a station is. src/site/README.md shows how one is written. */
import type { TemplateResult } from "lit-html";
import type { Question } from "./parts/question.js";
import type { Rows } from "./parts/take.js";
import type { Fields } from "./state/fields.js";
import type { Values } from "./state/values.js";

export interface Source {
  readonly text: string;
  readonly href?: string;
}

/** A station as its module exports it, by default. Nothing of it runs before the station is opened. */
export interface Station<F extends Fields = Fields> {
  /** A sentence or two below the title: what is seen here. */
  readonly lede: string;
  /** What the address may say. A field named seed is always written. */
  readonly fields: F;
  /** Formulas made by tex`…`, each with the name that stands before it. */
  readonly formulas: readonly { readonly name: string; readonly mathml: string }[];
  readonly sources: readonly Source[];
  /** One line of what to notice. */
  readonly notice: string | TemplateResult;
  setup(values: Values<F>): View;
}

/** An open station. The functions are called anew whenever a signal that they read changes. */
export interface View {
  /** At most four controls. */
  controls(): TemplateResult;
  /** The rest of them. */
  more?(): TemplateResult;
  /** The figures: arena-plane and arena-chart elements, and what stands with them. */
  stage(): TemplateResult;
  /** Without figures there is no picture to take along. */
  readonly figures?: false;
  readonly questions: readonly Question[];
  /** The command that prints the same numbers in Node. */
  command?(): string | undefined;
  /** Code that does the same in Node, where no command does. */
  code?(): string | undefined;
  /** The numbers of the figures. */
  rows?(): Rows;
  dispose?(): void;
}

/** Lets TypeScript find the types of the fields. */
export const station = <F extends Fields>(made: Station<F>): Station<F> => made;
