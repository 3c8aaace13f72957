/** The public names of `thalweg/node`: what needs a file system. */
export { writeFileAtomic } from "./atomicWrite.js";
export { type CheckpointFile, checkpointFile } from "./checkpointFile.js";
