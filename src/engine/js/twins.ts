/** The twins of the kernels in the core, which every part of the library shares. */
import { reduceKernels } from "./reduce.js";
import { rowKernels } from "./rows.js";
import { vectorKernels } from "./vector.js";

export const twins = { ...vectorKernels, ...reduceKernels, ...rowKernels };
