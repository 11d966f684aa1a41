import type { NameAdvice } from "../kit/text/closest.ts";

/** Suggests the option for a name of boto3, the AWS SDKs, Bun, MinIO or s3fs. */
export const SETTING_ADVICE: NameAdvice = {
  synonyms: "accesskeyid:accessKey awsaccesskeyid:accessKey secretaccesskey:secretKey awssecretaccesskey:secretKey " +
    "sessiontoken:securityToken awssessiontoken:securityToken forcepathstyle:addressingStyle " +
    "s3forcepathstyle:addressingStyle pathstyle:addressingStyle virtualhostedstyle:addressingStyle " +
    "host:endpointUrl port:endpointUrl tls:useSsl secure:useSsl sslenabled:useSsl rejectunauthorized:verify " +
    "proxy:proxies prefix:location root:location expires:querystringExpire expiresin:querystringExpire cdn:customDomain publicurl:customDomain " +
    "partsize:transferConfig timeout:clientConfig maxattempts:clientConfig retries:clientConfig " +
    "contenttype:objectParameters cachecontrol:objectParameters metadata:objectParameters " +
    "storageclass:objectParameters serversideencryption:objectParameters requesthandler:fetch " +
    "awsbucket:AWS_STORAGE_BUCKET_NAME awsbucketname:AWS_STORAGE_BUCKET_NAME",
  page: "docs/settings.md",
};
