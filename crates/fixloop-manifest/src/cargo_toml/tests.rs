use std::sync::Arc;

use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/cargo_toml", "*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_member_inherits_from_its_workspace() {
    let read = |path: &str| match path {
        "a/Cargo.toml" => Some(Arc::from("[package]\nname = 'middle'\n")),
        "Cargo.toml" => Some(Arc::from(
            "[workspace.dependencies]\nx = '=1.0.0'\ny = { package = 'z', version = '2', optional = true }\np = { path = 'p' }\n",
        )),
        _ => None,
    };
    let text = "[package]\nname = 'b'\n[dependencies]\nx.workspace = true\n[dev-dependencies]\ny = { workspace = true }\np = { workspace = true }\nq = { workspace = true }\n";
    let parsed = parse_among(text, Beside::new("a/b/Cargo.toml", &read));
    insta::assert_snapshot!(render(text, &parsed), @"
    4:1 x 1.0.0 direct runtime public in Cargo.toml@31
    6:1 z [2] direct dev public as y in Cargo.toml@70
    7:1 p - direct dev path p in Cargo.toml@92
    8:1 problem: `q` is not in the `workspace.dependencies` it is inherited from
    ");
    let named = "[package]\nworkspace = '../..'\n[dependencies]\nx.workspace = true\n";
    let parsed = parse_among(named, Beside::new("c/d/Cargo.toml", &read));
    insta::assert_snapshot!(render(named, &parsed), @"4:1 x 1.0.0 direct runtime public in Cargo.toml@31");
    let outside = "[package]\nworkspace = '../../../..'\n[dependencies]\nx.workspace = true\n";
    let parsed = parse_among(outside, Beside::new("c/d/Cargo.toml", &read));
    insta::assert_snapshot!(render(outside, &parsed), @"4:1 x - direct runtime -");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "[package]\nname = \"x\n[dependencies]\na = \"1\"\nb = \nc = { version = \"=2.0.0\"\nd = \"3\n[dev-dependencies]\ne = \"4\"\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    4:1 a [1] direct runtime public
    5:1 b [] direct runtime public
    7:1 d [3] direct runtime public
    9:1 e [4] direct dev public
    7:1 problem: missing comma between key-value pairs, expected `,`
    2:10 problem: invalid basic string, expected `"`
    5:5 problem: string values must be quoted, expected literal string
    7:7 problem: invalid basic string, expected `"`
    "#);
}

#[test]
fn what_is_no_manifest_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no Cargo manifest");
    check("[dependencies]\na = '1'\n", "no Cargo manifest");
    check("<html>", "");
}

/// Read by hand: a package that is the root of its workspace, with a table per dependency of a target.
#[test]
fn corpus_root_package() {
    let Some(text) = corpus::text("Cargo.toml/BurntSushi__ripgrep__Cargo.toml") else { return };
    let names =
        ["anyhow", "grep", "grep-index", "textwrap", "tikv-jemallocator", "walkdir", "serde"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    58:1 anyhow [1.0.75] direct runtime public
    60:1 grep [0.4.1] direct runtime path crates/grep
    61:1 grep-index [0.0.1] direct optional path crates/index
    67:1 textwrap [0.16.0] direct runtime public
    73:1 serde [1.0.77] direct dev public
    75:1 walkdir [2] direct dev public
    69:83 tikv-jemallocator [0.7.0] direct runtime public
    ");
}

/// Read by hand: a member that inherits everything from the root beside it.
#[test]
fn corpus_member() {
    let Some(text) = corpus::text("Cargo.toml/jj-vcs__jj__cli__Cargo.toml") else { return };
    let root = corpus::text("Cargo.toml/jj-vcs__jj__Cargo.toml").map(Arc::<str>::from);
    let read = |path: &str| root.clone().filter(|_| path == "Cargo.toml");
    let parsed = parse_among(&text, Beside::new("cli/Cargo.toml", &read));
    let names = ["bstr", "criterion", "jj-lib", "libc", "nix", "insta", "jj-cli"];
    insta::assert_snapshot!(render_named(&text, &parsed, &names), @"
    67:1 bstr [1.12.1] direct runtime public in Cargo.toml@789
    74:1 criterion [0.8.2] direct optional public in Cargo.toml@1317
    86:1 jj-lib [0.44.0] direct runtime path lib in Cargo.toml@4115
    129:1 insta [1.47.2] direct dev public in Cargo.toml@2029
    136:1 jj-cli - direct dev path .
    120:1 libc [0.2.186] direct runtime public in Cargo.toml@2225
    121:1 nix [0.31.3] direct runtime public in Cargo.toml@2401
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("Cargo.toml", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| written == value);
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((\\[(dev-|build-)?dependencies(\\.a)?\\]|\\[package\\]|[ab]{1,2}(\\.version|\\.workspace)?)?( ?= ?(\"=?1\\.[0-9]é?\"|\\{ (version = '1', )?(git|path|package) = 'x' \\}|true|3|\\{)?)?\n){0,12}") {
        assert_spans(&text, &parse(&text), |written, value| written == value);
    }
}
