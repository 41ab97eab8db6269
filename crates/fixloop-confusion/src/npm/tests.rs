use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("npm", files, expected);
}

const SCOPED: &str =
    "@corp:registry=https://npm.corp.example/\n//npm.corp.example/:_authToken=abc\n";
const SCOPED_LINE: &str = ".npmrc:1 @corp:registry=https://npm.corp.example/";

fn lock(name: &str, address: &str) -> String {
    format!(
        "{{\"lockfileVersion\": 3, \"packages\": {{\n\"node_modules/{name}\": {{\"version\": \"1.0.0\", \"resolved\": \"https://{address}/{name}/-/x-1.0.0.tgz\", \"integrity\": \"sha512-x\"}}\n}}}}"
    )
}

#[test]
fn registries() {
    check(&[(".npmrc", "save-exact=true\n")], "");
    check(&[(".npmrc", "registry=https://anything.npmjs.org/\n")], "");
    check(
        &[(".npmrc", "registry=https://npm.corp.example/\n")],
        "safe .npmrc:1 registry=https://npm.corp.example/",
    );
    check(&[(".npmrc", SCOPED)], &format!("safe {SCOPED_LINE}"));
    check(&[(".npmrc", "registry=${NPM_REGISTRY}\n")], "unknown .npmrc:1 registry=${NPM_REGISTRY}");
    check(
        &[(".npmrc", "registry=https://a.example\nregistry=https://b.example\n")],
        "unknown .npmrc:2 registry=https://b.example",
    );
    check(&[(".npmrc", "\0")], "unknown .npmrc npm: `.npmrc` cannot be read: no UTF-8");
    check(
        &[("Dockerfile", "ENV NPM_CONFIG_REGISTRY=https://npm.corp.example\n")],
        "safe Dockerfile:1 ENV NPM_CONFIG_REGISTRY=https://npm.corp.example",
    );
}

#[test]
fn lockfiles_show_private_names_without_a_mapping() {
    let with = |name: &str, address: &str, expected: &str| {
        check(&[(".npmrc", SCOPED), ("package-lock.json", &lock(name, address))], expected);
    };
    with("lodash", "anything.npmjs.org", &format!("safe {SCOPED_LINE}"));
    with("@corp/a", "npm.corp.example", &format!("safe {SCOPED_LINE}"));
    let line = |name: &str, address: &str| {
        lock(name, address).lines().nth(1).unwrap().chars().take(160).collect::<String>()
    };
    with(
        "corp-utils",
        "npm.corp.example",
        &format!("mixed medium package-lock.json:2 {}", line("corp-utils", "npm.corp.example")),
    );
    with(
        "@corp/a",
        "anything.npmjs.org",
        &format!("mixed high package-lock.json:2 {}", line("@corp/a", "anything.npmjs.org")),
    );
    with(
        "@corp/a",
        "other.example",
        &format!("unknown package-lock.json:2 {}", line("@corp/a", "other.example")),
    );
    // The public address means the default registry, whichever that is.
    check(
        &[
            (".npmrc", "registry=https://npm.corp.example/\n"),
            ("package-lock.json", &lock("lodash", "anything.npmjs.org")),
        ],
        "safe .npmrc:1 registry=https://npm.corp.example/",
    );
}

#[test]
fn scopes_without_a_mapping() {
    let manifest = "{\"dependencies\": {\n\"@other/a\": \"^1.0.0\"\n}}";
    check(
        &[(".npmrc", SCOPED), ("package.json", manifest)],
        "unknown package.json:2 \"@other/a\": \"^1.0.0\"",
    );
    check(
        &[
            (".npmrc", SCOPED),
            ("package.json", manifest),
            ("package-lock.json", &lock("@other/a", "x.npmjs.org")),
        ],
        &format!("safe {SCOPED_LINE}"),
    );
    check(
        &[
            (".npmrc", SCOPED),
            (
                "package.json",
                "{\"dependencies\": {\"@corp/a\": \"1\", \"@local/b\": \"file:../b\"}}",
            ),
        ],
        &format!("safe {SCOPED_LINE}"),
    );
}

#[test]
fn folders_above() {
    let files =
        [(".npmrc", "registry=https://npm.corp.example/\n"), ("a/.npmrc", "@corp:registry=${X}\n")];
    check(
        &files,
        "safe .npmrc:1 registry=https://npm.corp.example/\nunknown a/.npmrc:1 @corp:registry=${X}",
    );
    // npm does not look above.
    check(
        &[
            (".npmrc", "registry=https://npm.corp.example/\n"),
            ("a/.npmrc", "save-exact=true\n"),
            ("a/package-lock.json", &lock("lodash", "x.npmjs.org")),
        ],
        "safe .npmrc:1 registry=https://npm.corp.example/",
    );
}

#[test]
fn pnpm_workspaces() {
    check(
        &[(
            "pnpm-workspace.yaml",
            "packages:\n  - a\nregistries:\n  default: https://x.npmjs.org/\n  '@corp': https://npm.corp.example/\n",
        )],
        "safe pnpm-workspace.yaml:5 '@corp': https://npm.corp.example/",
    );
    check(
        &[(
            "pnpm-workspace.yaml",
            "registries:\n  https://npm.corp.example/:\n    scopes: [\"@corp\"]\n",
        )],
        "safe pnpm-workspace.yaml:2 https://npm.corp.example/:",
    );
    check(
        &[("pnpm-workspace.yaml", "registry: ${FEED}\n")],
        "unknown pnpm-workspace.yaml:1 registry: ${FEED}",
    );
}
