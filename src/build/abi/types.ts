/** What abi.json holds (docs/abi.md says it in words). */

/** The number types of a call: i32 is a count, a number or an address. */
export type NumberType = "i32" | "f32" | "f64";

export interface SizeArgument {
  name: string;
  type: "i32";
  role: "size";
  /** Where only multiples are taken. */
  multipleOf?: number;
  /** The least that makes sense, as an expression in the arguments; 1 where it is not said. */
  least?: string;
}

/** The address of an array. */
export interface ArrayArgument {
  name: string;
  type: "i32";
  role: "array";
  element: "u8" | "i32" | "f32" | "f64";
  /** Elements, as an expression in the arguments. */
  length: string;
  /**
   * "in" is read, "out" written, "inout" both; "consumed" is read and then overwritten with nothing of use, "scratch" is
   * working memory, and "none" is not looked at: any number will do.
   */
  access: "in" | "out" | "inout" | "consumed" | "scratch" | "none";
  /** The kernel reads, and where it writes also writes, up to the next multiple of 64 bytes of the length. */
  padded: boolean;
  /** Of numbers of rows or columns: they are below this, an expression in the arguments. */
  below?: string;
  note?: string;
}

/** A number that a step or a layer sets. */
export interface ScalarArgument {
  name: string;
  type: NumberType;
  role: "scalar";
  /** All that it may be, as expressions in the arguments, where that is a few numbers or between the first and the last. */
  values?: string[];
  /** The kernel does not look at it: any number will do. */
  unused?: true;
}

export type Argument = SizeArgument | ArrayArgument | ScalarArgument;

/** How a call may be cut into calls on parts, in any order or at the same time, with the same bits. */
export interface Parts {
  cut: "elements" | "rows" | "sum" | "block";
  /** Cut at multiples of this many elements or rows. */
  at: number;
  /** By how many bytes an argument advances for each element or row that a part leaves out; others are the same for all parts. */
  advance: Record<string, number | string>;
}

export interface Kernel {
  kind: string;
  /** Where it is in the sources. */
  source: string;
  summary: string;
  arguments: Argument[];
  /** What it does to element i of its arrays, for i from 0 to n, in `words`; null for a kernel of another form. */
  loop: string[] | null;
  result: { type: NumberType; meaning: string } | null;
  /** null: on one thread alone. */
  parts: Parts | null;
  /** The optimizers whose steps call it. */
  optimizers: string[];
}

/** How an optimizer calls a kernel. */
export interface Call {
  /** Options, beside the defaults, with which it does. */
  options: Record<string, unknown>;
  /** The optimizer's state in each array after p and g; null for an array that the rest of the step makes. */
  slots: Record<string, string | null>;
  /** Statements in f64 that lead to the scalars, once a step and in this order. */
  formulas: string[];
  /** Whether the statements name nothing but h, s, t and `functions`. */
  complete: boolean;
  /** The scalars of step t with these options: what the formulas give, rounded to f32. */
  example: { t: number; scalars: (number | string)[] };
}

export interface Optimizer {
  paper: string;
  follows: string;
  hyper: Record<string, unknown>;
  /** What s holds before the first step. */
  state: Record<string, unknown>;
  /** What its arrays hold before the first step: a number, an option ("h.lr"), or the parameters ("p"); null for what its file says. */
  slots: Record<string, number | string | null>;
  kernels: Record<string, Call>;
}

export interface Binary {
  bytes: number;
  sha256: string;
  simd: "strict" | "relaxed";
  memory: { module: string; name: string; initial: number; maximum: number | null; shared: boolean };
  exports: string[];
}

export interface Abi {
  format: 1;
  version: string;
  pageBytes: 65536;
  alignment: { required: 1; best: 16 };
  padding: { bytes: 64 };
  binaries: Record<string, Binary>;
  /** What each scalar of an update kernel is, in words. */
  scalars: Record<string, string>;
  /** Functions that formulas name, as JavaScript. */
  functions: Record<string, string>;
  /** The words of loops, as JavaScript on numbers of f32; `math.` and a name is a function of assembly/math.ts. */
  words: Record<string, string>;
  kernels: Record<string, Kernel>;
  optimizers: Record<string, Optimizer>;
}
