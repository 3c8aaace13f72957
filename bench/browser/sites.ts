/** The page of the contest, and the files of the peers that it fetches. */
import { existsSync } from "node:fs";
import { type Site, serve } from "./serve.js";

/** Where the peers are installed, by `npm run bench:peers`. */
export const PEERS = new URL("../peers/node_modules/", import.meta.url);

/** Where the peers are not installed the page runs all the same, and says that they are absent. */
export const contestSite = (): Promise<Site> =>
  serve({
    entry: new URL("../peers/page.ts", import.meta.url),
    folders: {
      tensorflow: new URL("@tensorflow/tfjs-backend-wasm/dist/", PEERS),
      digits: new URL("../../test/data/digits/", import.meta.url),
    },
    external: existsSync(PEERS) ? [] : ["@tensorflow/*", "@jax-js/*"],
  });
