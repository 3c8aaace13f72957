/** Every optimizer, one line each: the main entry and THE TABLE (table.ts) both come from this list. */
export { adadelta } from "./adadelta.js";
export { adagrad } from "./adagrad.js";
export { adam } from "./adam.js";
export { adamax } from "./adamax.js";
export { adamw } from "./adamw.js";
export { amsgrad } from "./amsgrad.js";
export { demonAdam } from "./demonAdam.js";
export { nadam } from "./nadam.js";
export { nadamw } from "./nadamw.js";
export { radam } from "./radam.js";
export { rmsprop } from "./rmsprop.js";
export { sgd } from "./sgd.js";
