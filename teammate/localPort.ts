import { InvalidArgumentError, Option } from "commander";
import { trackingUri } from "../handover/tunnel";
import { rules } from "../settings/rules";
import type { StackOutputs } from "../commands/outputs";

const parse = (text: string): number => {
    const { success, data } = rules.localPort.schema.safeParse(Number(text));
    if (!success) {
        throw new InvalidArgumentError(`allowed: ${rules.localPort.allowed}; remedy: --port 5001`);
    }
    return data;
};

/** For a teammate whose tunnel ends elsewhere than the settings say, because something else has that port. */
export const portOption = new Option("--port <port>", "local port of the tunnel, instead of the stack's own").argParser(
    parse,
);

export const localPortOf = ({ trackingUri }: Pick<StackOutputs, "trackingUri">): number =>
    Number(new URL(trackingUri).port);

/** The outputs as they are with that port. */
export const withLocalPort = (outputs: StackOutputs, port: number | undefined): StackOutputs =>
    port === undefined ? outputs : { ...outputs, trackingUri: trackingUri(port) };
