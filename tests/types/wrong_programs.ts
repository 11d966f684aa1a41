/** All wrong programs. */
import { WRONG_LINKS } from "./wrong/links.ts";
import { WRONG_OTHER_CALLS } from "./wrong/other_calls.ts";
import { WRONG_READING_AND_WRITING } from "./wrong/reading_and_writing.ts";
import { WRONG_SETTINGS } from "./wrong/settings.ts";
import { WRONG_WEB } from "./wrong/web.ts";
import type { WrongProgram } from "./wrong/wrong_program.ts";

/** The programs, by what they use. */
export const WRONG_PROGRAMS: Readonly<Record<string, readonly WrongProgram[]>> = {
  "reading and writing": WRONG_READING_AND_WRITING,
  "other calls": WRONG_OTHER_CALLS,
  links: WRONG_LINKS,
  settings: WRONG_SETTINGS,
  "records, uploads and responses": WRONG_WEB,
};
