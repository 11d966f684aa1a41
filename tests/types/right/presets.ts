/** A program that compiles without the declarations of any runtime. */
import { b2, ceph, digitalOcean, gcs, minio, type Preset, r2, tigris, wasabi } from "@storages/s3/presets";

export function choosesAService(name: string, region: string, endpointUrl: string): Preset {
  switch (name) {
    case "b2":
      return b2({ region });
    case "ceph":
      return ceph({ endpointUrl, regionName: region });
    case "digitalOcean":
      return digitalOcean({ region });
    case "gcs":
      return gcs();
    case "r2":
      return r2({ accountId: "0123456789abcdef0123456789abcdef" });
    case "tigris":
      return tigris();
    case "wasabi":
      return wasabi({ region });
    default:
      return minio({ endpointUrl });
  }
}
