/** The 104 questions about the two families, "Colin has-aunt ?", with their answers, derived from marriages and parents. */
import { PEOPLE, type Person } from "./people.js";

/** Everyone who stands in a relationship to a person. */
const relatives = {
  husband: ({ spouse }) => men([spouse]),
  wife: ({ spouse }) => women([spouse]),
  son: (one) => men(childrenOf(one)),
  daughter: (one) => women(childrenOf(one)),
  father: ({ father }) => men([father]),
  mother: ({ mother }) => women([mother]),
  brother: (one) => men(siblingsOf(one)),
  sister: (one) => women(siblingsOf(one)),
  nephew: (one) => men(siblingsChildren(one)),
  niece: (one) => women(siblingsChildren(one)),
  uncle: (one) => men(parentsSiblings(one)),
  aunt: (one) => women(parentsSiblings(one)),
} satisfies Record<string, (one: Person) => Person[]>;

export type Relationship = keyof typeof relatives;
export const RELATIONSHIPS = Object.keys(relatives) as readonly Relationship[];

/** A person and a relationship that someone stands in to them. */
export interface Question {
  person: Person;
  relationship: Relationship;
  /** One, or two of them. */
  answers: readonly Person[];
}

const known = (people: readonly (Person | undefined)[]): Person[] => people.filter((one) => one !== undefined);
const men = (people: readonly (Person | undefined)[]): Person[] => known(people).filter(({ male }) => male);
const women = (people: readonly (Person | undefined)[]): Person[] => known(people).filter(({ male }) => !male);

const childrenOf = (one: Person): Person[] => PEOPLE.filter(({ father, mother }) => father === one || mother === one);
const siblingsOf = (one: Person): Person[] =>
  one.father ? childrenOf(one.father).filter((child) => child !== one) : [];
const withSpouses = (people: readonly Person[]): Person[] => known(people.flatMap((one) => [one, one.spouse]));
/** Nephews and nieces by blood and by marriage. */
const siblingsChildren = (one: Person): Person[] =>
  known([one, one.spouse]).flatMap((each) => siblingsOf(each).flatMap(childrenOf));
/** Brothers and sisters of the parents, and whom they have married. */
const parentsSiblings = ({ father, mother }: Person): Person[] =>
  known([father, mother]).flatMap((parent) => withSpouses(siblingsOf(parent)));

/** All questions that have an answer, person by person. */
export const QUESTIONS: readonly Question[] = PEOPLE.flatMap((person) =>
  RELATIONSHIPS.flatMap((relationship) => {
    const answers = relatives[relationship](person);
    return answers.length > 0 ? [{ person, relationship, answers }] : [];
  }),
);
