/** Every optimizer, one line each: the main entry and THE TABLE (table.ts) both come from this list. */
export { adam } from "./adam.js";
export { adamw } from "./adamw.js";
export { dadaptAdam } from "./dadaptAdam.js";
export { dadaptSgd } from "./dadaptSgd.js";
export { prodigy } from "./prodigy.js";
export { scheduleFreeAdamw } from "./scheduleFreeAdamw.js";
export { scheduleFreeRadam } from "./scheduleFreeRadam.js";
export { scheduleFreeSgd } from "./scheduleFreeSgd.js";
export { sgd } from "./sgd.js";
export { yellowfin } from "./yellowfin.js";
