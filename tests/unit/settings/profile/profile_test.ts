import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { readProfile } from "../../../../src/settings/profile/profile.ts";
import type { Profile } from "../../../../src/settings/profile/profile_files.ts";

const HOME = "/users/ada";
const CONFIG = `${HOME}/.aws/config`;
const CREDENTIALS = `${HOME}/.aws/credentials`;

/** Reads a profile from files given as strings. */
function read(
  files: Record<string, string>,
  name?: string,
  environment: Record<string, string> = { HOME },
): Profile | undefined {
  return readProfile({
    name,
    environment: (variable) => environment[variable],
    readTextFile: (path) => files[path],
  });
}

const refuse = (...given: Parameters<typeof read>): string =>
  assertThrows(() => read(...given), ConfigurationError).message;

Deno.test("a profile is merged from [profile name] in the config file and [name] in the credentials file, which takes precedence", () => {
  const profile = read({
    [CONFIG]: "[profile dev]\nregion = eu-west-1\noutput = json\n[dev]\nregion = wrong\n[profile]\nregion = wrong",
    [CREDENTIALS]: "[dev]\naws_access_key_id = id\noutput = text\n[profile dev]\nregion = wrong",
  }, "dev")!;
  assertEquals(profile.name, "dev");
  assertEquals(profile.get("region"), "eu-west-1");
  assertEquals(profile.get("output"), "text");
  assertEquals(profile.get("aws_access_key_id"), "id");
  assertEquals(profile.keysIn, "credentials");
});

Deno.test("a profile's name may be in quotes and have spaces", () => {
  const files = { [CONFIG]: `[profile "my dev"]\nregion = a\n[profile 'x']\nregion = b\n[profile it's]\nregion = c` };
  assertEquals(read(files, "my dev")!.get("region"), "a");
  assertEquals([...read(files, "x")!.files.profiles.keys()], ["my dev", "x"]);
});

Deno.test("[profile default] takes precedence over [default]", () => {
  assertEquals(read({ [CONFIG]: "[default]\nregion = a" })!.get("region"), "a");
  for (
    const config of [
      "[profile default]\nregion = b\n[default]\nregion = a",
      "[default]\nregion = a\n[profile default]\nregion = b",
    ]
  ) {
    assertEquals(read({ [CONFIG]: config })!.get("region"), "b");
  }
});

for (
  const [environment, name] of [
    [{ HOME }, "default"],
    [{ HOME, AWS_PROFILE: "a" }, "a"],
    [{ HOME, AWS_DEFAULT_PROFILE: "b" }, "b"],
    [{ HOME, AWS_PROFILE: "a", AWS_DEFAULT_PROFILE: "b" }, "b"],
  ] as const
) {
  Deno.test(`without an argument the profile is ${name} in the environment ${JSON.stringify(environment)}`, () => {
    const files = { [CREDENTIALS]: "[a]\n[b]\n[c]\n[default]" };
    assertEquals(read(files, undefined, environment)!.name, name);
    assertEquals(read(files, "c", environment)!.name, "c");
  });
}

for (
  const [what, environment, config, credentials] of [
    ["the home folder", { HOME }, CONFIG, CREDENTIALS],
    ["the variables", { HOME, AWS_CONFIG_FILE: "/etc/c", AWS_SHARED_CREDENTIALS_FILE: "k" }, "/etc/c", "k"],
    [
      "the variables, from the home folder",
      { HOME: "/h$&", AWS_CONFIG_FILE: "~/c", AWS_SHARED_CREDENTIALS_FILE: "~\\k" },
      "/h$&/c",
      "/h$&\\k",
    ],
    [
      "the variables, filled in from others",
      { HOME, AWS_CONFIG_FILE: "$HOME/c", AWS_SHARED_CREDENTIALS_FILE: "/x/${WHO}_$NONE/k", WHO: "bob" },
      "/users/ada/c",
      "/x/bob_$NONE/k",
    ],
  ] as const
) {
  Deno.test(`the paths of the files follow ${what}`, () => {
    const paths: string[] = [];
    const profile = readProfile({
      environment: (name) => (environment as Record<string, string>)[name],
      readTextFile: (path) => {
        paths.push(path);
        return "[default]";
      },
    });
    assertEquals(paths, [config, credentials]);
    assertEquals(profile!.files.paths, paths);
  });
}

for (const HOME of ["", "home", ".", "~", "~ada", "./home", "C:\\Users\\ada"]) {
  const environment = (name: string): string | undefined => name === "HOME" ? HOME || undefined : undefined;

  Deno.test(`without a home folder no file is read: HOME is ${JSON.stringify(HOME)}`, () => {
    const paths: string[] = [];
    const readTextFile = (path: string): string => {
      paths.push(path);
      return "[default]";
    };
    assertEquals(readProfile({ environment, readTextFile }), undefined);
    assertEquals(paths, []);
    const error = assertThrows(() => readProfile({ environment, readTextFile, name: "dev" }), ConfigurationError);
    assertStringIncludes(error.message, "HOME is unset");
  });

  Deno.test(`a path with ~ is refused without a home folder: HOME is ${JSON.stringify(HOME)}`, () => {
    for (const [variable, path] of [["AWS_CONFIG_FILE", "~/c"], ["AWS_SHARED_CREDENTIALS_FILE", "~"]] as const) {
      const files = (name: string): string | undefined => name === variable ? path : environment(name);
      assertThrows(
        () => readProfile({ environment: files, readTextFile: () => "[default]" }),
        ConfigurationError,
        `${variable} must be a path, or begin with ~/ while HOME is set, got "${path}"`,
      );
    }
  });
}

for (const path of ["~bob/config", "~~/c", "$NONE/config", "${NONE}/c", "$"]) {
  Deno.test(`a path whose start cannot be expanded is refused, and never read: ${path}`, () => {
    const read = (variable: string): void => {
      readProfile({
        environment: (name) => ({ HOME, [variable]: path } as Record<string, string>)[name],
        readTextFile: (read) => {
          assertEquals(read.startsWith(HOME), true, read);
          return "";
        },
      });
    };
    for (const variable of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) {
      assertThrows(() => read(variable), ConfigurationError, `${variable} must be a path`);
    }
  });
}

Deno.test("a section's name may be in quotes, and malformed ones are ignored", () => {
  const config = ['profile "a b"', "profile 'c'", "profile d", "profile e f", 'profile "g', "profile h'i", "profile"]
    .map((header) => `[${header}]\nregion = x\n`).join("");
  const { files } = readProfile({ name: "d", environment: () => HOME, readTextFile: () => config })!;
  assertEquals([...files.profiles.keys()].filter((name) => !name.startsWith("profile")), ["a b", "c", "d"]);
});

Deno.test("readProfile() returns undefined without files and without a named profile", () => {
  assertEquals(read({}), undefined);
  assertEquals(read({ [CONFIG]: "[profile dev]" }), undefined);
  assertEquals(readProfile({ environment: () => undefined, readTextFile: () => undefined }), undefined);
});

Deno.test("a missing named profile is refused with its name, the files and the existing profiles", () => {
  const files = { [CONFIG]: "[profile staging]\n[default]", [CREDENTIALS]: "[production]" };
  for (
    const message of [
      refuse(files, "stagign"),
      refuse(files, undefined, { HOME, AWS_PROFILE: "stagign" }),
      refuse(files, undefined, { HOME, AWS_DEFAULT_PROFILE: "stagign" }),
    ]
  ) {
    assertStringIncludes(message, "Unknown profile 'stagign'. Did you mean staging?");
    assertStringIncludes(message, "staging, default, production");
    assertStringIncludes(message, `${CONFIG} and ${CREDENTIALS}`);
  }
  assertStringIncludes(refuse({}, "default"), "None are known");
  assertStringIncludes(refuse({}, "__proto__"), "Unknown profile '__proto__'");
});

Deno.test("a malformed file is refused with its path and the line's number, but not its text", () => {
  const message = refuse({ [CREDENTIALS]: "[default]\naws_secret_access_key hunter2" });
  assertEquals(message, `Cannot read ${CREDENTIALS}: line 2 is neither a [section] nor key = value`);
});

Deno.test("all parts of a key come from one file", () => {
  const config = "[profile a]\naws_access_key_id = c-id\naws_secret_access_key = c-secret\naws_session_token = c-token";
  const keys = (credentials: string): unknown[] => {
    const profile = read({ [CONFIG]: config, [CREDENTIALS]: credentials }, "a")!;
    return [
      profile.keysIn,
      ...["aws_access_key_id", "aws_secret_access_key", "aws_session_token"].map((key) => profile.get(key)),
    ];
  };
  assertEquals(keys("[a]\nregion = x"), ["config", "c-id", "c-secret", "c-token"]);
  assertEquals(keys("[a]\naws_access_key_id =\n"), ["config", undefined, "c-secret", "c-token"]);
  assertEquals(keys("[a]\naws_access_key_id = id\naws_secret_access_key = secret"), [
    "credentials",
    "id",
    "secret",
    undefined,
  ]);
  assertEquals(keys("[a]\naws_session_token = token"), ["credentials", undefined, undefined, "token"]);
  assertEquals(read({ [CONFIG]: "[default]\nregion = x" })!.keysIn, undefined);
});

Deno.test("nested sections, sessions and services are read, and empty values are missing", () => {
  const profile = read({
    [CONFIG]: "[default]\nregion =\ns3 =\n  addressing_style = path\n[sso-session corp]\nsso_region = eu-west-1\n" +
      "[services local]\ns3 =\n  endpoint_url = http://localhost:9000\n[other thing]\nx = 1",
  })!;
  assertEquals(profile.get("region"), undefined);
  assertEquals(profile.get("s3"), undefined);
  assertEquals(profile.nested("s3").get("addressing_style"), "path");
  assertEquals(profile.nested("sts").get("endpoint_url"), undefined);
  assertEquals(profile.files.ssoSessions.get("corp")!.get("sso_region"), "eu-west-1");
  assertEquals(profile.files.services.get("local")!.nested("s3").get("endpoint_url"), "http://localhost:9000");
  assertEquals([...profile.files.profiles.keys()], ["default"]);
});

Deno.test("a profile shows no secret, and is frozen", () => {
  const profile = read({ [CREDENTIALS]: "[default]\naws_secret_access_key = hunter2\ns3 =\n  x = hunter2" })!;
  for (
    const shown of [Deno.inspect(profile, { depth: 9, showHidden: true }), JSON.stringify(profile), `${profile.files}`]
  ) {
    assertEquals(shown.includes("hunter2"), false);
  }
  assertEquals(Deno.inspect(profile.files, { depth: 9, showHidden: true }).includes("hunter2"), false);
  assert(Object.isFrozen(profile));
});
