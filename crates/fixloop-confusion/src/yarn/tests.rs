use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("yarn", files, expected);
}

#[test]
fn version_1() {
    check(&[(".yarnrc", "yarn-path \"x\"\n")], "");
    check(
        &[(".yarnrc", "# yarn lockfile v1\nregistry \"https://npm.corp.example\"\n")],
        "safe .yarnrc:2 registry \"https://npm.corp.example\"",
    );
    check(
        &[(".yarnrc", "\"@corp:registry\" \"https://npm.corp.example\"\n")],
        "safe .yarnrc:1 \"@corp:registry\" \"https://npm.corp.example\"",
    );
    let lock = "# yarn lockfile v1\n\n\ncorp-utils@^1.0.0:\n  version \"1.0.0\"\n  resolved \"https://npm.corp.example/corp-utils/-/corp-utils-1.0.0.tgz#0\"\n";
    check(
        &[(".npmrc", "@corp:registry=https://npm.corp.example\n"), ("yarn.lock", lock)],
        "mixed medium yarn.lock:4 corp-utils@^1.0.0:",
    );
    check(&[(".yarnrc", "registry \"${FEED}\"\n")], "unknown .yarnrc:1 registry \"${FEED}\"");
}

#[test]
fn later_versions() {
    check(&[(".yarnrc.yml", "nodeLinker: node-modules\n")], "");
    check(
        &[(".yarnrc.yml", "npmRegistryServer: \"https://npm.corp.example\"\n")],
        "safe .yarnrc.yml:1 npmRegistryServer: \"https://npm.corp.example\"",
    );
    let scopes = "npmScopes:\n  corp:\n    npmRegistryServer: https://npm.corp.example\n    npmAuthToken: abc\n";
    check(
        &[(".yarnrc.yml", scopes)],
        "safe .yarnrc.yml:3 npmRegistryServer: https://npm.corp.example",
    );
    check(
        &[
            (".yarnrc.yml", "npmRegistryServer: \"https://npm.corp.example\"\n"),
            ("a/.yarnrc.yml", scopes),
        ],
        "safe .yarnrc.yml:1 npmRegistryServer: \"https://npm.corp.example\"",
    );
    check(
        &[
            (".yarnrc.yml", scopes),
            ("package.json", "{\"dependencies\": {\n\"@other/a\": \"^1\"}}"),
        ],
        "unknown package.json:2 \"@other/a\": \"^1\"}}",
    );
    check(
        &[(".yarnrc.yml", "npmRegistryServer: \"${FEED:-https://a.example}\"\n")],
        "unknown .yarnrc.yml:1 npmRegistryServer: \"${FEED:-https://a.example}\"",
    );
    check(
        &[(".yarnrc.yml", "npmRegistryServer: \"https://a.example\nnodeLinker: pnp\n")],
        "unknown .yarnrc.yml:1 npmRegistryServer: \"https://a.example",
    );
}
