/**
 * The two families of Hinton 1986, from their marriages and children: everything else about them is derived.
 *
 * Hinton, Learning distributed representations of concepts, Proceedings of the Cognitive Science Society, 1986, fig. 1;
 * Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323, 1986, fig. 2.
 */

/** A couple and its children. */
interface Marriage {
  husband: string;
  wife: string;
  son?: string;
  daughter?: string;
}

const ENGLISH: readonly Marriage[] = [
  { husband: "Christopher", wife: "Penelope", son: "Arthur", daughter: "Victoria" },
  { husband: "Andrew", wife: "Christine", son: "James", daughter: "Jennifer" },
  { husband: "Arthur", wife: "Margaret" },
  { husband: "James", wife: "Victoria", son: "Colin", daughter: "Charlotte" },
  { husband: "Charles", wife: "Jennifer" },
];

/** Who stands in the Italian tree where an English person stands: the trees are isomorphic. */
const ITALIAN: Readonly<Record<string, string>> = {
  Christopher: "Roberto",
  Penelope: "Maria",
  Andrew: "Pierro",
  Christine: "Francesca",
  Margaret: "Gina",
  Arthur: "Emilio",
  Victoria: "Lucia",
  James: "Marco",
  Jennifer: "Angela",
  Charles: "Tomaso",
  Colin: "Alfonso",
  Charlotte: "Sophia",
};

export const NATIONALITIES = ["English", "Italian"] as const;
export const GENERATIONS = ["grandparents", "parents", "children"] as const;
/** Whose descendants: those of the first couple, those of the second, or of both, which the grandchildren are. */
export const BRANCHES = ["left", "right", "both"] as const;

/** A person of one of the trees. */
export interface Person {
  name: string;
  male: boolean;
  nationality: (typeof NATIONALITIES)[number];
  generation: (typeof GENERATIONS)[number];
  /** Of those who married into the family, that of their husband or wife. */
  branch: (typeof BRANCHES)[number];
  father?: Person;
  mother?: Person;
  spouse?: Person;
}

/** The people of one tree, each once: by generation, then by branch. */
function familyOf(marriages: readonly Marriage[], nationality: Person["nationality"]): Person[] {
  const people = new Map<string, Person>();
  const person = (name: string, male: boolean): Person => {
    const known = people.get(name);
    if (known) return known;
    const made: Person = { name, male, nationality, generation: "grandparents", branch: "left" };
    people.set(name, made);
    return made;
  };
  for (const { husband, wife, son, daughter } of marriages) {
    const father = person(husband, true);
    const mother = person(wife, false);
    father.spouse = mother;
    mother.spouse = father;
    const children = [son && person(son, true), daughter && person(daughter, false)];
    for (const child of children) if (child) Object.assign(child, { father, mother });
  }
  const founders = marriages.filter(({ husband, wife }) => !people.get(husband)!.father && !people.get(wife)!.father);
  const all = [...people.values()];
  for (const one of all) {
    one.generation = GENERATIONS[Math.max(depth(one), one.spouse ? depth(one.spouse) : 0)];
    const blood = one.father || !one.spouse?.father ? one : one.spouse;
    const ancestors = founders.map(({ husband }) => descends(blood, husband));
    one.branch = ancestors[0] && ancestors[1] ? "both" : ancestors[0] ? "left" : "right";
  }
  return all.sort((a, b) => place(a) - place(b));
}

const place = ({ generation, branch }: Person): number =>
  GENERATIONS.indexOf(generation) * BRANCHES.length + BRANCHES.indexOf(branch);

const depth = ({ father }: Person): number => (father ? 1 + Math.max(depth(father), depth(father.spouse!)) : 0);

/** Whether a person is this man, his wife, or a descendant of theirs. */
function descends(one: Person, man: string): boolean {
  if (!one.father) return one.name === man || one.spouse?.name === man;
  return descends(one.father, man) || descends(one.mother!, man);
}

const italian = (name: string): string => ITALIAN[name]!;
const named = ({ husband, wife, son, daughter }: Marriage): Marriage => ({
  husband: italian(husband),
  wife: italian(wife),
  ...(son && { son: italian(son) }),
  ...(daughter && { daughter: italian(daughter) }),
});

/** The 24 people: 12 English, then the 12 Italians in the same places of their tree. */
export const PEOPLE: readonly Person[] = [...familyOf(ENGLISH, "English"), ...familyOf(ENGLISH.map(named), "Italian")];
