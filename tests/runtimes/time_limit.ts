/** No run of the suite on one runtime takes longer than this, unless something hangs. */
export const RUN_LIMIT_MILLISECONDS = 240_000;
