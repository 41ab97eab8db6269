use crate::testing;

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    testing::check("cargo", files, expected);
}

const CONFIG: &str = "[registries.corp]\nindex = \"sparse+https://cargo.corp.example/index/\"\n";
const CONFIG_LINE: &str =
    "safe .cargo/config.toml:2 index = \"sparse+https://cargo.corp.example/index/\"";

#[test]
fn registries_per_dependency() {
    check(&[("Cargo.toml", "[dependencies]\nserde = \"1\"\n")], "");
    check(&[(".cargo/config.toml", "[build]\njobs = 1\n")], "");
    check(&[(".cargo/config.toml", CONFIG)], CONFIG_LINE);
    check(
        &[
            (".cargo/config.toml", CONFIG),
            (
                "a/Cargo.toml",
                "[dependencies]\ncorp-core = { version = \"1\", registry = \"corp\" }\nserde = \"1\"\n",
            ),
        ],
        CONFIG_LINE,
    );
    check(
        &[("Cargo.toml", "[dependencies]\ncorp-core = { version = \"1\", registry = \"corp\" }\n")],
        "unknown Cargo.toml:2 corp-core = { version = \"1\", registry = \"corp\" }",
    );
    check(
        &[
            (".cargo/config.toml", CONFIG),
            (
                "a/Cargo.toml",
                "[dependencies]\ncorp-core = { version = \"1\", registry = \"corp\" }\n",
            ),
            (
                "b/Cargo.toml",
                "[dev-dependencies]\ncore = { package = \"corp-core\", version = \"1\" }\n",
            ),
        ],
        &format!(
            "{CONFIG_LINE}\nmixed high b/Cargo.toml:2 core = {{ package = \"corp-core\", version = \"1\" }}"
        ),
    );
    check(
        &[
            (
                "Cargo.toml",
                "[workspace.dependencies]\nx = { version = \"1\", registry-index = \"https://a.example/i\" }\n",
            ),
            ("b/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nx = \"1\"\ny.workspace = true\n"),
            ("Cargo.lock", "version = 4\n"),
        ],
        "mixed medium b/Cargo.toml:2 x = \"1\"",
    );
}

#[test]
fn source_replacement() {
    check(
        &[(
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"corp\"\n[source.corp]\nregistry = \"https://a.example/index\"\n",
        )],
        "safe .cargo/config.toml:2 replace-with = \"corp\"",
    );
    check(
        &[
            (".cargo/config", "[source.corp]\ndirectory = \"vendor\"\n"),
            ("a/.cargo/config.toml", "[source.crates-io]\nreplace-with = \"corp\"\n"),
        ],
        "safe a/.cargo/config.toml:2 replace-with = \"corp\"",
    );
    check(
        &[(".cargo/config.toml", "[source.crates-io]\nreplace-with = \"corp\"\n")],
        "unknown .cargo/config.toml:2 replace-with = \"corp\"",
    );
    check(
        &[(".cargo/config.toml", "[source.crates-io]\nreplace-with = \"corp\n")],
        "unknown .cargo/config.toml:2 replace-with = \"corp",
    );
}
