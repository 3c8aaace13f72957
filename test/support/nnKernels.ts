/** The kernels of layers and losses with their twins, by the names of the binary, and where they are. */

import type { Binaries } from "../../src/engine/backend.js";
import activation from "../../src/engine/wasm/binaries/nn/activation.js";
import dropout from "../../src/engine/wasm/binaries/nn/dropout.js";
import elementwise from "../../src/engine/wasm/binaries/nn/elementwiseLoss.js";
import norm from "../../src/engine/wasm/binaries/nn/layerNorm.js";
import loss from "../../src/engine/wasm/binaries/nn/loss.js";
import smooth from "../../src/engine/wasm/binaries/nn/smoothActivation.js";
import { activationKernels } from "../../src/nn/activation.js";
import { dropoutKernels } from "../../src/nn/dropout.js";
import { layerNormKernels } from "../../src/nn/layerNorm.js";
import { lossKernels } from "../../src/nn/lossKernels.js";
import { smoothKernels } from "../../src/nn/smoothActivation.js";

export const nnKernels = {
  ...activationKernels,
  ...smoothKernels,
  ...dropoutKernels,
  ...layerNormKernels,
  ...lossKernels,
};
export const nnBinaries: Binaries = [activation, smooth, dropout, norm, loss, elementwise];
