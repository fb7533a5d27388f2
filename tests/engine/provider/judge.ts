import { attributes, nameInputs } from "./attributes";
import { differences, type Properties } from "./values";

/** What a change of inputs does to a resource. */
export interface Judgement {
    /** Paths that differ, and whether the difference replaces the resource. */
    readonly differences: Readonly<Record<string, { readonly replaces: boolean; readonly added: boolean }>>;
    readonly replaces: readonly string[];
    readonly deleteBeforeReplace: boolean;
}

/** Whether a path such as `rules[0].id` is, or is inside, one such as `rules[].id`. */
const isWithin = (changed: string, declared: string): boolean => {
    const place = changed.replace(/\[\d+\]/g, "[]");
    return place === declared || place.startsWith(`${declared}.`) || place.startsWith(`${declared}[`);
};

/** What the real provider decides in code, so that its schema does not show it. */
const decidedInCode = (type: string, news: Properties): string[] =>
    news.userDataReplaceOnChange === true
        ? ["userData", "userDataBase64"]
        : type.startsWith("aws:vpc/securityGroup")
          ? ["securityGroupId"]
          : [];

/**
 * Judges as the real provider does: by its schema, and by what it decides in code.
 *
 * @throws for a type whose attributes are not known, so that none passes for one that is never replaced
 */
export function judge(type: string, name: string, old: Properties, news: Properties): Judgement {
    const { replaces: declared } = attributes[type] ?? fail(type);
    const replacing = [...declared, ...decidedInCode(type, news)];
    const paths = differences(old, news);
    const found = paths.map((place) => ({
        place,
        replaces: replacing.some((one) => isWithin(place, one)),
        added: valueAt(old, place) === undefined,
    }));
    const replaces = found.filter((one) => one.replaces).map(({ place }) => place);
    return {
        differences: Object.fromEntries(found.map(({ place, ...rest }) => [place, rest])),
        replaces,
        deleteBeforeReplace: replaces.length > 0 && keepsItsName(type, name, old, news),
    };
}

/** No two can have one name: where the program has given it, the old one goes first. */
function keepsItsName(type: string, name: string, old: Properties, news: Properties): boolean {
    const input = nameInputs[type];
    return input !== undefined && old[input] === news[input] && !isMadeUp(name, news[input]);
}

/** The name that the provider makes up: the resource's own and seven hex digits. */
export const isMadeUp = (name: string, given: unknown): boolean =>
    typeof given === "string" && given.startsWith(`${name}-`) && /^[0-9a-f]{7}$/.test(given.slice(name.length + 1));

const valueAt = (properties: Properties, place: string): unknown =>
    place
        .split(/[.[\]]+/)
        .filter(Boolean)
        .reduce<unknown>((value, key) => (value as Properties | undefined)?.[key], properties);

function fail(type: string): never {
    throw new Error(`tests/engine/provider/schema.json does not know ${type}`);
}
