// The reference as a part of the site (src/site/build.ts): with links to its other parts, and under a strict policy.
import options from "./typedoc.config.js";

export default {
  ...options,
  plugin: [...options.plugin, "./site.js"],
  navigationLinks: { Arena: "site:index.html", Docs: "site:docs/index.html" },
  favicon: "../../src/site/arena/mark.svg",
  customCss: "site.css",
};
