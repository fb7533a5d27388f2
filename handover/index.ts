export * from "./clientEnvironment";
export * from "./existingInstance";
export * from "./profile";
export * from "./tunnel";
