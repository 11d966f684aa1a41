/** What the Worker and its tests share. */

export const CREDENTIALS = { accessKeyId: "testkey", secretAccessKey: "testsecret" } as const;

/** The lifetime of credentials that expire. */
export const HOUR_SECONDS = 3600;
