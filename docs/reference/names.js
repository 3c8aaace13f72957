// A plugin of TypeDoc: modules have the names that they are imported by, and not those of their files; accessors stand in
// their class alone; types keep their arguments; formulas are not coloured as code.
import { ReflectionKind } from "typedoc";
import { entries } from "./typedoc.config.js";

export function load(app) {
  app.converter.on("createDeclaration", giveArguments);
  app.converter.on("resolveBegin", ({ project }) => {
    for (const [name, path] of Object.entries(entries)) {
      const file = path.replace(/^dist\//, "").replace(/\.d\.ts$/, "");
      // TypeDoc leaves "/index" out of the name of a folder's index.
      const module = project.children.find((child) => [file, file.replace(/\/index$/, "")].includes(child.name));
      if (!module) throw new Error(`no module of ${path} among ${project.children.map((child) => child.name)}`);
      module.name = name;
    }
    // The namespace of which thalweg/table makes a type has the name of its file too.
    for (const each of project.getReflectionsByKind(ReflectionKind.Namespace))
      if (each.name.startsWith("../")) each.name = "factories";
    for (const module of project.children) removeDoubles(project, module);
    for (const reflection of Object.values(project.reflections)) showAsText(reflection.comment);
  });
}

/** TypeDoc lists the accessors of a class that is exported as a type alone a second time, beside it, with dead links. */
function removeDoubles(project, module) {
  for (const accessor of module.children.filter((child) => child.kindOf(ReflectionKind.Accessor))) {
    const [owner, name] = project.getSymbolIdFromReflection(accessor).qualifiedName.split(".");
    const home = module.children.find((child) => child.name === owner && child.kindOf(ReflectionKind.ClassOrInterface));
    if (!home?.getChildByName([name])) throw new Error(`${module.name} has an accessor ${name} that ${owner} has not`);
    project.removeReflection(accessor);
  }
}

/** A block of a docstring without a language is a formula, which TypeDoc would colour as TypeScript. */
function showAsText(comment) {
  const parts = [...(comment?.summary ?? []), ...(comment?.blockTags ?? []).flatMap(({ content }) => content)];
  for (const part of parts)
    if (part.kind === "code" && part.text.startsWith("```\n")) part.text = part.text.replace("```", "```text");
}

/** TypeDoc leaves out the arguments of a type that a declaration imports in its place: OptimizerFactory<AdamHyper, AdamState>. */
function giveArguments(context, variable) {
  const node = context.getSymbolFromReflection(variable)?.declarations?.[0].type;
  if (variable.type?.type !== "reference" || variable.type.typeArguments || !node?.typeArguments?.length) return;
  variable.type.typeArguments = node.typeArguments.map((each) => context.converter.convertType(context, each));
}
