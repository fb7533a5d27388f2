import { holderOf } from "../portHolder";
import { portOf } from "./ask";
import { once } from "./context";

/** Who listens on the tunnel's port. */
export const portHolder = once((context) => holderOf(portOf(context)));
