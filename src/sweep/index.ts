/** `thalweg/sweep`: many trials over settings, on threads, resumed from a journal. */
export { type CheckpointStore, folderStore } from "./checkpoints.js";
export type { Executor } from "./executor.js";
export { contentOf, loadTask } from "./loadTask.js";
export type { SearchPlan, SweepPlan, TaskPlan } from "./plan.js";
export { inThisThread } from "./runJob.js";
export type { Dimension, Range, Space } from "./space.js";
export type { StagesPlan } from "./stages.js";
export { type SweepOptions, type SweepProgress, type SweepResults, type SweepRow, sweep } from "./sweep.js";
export { tableTask } from "./tableTask.js";
export type { Measures, Task, TaskContext } from "./task.js";
export { threads } from "./threads.js";
export type { Job, Json, Outcome, Trial, TrialSettings } from "./trial.js";
