use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/msbuild", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn central_versions_and_properties_come_from_above() {
    let read = |path: &str| {
        let text = match path {
            "Directory.Packages.props" => {
                include_str!("../../fixtures/msbuild/Directory.Packages.csproj")
            }
            "src/Directory.Build.props" => {
                "<Project><PropertyGroup><Missing>1.1.0</Missing></PropertyGroup></Project>"
            }
            _ => return None,
        };
        Some(std::sync::Arc::from(text))
    };
    let text = include_str!("../../fixtures/msbuild/app.csproj");
    let parsed = parse_among(text, Beside::new("src/app/app.csproj", &read));
    insta::assert_snapshot!(render_named(text, &parsed, &["Central", "Unknown"]), @"
    13:32 Unknown 1.1.0 direct runtime public in src/Directory.Build.props@33
    17:32 Central 8.0.0 direct runtime public in Directory.Packages.props@174
    ");
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "<Project>\n<ItemGroup>\n<PackageReference Include=\"A\" Version=\"1.0.0\" />\n<PackageReference Include=\"B\" Version=\"2.0\n<PackageReference Include=\"C\" Version=\"3.0.0\" />\n<PackageReference Include=\"D\">\n<PackageReference Include=\"E\" Version=\"4.0.0\" />\n</ItemGroup>\n</Project>";
    insta::assert_snapshot!(render(text, &parse(text)), @r#"
    3:28 A 1.0.0 direct runtime public
    4:28 B - direct runtime public
    5:28 C 3.0.0 direct runtime public
    6:28 D - direct runtime public
    7:28 E 4.0.0 direct runtime public
    4:31 problem: `Version="2.0` is no attribute
    5:1 problem: this tag is not finished
    6:2 problem: `<PackageReference>` is never closed
    "#);
}

#[test]
fn what_is_no_project_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no XML element");
    check("<html></html>", "is `html` and not `Project`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) = corpus::text("csproj/RetireNet__Packages__ContentTool__ContentTool.csproj")
    else {
        return;
    };
    let names = ["Newtonsoft.Json"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"9:32 Newtonsoft.Json 11.0.2 direct runtime public");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) = corpus::text("csproj/bitwarden__server__src__Core__Core.csproj") else {
        return;
    };
    let names =
        ["BitPay.Light", "Braintree", "Azure.Storage.Queues", "Newtonsoft.Json", "Stripe.net"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    37:32 Azure.Storage.Queues 12.24.0 direct runtime public
    38:32 BitPay.Light 1.0.1907 direct runtime public
    60:32 Newtonsoft.Json 13.0.3 direct runtime public
    62:32 Braintree 5.36.0 direct runtime public
    63:32 Stripe.net 52.1.0 direct runtime public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    for format in ["csproj", "Directory.Packages.props"] {
        corpus::for_each(format, |path, text| {
            let parsed = parse(text);
            assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
            assert_spans(text, &parsed, |written, value| {
                written == value || value.contains("$(") || written.contains("$(")
            });
        });
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "<Project>(<PropertyGroup><P>1\\.0</P></PropertyGroup>)?(<PackageReference (Include|Update)='[A;é ]{1,4}' (Version='(1\\.0|\\[1\\.0\\]|1\\.\\*|\\$\\(P\\))' )?(/>|>)|<Version>2</Version>|</PackageReference>|.{0,4}){0,9}</Project>") {
        assert_spans(&text, &parse(&text), |written, value| written == value || value.contains("$(") || written.contains("$("));
    }
}
