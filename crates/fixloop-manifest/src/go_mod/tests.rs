use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/go_mod", "*.mod", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "\u{feff}module m\nrequire a.example/b\nrequire a.example/c v1.0.0\nrequires x v1\n\
                replace a.example/c =>\nunknown (\n\tx v1\n\ty v1\n)\nrequire (\n\ta.example/d v1.0.0 extra\n\ta.example/e v1.0.0\n)\n";
    insta::assert_snapshot!(render(text, &parse(text)), @r"
    3:9 a.example/c v1.0.0 direct - public
    12:2 a.example/e v1.0.0 direct - public
    2:1 problem: expected a module path and a version
    4:1 problem: the directive `requires` is not known
    5:1 problem: expected a replacement behind `=>`
    6:1 problem: the directive `unknown` is not known
    11:2 problem: expected a module path and a version
    ");
}

#[test]
fn what_is_no_go_mod_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("\u{0}\u{1}ELF binary", "is not known");
    check("module m\nrequire (\n\ta.example/b v1.0.0\n", "ends inside a block");
}

/// Read by hand: a replacement that moves an indirect module's version (lines 382 and 392).
#[test]
fn corpus_module_that_is_replaced() {
    let Some(text) =
        corpus::text("go.mod/_historic/aquasecurity__trivy__go.mod@2023-02-01-7d778b75")
    else {
        return;
    };
    let names = [
        "github.com/containerd/containerd",
        "github.com/stretchr/testify",
        "golang.org/x/text",
        "oras.land/oras-go",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @r"
    32:2 github.com/containerd/containerd v1.6.14 direct - public
    70:2 github.com/stretchr/testify v1.8.1 direct - public
    347:2 golang.org/x/text v0.5.0 direct - public
    392:30 oras.land/oras-go v1.1.1 transitive - public
    ");
}

/// Read by hand: a module that is a folder of the same repository.
#[test]
fn corpus_module_with_a_local_folder() {
    let Some(text) = corpus::text("go.mod/google__osv.dev__tools__repo-allowlist-sync__go.mod")
    else {
        return;
    };
    let names = [
        "cloud.google.com/go/datastore",
        "github.com/google/osv.dev/go",
        "go.yaml.in/yaml/v4",
        "cel.dev/expr",
        "github.com/cncf/xds/go",
        "google.golang.org/protobuf",
        "gopkg.in/dnaeon/go-vcr.v4",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @r"
    6:2 cloud.google.com/go/datastore v1.26.0 direct - public
    7:2 github.com/google/osv.dev/go v0.0.0 direct - path ../../go
    8:2 go.yaml.in/yaml/v4 v4.0.0-rc.6 direct - public
    14:2 cel.dev/expr v0.25.1 transitive - public
    38:2 github.com/cncf/xds/go v0.0.0-20260202195803-dba9d589def2 transitive - public
    83:2 google.golang.org/protobuf v1.36.12-0.20260120151049-f2248ac996af transitive - public
    84:2 gopkg.in/dnaeon/go-vcr.v4 v4.0.7 transitive - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("go.mod", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, is_as_written);
    });
}

/// The standard library stands there as the toolchain that has it.
fn is_as_written(written: &str, value: &str) -> bool {
    written == value || (value == "stdlib" && written.starts_with("go"))
}

#[test]
fn an_excluded_version_is_not_the_one_used() {
    let text = "module m\ngo 1.21.5\ntoolchain go1.22.3\nrequire (\n\ta.example/b v1.0.0\n\ta.example/c v1.0.0\n)\nexclude a.example/b v1.0.0\nexclude a.example/c v1.1.0\n";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    5:2 a.example/b [v1.0.0] direct - public
    6:2 a.example/c v1.0.0 direct - public
    3:11 stdlib [go1.22.3] direct build public
    ");
}

proptest! {
    #[test]
    fn any_text_is_read(text in "((require|replace|module|exclude|toolchain go|x)? ?[(]?(a|\"b\"|`c|=>|//)? ?(v1.0.0|master|=> [.]/x)?( // indirect)?[)]?\r?\n|.{0,9}\n?){0,20}") {
        assert_spans(&text, &parse(&text), is_as_written);
    }
}
