import { failed, type Finding, notVisible } from "./check";
import { oneLine } from "../../commands/oneLine";
import type { Context } from "./context";

// What AWS says when it does not do what it is asked.

interface AwsError extends Error {
    readonly code?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $response?: { readonly headers?: Record<string, string> };
}

const known = (error: unknown) => error as AwsError;

/** Absent where nothing answered. */
export const statusOf = (error: unknown): number | undefined => known(error).$metadata?.httpStatusCode;

export const headersOf = (error: unknown): Record<string, string> => known(error).$response?.headers ?? {};

/** The rights do not reach so far; the credentials themselves are taken. */
export const isDenied = (error: unknown): boolean =>
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|Forbidden|403)$/.test(known(error).name) ||
    (statusOf(error) === 403 && /^(Unknown|UnknownError|Error)$/.test(known(error).name));

/** What happened, on a line. An answer to a HEAD request has no text, so its status says the most. */
export function reasonOf(error: unknown): string {
    const { name, message, code } = known(error);
    const status = statusOf(error);
    const words = status ? [`HTTP ${status}`, name] : [code ?? name];
    return oneLine([...words, message].filter(Boolean).join(", "));
}

/** Programs that look into TLS connections sign them with a certificate that Node.js does not know. */
const unknownIssuer = /SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY)/;

/** Nothing answered, or with something that nobody expects. */
export function noAnswer(error: unknown): Finding {
    if (unknownIssuer.test(known(error).code ?? "")) {
        const remedy =
            "your network looks into TLS connections: export NODE_EXTRA_CA_CERTS=<file with its certificates>";
        return failed(reasonOf(error), remedy);
    }
    return failed(
        reasonOf(error),
        statusOf(error) ? "try again; then ask an operator" : "look at network, VPN and firewall: AWS did not answer",
    );
}

/** The profile may not look there: no fault of anything. */
export const hidden = (context: Context, action: string): Finding =>
    notVisible(
        `profile ${context.profile} has no right to ${action}`,
        context.isClientProfile
            ? `an operator sees it: npm run doctor -- ${context.outputs.stack} --profile <operator's profile>`
            : `--profile with a profile that has the right to ${action}`,
    );

/** A finding from what AWS answers to one action, or that the profile may not look. */
export async function look<Answer>(
    context: Context,
    action: string,
    answer: Promise<Answer>,
    judge: (answer: Answer) => Finding,
): Promise<Finding> {
    try {
        return judge(await answer);
    } catch (error) {
        if (isDenied(error)) {
            return hidden(context, action);
        }
        throw error;
    }
}
