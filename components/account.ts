/** The AWS account and region that a stack lives in. */
export interface Account {
    /** `aws`, or another for China and government regions. */
    readonly partition: string;
    readonly region: string;
    /** 12 digits. */
    readonly accountId: string;
}
