// A plugin of TypeDoc: modules have the names that they are imported by, and not those of their files.
import { entries } from "./typedoc.config.js";

export function load(app) {
  app.converter.on("resolveBegin", ({ project }) => {
    for (const [name, path] of Object.entries(entries)) {
      const file = path.replace(/^dist\//, "").replace(/\.d\.ts$/, "");
      // TypeDoc leaves "/index" out of the name of a folder's index.
      const module = project.children.find((child) => [file, file.replace(/\/index$/, "")].includes(child.name));
      if (!module) throw new Error(`no module of ${path} among ${project.children.map((child) => child.name)}`);
      module.name = name;
    }
  });
}
