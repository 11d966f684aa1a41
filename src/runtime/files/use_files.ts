/** Sets the part of `machine` that needs a disk. */
import { machine } from "../detect.ts";
import { checkTempFiles, hasTempFiles } from "./temp_folder.ts";

Object.assign(
  machine,
  {
    hasTempFiles,
    checkTempFiles,
    load: () => import("../machine_code.ts"),
  } satisfies Partial<typeof machine>,
);
