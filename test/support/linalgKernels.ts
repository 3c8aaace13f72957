/** The names of the kernels of src/linalg/. */
import { createEngine } from "../../src/engine/create.js";
import { choleskyKernels } from "../../src/linalg/cholesky.js";
import { eigenKernels } from "../../src/linalg/eigen.js";
import { gramKernels } from "../../src/linalg/gram.js";
import { modeKernels } from "../../src/linalg/modes.js";
import { qrKernels } from "../../src/linalg/qr.js";

const engine = await createEngine({ backend: "js" });
const all = [choleskyKernels, eigenKernels, gramKernels, modeKernels, qrKernels];
export const linalgKernels: readonly string[] = all.flatMap((kernels) => Object.keys(kernels(engine)));
engine.dispose();
