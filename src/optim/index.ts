/** Every optimizer, one line each: the main entry and THE TABLE (table.ts) both come from this list. */
export { adabelief } from "./adabelief.js";
export { adam } from "./adam.js";
export { adamp } from "./adamp.js";
export { adamw } from "./adamw.js";
export { adan } from "./adan.js";
export { ademamix } from "./ademamix.js";
export { adopt } from "./adopt.js";
export { laprop } from "./laprop.js";
export { madgrad } from "./madgrad.js";
export { mars } from "./mars.js";
export { qhadam } from "./qhadam.js";
export { sgd } from "./sgd.js";
export { yogi } from "./yogi.js";
