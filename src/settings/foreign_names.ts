import type { NameAdvice } from "../kit/text/closest.ts";

/** Suggests the option for a name of boto3, the AWS SDKs, Bun, MinIO or s3fs. */
export const SETTING_ADVICE: NameAdvice = {
  synonyms: "ttl:querystringExpire expiry:querystringExpire overwrite:fileOverwrite queuesize:transferConfig " +
    "concurrency:transferConfig secretaccesskey:secretKey sessiontoken:securityToken pathstyle:addressingStyle " +
    "hostedstyle:addressingStyle host:endpointUrl port:endpointUrl tls:useSsl secure:useSsl proxy:proxies " +
    "unauthorized:verify prefix:location expires:querystringExpire expiresin:querystringExpire cdn:customDomain " +
    "partsize:transferConfig timeout:clientConfig,timeout attempts:clientConfig,AWS_S3_CLIENT_CONFIG,maxAttempts " +
    "retries:clientConfig,maxAttempts mode:AWS_S3_CLIENT_CONFIG,retryMode connections:clientConfig,maxConnections " +
    "extra:userAgentSuffix chunksize:partSize threads:maxConcurrency handler:fetch " +
    "type:objectParameters control:objectParameters metadata:objectParameters class:objectParameters " +
    "bucket:bucketName,AWS_STORAGE_BUCKET_NAME bucketname:AWS_STORAGE_BUCKET_NAME",
  page: "docs/settings.md",
};
