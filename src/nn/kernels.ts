/** The kernels of layers and losses with their twins, by the names of the binary, and where they are. */
import activation from "../engine/binaries/activation.js";
import dropout from "../engine/binaries/dropout.js";
import elementwise from "../engine/binaries/elementwise.js";
import loss from "../engine/binaries/loss.js";
import norm from "../engine/binaries/norm.js";
import smooth from "../engine/binaries/smooth.js";
import type { Codes } from "../engine/kernel.js";
import { activationKernels } from "./activation.js";
import { dropoutKernels } from "./dropout.js";
import { layerNormKernels } from "./layerNorm.js";
import { lossKernels } from "./lossKernels.js";
import { smoothKernels } from "./smooth.js";

export const nnKernels = {
  ...activationKernels,
  ...smoothKernels,
  ...dropoutKernels,
  ...layerNormKernels,
  ...lossKernels,
};
export const nnCodes: Codes = [activation, smooth, dropout, norm, loss, elementwise];
