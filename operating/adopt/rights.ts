/** What the operator must be allowed to do. */
export const rights = {
    bucket: ["s3:ListBucket"],
    objects: ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"],
};
