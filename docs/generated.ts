import { withDeploymentRights } from "./deploymentRightsTable";
import { withSettingsTable } from "./settingsTable";
import { withTeammatesTables } from "./teammatesTables";

/** Pages with tables that come from the code: each with them as they should be. */
export const generated: Readonly<Record<string, (page: string) => string>> = {
    "README.md": withSettingsTable,
    "docs/deployment-rights.md": withDeploymentRights,
    "docs/teammates.md": withTeammatesTables,
};
