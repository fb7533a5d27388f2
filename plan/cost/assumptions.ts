/** Hours of a month: a year's twelfth. */
export const hoursPerMonth = 730;
const hoursPerWeek = 168;

/** Of all hours, those that a week's running hours take: 0 to 1. */
export const shareOf = (weeklyHours: number): number => weeklyHours / hoursPerWeek;

/** What no setting says, and the bill depends on. */
export interface Assumptions {
    /** In the bucket: artifacts, their older versions, backups. */
    readonly storedGb: number;
    /** Requests of a month that write to the bucket or list it. */
    readonly writeRequests: number;
    /** To laptops, through the tunnel or from S3, in a month. */
    readonly internetGb: number;
    /** Log text of a month, where logs are shipped. */
    readonly logGb: number;
}

/** A team of a handful of people. */
export const usual: Assumptions = { storedGb: 50, writeRequests: 100_000, internetGb: 50, logGb: 1 };

/** Free for an account in every month. https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer */
const freeInternetGb = 100;

export const paidInternetGb = ({ internetGb }: Assumptions): number => Math.max(0, internetGb - freeInternetGb);

const digits = (count: number) => count.toLocaleString("en-US");

/** In words, as the plan shows them. */
export const inWords = ({ storedGb, writeRequests, internetGb }: Assumptions): string[] => [
    `a month of ${hoursPerMonth} hours, at list price: no taxes, no discounts, nothing of an account's free first year`,
    `${digits(storedGb)} GB in the bucket (artifacts, older versions, backups), ${digits(writeRequests)} requests that write or list; reads cost a tenth of that or less and are not counted`,
    `${digits(internetGb)} GB to the internet; the first ${freeInternetGb} GB of the account's month are free`,
    "a burstable instance keeps to its credits (cpuCredits: standard), so that it costs no more when it is busy",
    "what exists already is not counted: an existing instance, an external database",
    "database backups stay within the size of the database; snapshots that are kept after a removal are not counted",
];
