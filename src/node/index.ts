/** The public names of `thalweg/node`: what needs a file system. */
export { type CheckpointFile, checkpointFile, writeFileAtomic } from "./file.js";
