use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("bun", files, expected);
}

#[test]
fn registries() {
    check(&[("bunfig.toml", "[install]\nexact = true\n")], "");
    check(
        &[("bunfig.toml", "[install]\nregistry = \"https://npm.corp.example\"\n")],
        "safe bunfig.toml:2 registry = \"https://npm.corp.example\"",
    );
    check(
        &[(
            "bunfig.toml",
            "[install.scopes]\ncorp = { token = \"abc\", url = \"https://npm.corp.example\" }\n",
        )],
        "safe bunfig.toml:2 corp = { token = \"***",
    );
    let scopes = "[install.scopes]\n\"@corp\" = \"https://npm.corp.example\"\n";
    check(
        &[
            ("bunfig.toml", scopes),
            ("package.json", "{\"dependencies\": {\n\"@other/a\": \"^1\"}}"),
        ],
        "unknown package.json:2 \"@other/a\": \"^1\"}}",
    );
    check(
        &[("bunfig.toml", "[install]\nregistry = \"$FEED\"\n")],
        "unknown bunfig.toml:2 registry = \"$FEED\"",
    );
    check(
        &[("bunfig.toml", "[install]\nregistry = \"https://a\n")],
        "unknown bunfig.toml:2 registry = \"https://a",
    );
}
