import { plainHmacKey } from "../../../src/signing/sha256.ts";
import { hmacKeyTests } from "../kit/hmac_key_tests.ts";

hmacKeyTests("plainHmacKey", plainHmacKey);
