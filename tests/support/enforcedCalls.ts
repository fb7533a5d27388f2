// What a caller may try, call by call, for boto3: [service, operation, parameters]. The emulator must be able to judge it; what
// it judges wrongly is named at the top of tests/access/enforced.test.ts, and left to the tables in tests/access/requests.ts.

/** Where things are in a stack and around it. */
export interface Places {
    readonly bucket: string;
    readonly otherBucket: string;
    /** Key of what the host installs. */
    readonly bundle: string;
    /** The first version of `artifacts/changing`, which has been overwritten. */
    readonly oldVersion: string;
    readonly user: string;
    readonly userKey: string;
    readonly otherUser: string;
    readonly otherKey: string;
    readonly group: string;
    readonly role: string;
    readonly roleArn: string;
    readonly instance: string;
    readonly parameter: string;
}

export type Call = readonly [service: string, operation: string, parameters: Readonly<Record<string, unknown>>];

const everything = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*", Principal: "*" }],
});

const read = (Bucket: string, Key: string): Call[] => [
    ["s3", "get_object", { Bucket, Key }],
    ["s3", "head_object", { Bucket, Key }],
];
const list = (Bucket: string, Prefix: string): Call => ["s3", "list_objects_v2", { Bucket, Prefix }];
const add = (Bucket: string, Key: string): Call[] => [
    ["s3", "put_object", { Bucket, Key, Body: "new" }],
    ["s3", "upload_in_parts", { Bucket, Key: `${Key}-large` }],
];
const change = (Bucket: string, Key: string): Call[] => [
    ["s3", "put_object", { Bucket, Key, Body: "changed" }],
    ["s3", "delete_object", { Bucket, Key }],
];

/** All that is tried, by what it takes. */
export const callsOn = (places: Places) => ({
    readArtifacts: [list(places.bucket, "artifacts/"), ...read(places.bucket, "artifacts/planted")],
    writeArtifacts: [
        ...add(places.bucket, "artifacts/new"),
        ["s3", "abandon_upload", { Bucket: places.bucket, Key: "artifacts/abandoned" }],
        ...change(places.bucket, "artifacts/changing"),
    ] as Call[],
    readBundle: read(places.bucket, places.bundle),
    changeBundle: [...change(places.bucket, places.bundle), ...add(places.bucket, "host/new")],
    listBackups: [list(places.bucket, "backups/")],
    readBackups: read(places.bucket, "backups/planted"),
    addBackups: [
        ["s3", "put_object", { Bucket: places.bucket, Key: "backups/new", Body: "new", IfNoneMatch: "*" }],
        ["s3", "upload_in_parts", { Bucket: places.bucket, Key: "backups/new-large" }],
    ] as Call[],
    replaceBackups: [
        ["s3", "put_object", { Bucket: places.bucket, Key: "backups/planted", Body: "changed" }],
    ] as Call[],
    deleteBackups: [["s3", "delete_object", { Bucket: places.bucket, Key: "backups/planted" }]] as Call[],
    listOthers: [
        ...["", "host/", "artifactsX/"].map((prefix) => list(places.bucket, prefix)),
        ["s3", "head_bucket", { Bucket: places.bucket }],
    ] as Call[],
    neighbours: ["artifactsX/planted", "planted"].flatMap((key) => [
        ...read(places.bucket, key),
        ...add(places.bucket, `${key}-new`),
        ...change(places.bucket, key),
    ]),
    otherBucket: [
        list(places.otherBucket, "artifacts/"),
        ["s3", "head_bucket", { Bucket: places.otherBucket }],
        ...read(places.otherBucket, "artifacts/planted"),
        ...add(places.otherBucket, "artifacts/new"),
        ...change(places.otherBucket, "artifacts/planted"),
        ["s3", "delete_bucket", { Bucket: places.otherBucket }],
        ["s3", "create_bucket", { Bucket: "a-bucket-of-their-own" }],
        ["s3", "list_buckets", {}],
    ] as Call[],
    versions: versions(places),
    configuration: configuration(places.bucket),
    identities: identities(places),
    machines: machines(places),
});

export type Group = keyof ReturnType<typeof callsOn>;

/**
 * The code by which the emulator refuses a call. What answers without a body, has the status alone for a code. AWS itself says
 * UnauthorizedOperation for EC2 and AccessDeniedException for the services that speak JSON, which the emulator refuses in HTML.
 */
export const refusalOf = ([service, operation]: Call): string =>
    operation.startsWith("head_") || ["ssm", "secretsmanager", "kms"].includes(service) ? "403" : "AccessDenied";

function versions({ bucket: Bucket, oldVersion: VersionId }: Places): Call[] {
    const version = { Bucket, Key: "artifacts/changing", VersionId };
    return [
        ["s3", "list_object_versions", { Bucket, Prefix: "artifacts/" }],
        ["s3", "get_object", version],
        ["s3", "delete_object", version],
        ["s3", "list_multipart_uploads", { Bucket }],
    ];
}

const configuration = (Bucket: string): Call[] => [
    ["s3", "get_bucket_policy", { Bucket }],
    ["s3", "put_bucket_policy", { Bucket, Policy: everything }],
    ["s3", "delete_bucket_policy", { Bucket }],
    ["s3", "put_bucket_versioning", { Bucket, VersioningConfiguration: { Status: "Suspended" } }],
    ["s3", "delete_bucket_lifecycle", { Bucket }],
    [
        ...(["s3", "put_bucket_lifecycle_configuration"] as const),
        {
            Bucket,
            LifecycleConfiguration: {
                Rules: [{ ID: "all", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } }],
            },
        },
    ],
    ["s3", "put_bucket_acl", { Bucket, ACL: "public-read" }],
    ["s3", "put_object_acl", { Bucket, Key: "artifacts/planted", ACL: "public-read" }],
    ["s3", "put_object_tagging", { Bucket, Key: "artifacts/planted", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } }],
    ["s3", "put_bucket_tagging", { Bucket, Tagging: { TagSet: [] } }],
    ["s3", "delete_public_access_block", { Bucket }],
    ["s3", "delete_bucket_encryption", { Bucket }],
    ["s3", "delete_bucket", { Bucket }],
];

/** More rights, own or through somebody else. */
const identities = (places: Places): Call[] => [
    ["iam", "list_users", {}],
    ["iam", "get_account_authorization_details", {}],
    ["iam", "create_user", { UserName: "new" }],
    ...[places.user, places.otherUser].flatMap((UserName): Call[] => [
        ["iam", "list_access_keys", { UserName }],
        ["iam", "create_access_key", { UserName }],
        ["iam", "create_login_profile", { UserName, Password: "correct horse battery staple" }],
        ["iam", "put_user_policy", { UserName, PolicyName: "all", PolicyDocument: everything }],
        ["iam", "attach_user_policy", { UserName, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }],
        ["iam", "delete_user", { UserName }],
    ]),
    ["iam", "delete_access_key", { UserName: places.otherUser, AccessKeyId: places.otherKey }],
    ["iam", "delete_access_key", { UserName: places.user, AccessKeyId: places.userKey }],
    ["iam", "update_access_key", { UserName: places.otherUser, AccessKeyId: places.otherKey, Status: "Inactive" }],
    ["iam", "add_user_to_group", { GroupName: places.group, UserName: places.otherUser }],
    ["iam", "put_group_policy", { GroupName: places.group, PolicyName: "all", PolicyDocument: everything }],
    ["iam", "put_role_policy", { RoleName: places.role, PolicyName: "all", PolicyDocument: everything }],
    ["iam", "update_assume_role_policy", { RoleName: places.role, PolicyDocument: everything }],
    ["sts", "assume_role", { RoleArn: places.roleArn, RoleSessionName: "teammate" }],
    ["sts", "get_federation_token", { Name: "teammate", Policy: everything }],
];

/** The host, other machines, and secrets. */
const machines = ({ instance, parameter }: Places): Call[] => [
    ["ec2", "describe_instances", {}],
    ["ec2", "describe_instance_attribute", { InstanceId: instance, Attribute: "userData" }],
    ["ec2", "run_instances", { ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 }],
    ["ec2", "stop_instances", { InstanceIds: [instance] }],
    ["ec2", "terminate_instances", { InstanceIds: [instance] }],
    ["ec2", "authorize_security_group_ingress", { GroupId: "sg-0123456789abcdef0", CidrIp: "0.0.0.0/0" }],
    ["ec2", "describe_volumes", {}],
    ["ssm", "get_parameter", { Name: parameter, WithDecryption: true }],
    ["ssm", "get_parameters_by_path", { Path: "/", Recursive: true }],
    ["ssm", "describe_parameters", {}],
    ["ssm", "put_parameter", { Name: parameter, Value: "changed", Overwrite: true }],
    ["ssm", "send_command", { InstanceIds: [instance], DocumentName: "AWS-RunShellScript" }],
    ["secretsmanager", "list_secrets", {}],
    ["kms", "list_keys", {}],
];
