import type { DeclaredResource } from "./evaluate";

/** `aws:s3:Bucket`, of `aws:s3/bucket:Bucket`. */
export const shortType = (type: string): string => type.replace(/\/[^:]+:/, ":");

/** A resource in the tree of its parents. */
export interface Node {
    readonly resource: DeclaredResource;
    /** Components in the order of the program, the others by their names. */
    readonly children: readonly Node[];
}

/** The stack with all that is below it. */
export function treeOf(resources: readonly DeclaredResource[]): Node {
    const isComponent = ({ type }: DeclaredResource) => type.startsWith("mlflow-aws:");
    const below = (resource: DeclaredResource): Node => {
        const children = resources.filter(({ parent }) => parent === resource.urn);
        const components = children.filter(isComponent);
        const others = children.filter((child) => !isComponent(child)).sort((a, b) => (a.name < b.name ? -1 : 1));
        return { resource, children: [...components, ...others].map(below) };
    };
    const root = resources.find(({ parent }) => parent === undefined);
    if (!root) {
        throw new Error("no resource without a parent: the stack itself is missing");
    }
    return below(root);
}

/** All resources, each before its children: the same order at every run, whatever the engine did first. */
export const flatten = (node: Node): DeclaredResource[] => [node.resource, ...node.children.flatMap(flatten)];

/** One line per resource, as a preview draws it. */
export function drawTree(node: Node): string[] {
    const rows = rowsOf(node, "", "");
    const width = Math.max(...rows.map(({ label }) => label.length));
    return rows.map(({ label, name, note }) => `${label.padEnd(width)}  ${name}${note}`);
}

function rowsOf(node: Node, lead: string, leadBelow: string): { label: string; name: string; note: string }[] {
    const { type, name, protect } = node.resource;
    // `aws:s3/bucket:Bucket` is shown as `aws:s3:Bucket`, as previews do.
    const label = lead + shortType(type);
    const rows = [{ label, name, note: protect ? "  [protected]" : "" }];
    node.children.forEach((child, index) => {
        const last = index === node.children.length - 1;
        rows.push(...rowsOf(child, leadBelow + (last ? "└─ " : "├─ "), leadBelow + (last ? "   " : "│  ")));
    });
    return rows;
}
