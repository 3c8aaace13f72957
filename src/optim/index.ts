/** Every optimizer, one line each: the main entry and THE TABLE (table.ts) both come from this list. */
export { adam } from "./adam.js";
export { adamw } from "./adamw.js";
export { aggmo } from "./aggmo.js";
export { asgd } from "./asgd.js";
export { demonSgd } from "./demonSgd.js";
export { lion } from "./lion.js";
export { momentum } from "./momentum.js";
export { nag } from "./nag.js";
export { qhm } from "./qhm.js";
export { rprop } from "./rprop.js";
export { sgd } from "./sgd.js";
export { sgdw } from "./sgdw.js";
export { signsgd } from "./signsgd.js";
export { tiger } from "./tiger.js";
