import { withAlarmsTable } from "./alarmsTable";
import { withChangesTable } from "./changesTable";
import { withCosts, withDevCost } from "./costPage";
import { withDeploymentRights } from "./deploymentRightsTable";
import { withStackExitCodes } from "./exitCodesTable";
import { withPoliciesTables } from "./policiesTable";
import { withSettingsTable } from "./settingsTable";
import { withTeammatesTables } from "./teammatesTables";

/** Pages with tables that come from the code: each with them as they should be. */
export const generated: Readonly<Record<string, (page: string) => string | Promise<string>>> = {
    "README.md": (page) => withDevCost(withSettingsTable(page)),
    "docs/automation.md": withStackExitCodes,
    "docs/cost.md": withCosts,
    "docs/deployment-rights.md": withDeploymentRights,
    "docs/monitoring.md": withAlarmsTable,
    "docs/operating.md": withChangesTable,
    "docs/policies.md": withPoliciesTables,
    "docs/teammates.md": withTeammatesTables,
};
