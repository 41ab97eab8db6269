use std::fmt::Write;

use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;

fn render(text: &str) -> String {
    fn walk(element: Element<'_>, depth: usize, out: &mut String) {
        write!(out, "{:depth$}{}", "", element.name()).unwrap();
        if let Some(text) = element.text() {
            write!(out, " {:?}", text.value()).unwrap();
        }
        for name in ["a", "Version"] {
            if let Some(value) = element.attribute(name) {
                write!(out, " {name}={:?}", value.value()).unwrap();
            }
        }
        out.push('\n');
        element.children().for_each(|it| walk(it, depth + 1, out));
    }
    let document = Document::parse(text);
    let mut out = String::new();
    if let Some(root) = document.root() {
        walk(root, 0, &mut out);
    }
    for it in document.into_problems() {
        let whole = if it.whole_file { " (whole file)" } else { "" };
        writeln!(out, "{:?} {}{whole}", it.span.range(), it.reason).unwrap();
    }
    out
}

#[test]
fn elements_attributes_and_text_are_read() {
    let text = "\u{feff}<?xml version='1.0'?>\n<!DOCTYPE p [<!ENTITY x \"lol\">]>\n<m:p a='1 &amp; 2'>\n<!-- <v>0</v> --><v> 1.0 </v>\n<e Version = \" x \"/>\n<c><![CDATA[ <raw> ]]></c><t>a&lt;b&#233;&x;</t></m:p>\n";
    insta::assert_snapshot!(render(text), @r#"
    p a="1 & 2"
     v "1.0"
     e Version="x"
     c "<raw>"
     t "a<bé&x;"
    "#);
}

#[test]
fn a_broken_tag_costs_only_itself() {
    let text = "<p>\n<v>1</v>\n<e Version=\"2\n<w>2</w>\n<open>\n<x>3</x>\n</p2>\n< y>\n<z a=b c d='1'>4</z>\n</p>\n";
    insta::assert_snapshot!(render(text), @r#"
    p
     v "1"
     e
     w "2"
     open "y>"
      x "3"
      z "4"
    16..26 `Version="2` is no attribute
    27..27 this tag is not finished
    52..57 `</p2>` closes no open tag
    58..59 `<` opens no tag here
    66..77 `a=b c d='1'` is no attribute
    37..41 `<open>` is never closed
    "#);
}

#[test]
fn what_is_no_xml_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| {
        let problems = Document::parse(text).into_problems();
        assert!(
            problems.iter().any(|it| it.whole_file && it.reason.contains(reason)),
            "{problems:?}"
        );
    };
    check("", "no XML element");
    check("{}", "no XML element");
    check("<p><v>1</v>", "ends inside");
    check("<p><!-- ", "unclosed comment");
    check("<p><![CDATA[1 0é<p", "unclosed CDATA section");
    check("<!DOCTYPE [", "unclosed declaration");
    check("<p/><q/>", "after the end");
    check(&"<a>".repeat(100_000), "nested deeper");
}

#[test]
fn entities_that_explode_are_never_expanded() {
    let text = format!(
        "<!DOCTYPE p [{}]><p><v>&a9;</v></p>",
        (0..9)
            .map(|it| format!("<!ENTITY a{} \"&a{it};&a{it};\">", it + 1))
            .collect::<Vec<_>>()
            .concat()
    );
    assert_eq!(render(&text), "p\n v \"&a9;\"\n");
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    for text in ["<a b=\"", "<a ", "</a>", "<a b='<", "<a/>", "& ", "<![CDATA["] {
        let text = format!("<p>{}", text.repeat(200_000));
        assert!(!Document::parse(&text).into_problems().is_empty());
    }
}

#[test]
fn corpus_files_have_no_problems() {
    for format in ["pom.xml", "csproj", "packages.config", "Directory.Packages.props"] {
        corpus::for_each(format, |path, text| {
            let problems = Document::parse(text).into_problems();
            assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        });
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(<p|<v a='1'|</p|</v|/?>| b=\"é|\"|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&amp;|1.0é|\n| ){0,24}") {
        let document = Document::parse(&text);
        for node in &document.nodes {
            prop_assert!(node.span.slice(&text).is_some() && node.name.slice(&text).is_some());
            prop_assert!(node.text.is_none_or(|it| it.slice(&text).is_some()));
        }
        for it in &document.problems {
            prop_assert!(it.span.slice(&text).is_some());
        }
    }
}
