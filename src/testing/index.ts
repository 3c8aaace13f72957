/** `thalweg/testing`: the battery that the library's own optimizers pass, for yours. */
export { type BatteryOptions, battery, type Case } from "./battery.js";
