/** What might lead the Session Manager plugin to other credentials than the profile's; the AWS CLI goes by `--profile`. */
const misleading = /^AWS_(PROFILE|DEFAULT_PROFILE|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN)$/;

/** For programs that use the teammate's profile. Pulumi, which reads the outputs, may need the other one. */
export const profileEnvironment = (): NodeJS.ProcessEnv =>
    Object.fromEntries(Object.entries(process.env).filter(([name]) => !misleading.test(name)));
