/** Each export as abi.json describes it, without what optimizers know of it. */
import type { Partition } from "../../engine/backend.js";
import { commonPartitions } from "../../engine/commonKernels.js";
import { extraPartitions } from "../../engine/extraKernels.js";
import { lossPartitions } from "../../nn/lossKernels.js";
import { ARRAYS, BELOW, CHOICES, LEAST, MULTIPLES, NOTES, RESULTS } from "./arrays.js";
import { loopOf } from "./loops.js";
import { accessIn, isElementwise, type Signature } from "./sources.js";
import type { Argument, ArrayArgument, Kernel, NumberType, Parts } from "./types.js";

/** By the folder or file of assembly/. */
const KINDS: readonly [RegExp, string][] = [
  [/optim\/\w+\.ts$/, "update"],
  [/optim\/\w+\/rows\.ts$/, "update of a matrix"],
  [/gemm\//, "product"],
  [/nn\/(activation|smoothActivation)\.ts$/, "activation"],
  [/nn\/(loss|elementwiseLoss)\.ts$/, "loss"],
  [/nn\/layerNorm\.ts$/, "normalization"],
  [/nn\/dropout\.ts$/, "dropout"],
  [/linalg\//, "linear algebra"],
  [/extra\.ts$/, "extra"],
  [/vector\.ts$/, "vector"],
  [/reduce\.ts$/, "sum"],
  [/rows\.ts$/, "rows"],
  [/memory\.ts$/, "memory"],
  [/index\.ts$/, "build"],
];

/** Partitions that the library shares, and those that it has where it binds a kernel; test/abi makes calls in such parts. */
const PARTITIONS: Readonly<Record<string, Partition | undefined>> = {
  ...commonPartitions,
  ...extraPartitions,
  ...lossPartitions,
  factoredSquares: ["rows", "matrix", "column", "same", "column"],
  factoredStep: ["rows", "matrix", "matrix", "column"],
  factoredMomentum: ["rows", "matrix", "matrix", "matrix", "column"],
  layerNorm: ["rows", "matrix", "same", "same", "matrix", "pairs"],
  addRowRelu: ["rows", "same", "matrix"],
};

export function kernelOf(signature: Signature): Kernel {
  const { name, source, summary, parameters, result } = signature;
  const kind = KINDS.find(([path]) => path.test(source))?.[1];
  if (!kind) throw new Error(`${source}: expected a kind of kernel for ${name}`);
  const arrays = arraysOf(signature);
  const args = parameters.map((parameter): Argument => {
    const plain = parameter.name.replace(/^_/, "");
    const array = arrays.get(plain);
    if (array) return array;
    const { type } = parameter;
    const values = CHOICES[plain];
    if (type === "i32" && !values) {
      const multipleOf = MULTIPLES[name]?.[plain];
      const least = LEAST[name]?.[plain];
      return { name: plain, type, role: "size", ...(multipleOf && { multipleOf }), ...(least && { least }) };
    }
    const wasm = type === "usize" ? "i32" : (type as NumberType);
    return {
      name: plain,
      type: wasm,
      role: "scalar",
      ...(type === "i32" && values.length > 0 && { values }),
      ...(parameter.name.startsWith("_") && { unused: true }),
    };
  });
  const meaning = RESULTS[name];
  if ((result === "void") !== (meaning === undefined))
    throw new Error(`${source}: expected what ${name} returns in RESULTS, for a kernel that returns ${result}`);
  const returned = meaning ? { type: (result === "usize" ? "i32" : result) as NumberType, meaning } : null;
  const parts = partsOf(signature, args);
  const loop = isElementwise(signature) ? (loopOf(signature) ?? null) : null;
  return { kind, source, summary, arguments: args, loop, result: returned, parts, optimizers: [] };
}

/** The arrays by name: from the table, or of an element-wise kernel from what its loop does with them. */
function arraysOf(signature: Signature): Map<string, ArrayArgument> {
  const { name, parameters } = signature;
  const addresses = parameters.filter(({ type }) => type === "usize").map((parameter) => parameter.name);
  const listed = ARRAYS[name];
  const array = (fields: Omit<ArrayArgument, "type" | "role">): ArrayArgument => {
    const note = NOTES[name]?.[fields.name];
    const below = BELOW[name]?.[fields.name];
    return { type: "i32", role: "array", ...fields, ...(below && { below }), ...(note && { note }) };
  };
  if (!listed && !isElementwise(signature)) return new Map(); // memory: its addresses are no arrays
  const found = listed
    ? listed.split("; ").map((text) => {
        const [, own, element, length, access, padded] =
          text.match(/^(\w+) (\w+)\[(.+)\] (in|out|inout|consumed|scratch)( padded)?$/) ?? [];
        if (!own)
          throw new Error(`ARRAYS.${name}: expected "name element[length] access", got ${JSON.stringify(text)}`);
        return array({ name: own, element, length, access, padded: padded !== undefined } as ArrayArgument);
      })
    : addresses.map((own) =>
        array({
          name: own.replace(/^_/, ""),
          element: "f32",
          length: "n",
          access: accessIn(signature, own),
          padded: true,
        }),
      );
  const names = found.map((one) => one.name).join();
  const wanted = addresses.map((own) => own.replace(/^_/, "")).join();
  if (names !== wanted) throw new Error(`ARRAYS.${name}: expected ${wanted}, got ${names}`);
  return new Map(found.map((one) => [one.name, one]));
}

/** Bytes that an argument advances by, for each kind of argument in a partition (src/engine/backend.ts). */
function partsOf(signature: Signature, args: readonly Argument[]): Parts | null {
  const partition = PARTITIONS[signature.name];
  const columns = args[1]?.name;
  const advance: Parts["advance"] = {};
  if (partition?.[0] === "rows") {
    for (const [i, kind] of partition.slice(1).entries()) {
      const { name } = args[i + 2];
      if (kind === "matrix") advance[name] = `4 * ${columns}`;
      else if (kind === "column" || kind === "pairs") advance[name] = kind === "column" ? 4 : 8;
    }
    return { cut: "rows", at: 4, advance };
  }
  if (signature.name === "gemm") return { cut: "block", at: 1, advance };
  const arrays = args.filter(({ role }) => role === "array");
  for (const { name } of arrays) advance[name] = 4;
  if (partition?.[0] === "sum") return { cut: "sum", at: 4096, advance };
  if (!isElementwise(signature) || args[0].name !== "n") return null;
  // Dropout's random numbers go by the number of the element.
  if (args.some(({ name }) => name === "first")) advance.first = 1;
  return { cut: "elements", at: 16, advance };
}
