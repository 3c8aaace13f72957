/** The public names of `thalweg/node`, which need a file system. */
export { writeFileAtomic } from "./atomicWrite.js";
export { type CheckpointFile, checkpointFile } from "./checkpointFile.js";
