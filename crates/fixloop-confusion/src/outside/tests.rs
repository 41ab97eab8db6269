use crate::testing::{self, summaries};

#[test]
fn a_source_that_only_the_lockfile_knows() {
    let lock = "version = 4\n\n[[package]]\nname = \"corp-core\"\nversion = \"1.0.0\"\nsource = \"registry+https://cargo.corp.example/index\"\nchecksum = \"0\"\n";
    testing::check(
        "lockfile",
        &[("Cargo.lock", lock)],
        "unknown Cargo.lock:4 name = \"corp-core\"",
    );
    let config = "[registries.corp]\nindex = \"https://cargo.corp.example/index\"\n";
    testing::check("lockfile", &[("Cargo.lock", lock), (".cargo/config.toml", config)], "");
    let lock = "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://npm.corp.example/a/-/a-1.0.0.tgz\"}}}";
    insta::assert_snapshot!(summaries(&[("web/package-lock.json", lock)]), @"unknown: lockfile: `a` comes from `npm.corp.example`, and no file of the tree says when that is asked");
    assert_eq!(
        summaries(&[("package-lock.json", &lock.replace("npm.corp.example", "x.npmjs.org"))]),
        ""
    );
}
