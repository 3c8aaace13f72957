/** The kernels of layers and losses with their twins, by the names of the binary. */
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
