/** Type token of a component: part of every URN below it, so it never changes. */
export const token = (component: string) => `mlflow-aws:index:${component}`;
