/** The kernels of linear algebra with their twins, by the names of the binary. */
import { choleskyKernels } from "../../src/linalg/cholesky.js";
import { eigenKernels } from "../../src/linalg/eigen.js";
import { gramKernels } from "../../src/linalg/gram.js";
import { modeKernels } from "../../src/linalg/modes.js";
import { qrKernels } from "../../src/linalg/qr.js";

export const linalgKernels = {
  ...choleskyKernels.twins,
  ...eigenKernels.twins,
  ...gramKernels.twins,
  ...modeKernels.twins,
  ...qrKernels.twins,
};
