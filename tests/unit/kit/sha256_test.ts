import { plainHmacKey } from "../../../src/kit/sha256.ts";
import { hmacKeyTests } from "./hmac_key_tests.ts";

hmacKeyTests("plainHmacKey", plainHmacKey);
