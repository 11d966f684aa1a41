/** Sets what a storage on a machine has, and `@storages/s3/edge` omits: files, connections, profiles, sessions. */
import "../../credentials/use_sessions.ts";
import "../../runtime/files/use_files.ts";
import "../../runtime/transport/use_transports.ts";
import "../../settings/profile/use_profiles.ts";
