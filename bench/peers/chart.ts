import type { PeerResults } from "../peerTables.js";
export const chart = (_: PeerResults): string => "";
