/** The public names of `thalweg/node`: what needs a file system. */
export { writeFileAtomic } from "./atomic.js";
export { type CheckpointFile, checkpointFile } from "./file.js";
