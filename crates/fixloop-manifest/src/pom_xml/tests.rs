use fixloop_test_support::corpus;
use proptest::prelude::*;

use super::*;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/pom_xml", "*.*", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

fn root(path: &str) -> Option<std::sync::Arc<str>> {
    let text = match path {
        "pom.xml" => {
            "<project><groupId>corp</groupId><artifactId>parent</artifactId><version>9</version><properties><x.version>1.1</x.version></properties>\
             <modules><module>bom</module></modules><dependencyManagement><dependencies>\
             <dependency><groupId>a</groupId><artifactId>managed</artifactId><version>${x.version}</version></dependency>\
             <dependency><groupId>corp</groupId><artifactId>bom</artifactId><version>9</version><type>pom</type><scope>import</scope></dependency>\
             </dependencies></dependencyManagement></project>"
        }
        "bom/pom.xml" => {
            "<project><parent><groupId>corp</groupId><artifactId>parent</artifactId></parent><artifactId>bom</artifactId><dependencyManagement><dependencies>\
             <dependency><groupId>b</groupId><artifactId>imported</artifactId><version>3.0</version></dependency>\
             </dependencies></dependencyManagement></project>"
        }
        _ => return None,
    };
    Some(std::sync::Arc::from(text))
}

#[test]
fn parents_and_bills_of_materials_of_the_same_root_are_followed() {
    let text = "<project><parent><groupId>corp</groupId><artifactId>parent</artifactId><version>9</version></parent><artifactId>m</artifactId><dependencies>\n\
        <dependency><groupId>a</groupId><artifactId>managed</artifactId></dependency>\n\
        <dependency><groupId>b</groupId><artifactId>imported</artifactId></dependency>\n\
        <dependency><groupId>a</groupId><artifactId>inherited</artifactId><version>${x.version}</version></dependency>\n\
        <dependency><groupId>${project.groupId}</groupId><artifactId>sibling</artifactId><version>${project.version}</version></dependency>\n\
        </dependencies></project>";
    let parsed = parse_among(text, Beside::new("module/pom.xml", &root));
    insta::assert_snapshot!(render(text, &parsed), @"
    2:45 a:managed 1.1 direct runtime public in pom.xml@106
    3:45 b:imported 3.0 direct runtime public in bom/pom.xml@218
    4:45 a:inherited 1.1 direct runtime public in pom.xml@106
    5:62 corp:sibling 9 direct runtime public
    ");
    // Another parent than the one that lies there.
    let other = text.replace("<artifactId>parent<", "<artifactId>other<");
    let parsed = parse_among(&other, Beside::new("module/pom.xml", &root));
    insta::assert_snapshot!(render(&other, &parsed), @"
    2:45 a:managed - direct runtime public
    3:45 b:imported - direct runtime public
    4:45 a:inherited [${x.version}] direct runtime public
    5:62 corp:sibling 9 direct runtime public
    ");
}

#[test]
fn parents_in_a_circle_end() {
    let text = "<project><parent><groupId>a</groupId><artifactId>x</artifactId><relativePath>x.xml</relativePath></parent><artifactId>x</artifactId></project>";
    let read = |_: &str| Some(std::sync::Arc::from(text));
    assert_eq!(parse_among(text, Beside::new("pom.xml", &read)), Parsed::default());
}

#[test]
fn a_broken_line_does_not_hide_its_neighbors() {
    let text = "<project>\n<dependencies>\n<dependency><groupId>a</groupId><artifactId>b</artifactId><version>1.0</version></dependency>\n<dependency><groupId>a</groupId><artifactId>c</artifactId><version>2.0</dependency>\n<dependency><groupId>a</groupId><artifactId\n<dependency><groupId>a</groupId><artifactId>d</artifactId><version>3.0</version></dependency>\n</dependencies>\n</project>";
    insta::assert_snapshot!(render(text, &parse(text)), @"
    3:45 a:b 1.0 direct runtime public
    4:45 a:c 2.0 direct runtime public
    5:1 problem: `dependency` without `artifactId`
    4:60 problem: `<version>` is never closed
    6:1 problem: this tag is not finished
    5:2 problem: `<dependency>` is never closed
    ");
}

#[test]
fn what_is_no_pom_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no XML element");
    check("<html></html>", "is `html` and not `project`");
}

/// Read by hand.
#[test]
fn corpus_first() {
    let Some(text) =
        corpus::text("pom.xml/DependencyTrack__dependency-track__alpine__alpine-infra__pom.xml")
    else {
        return;
    };
    let names = ["org.assertj:assertj-core", "com.h2database:h2", "io.micrometer:micrometer-core"];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"
    46:25 io.micrometer:micrometer-core - direct runtime public
    73:25 org.assertj:assertj-core - direct dev public
    83:25 com.h2database:h2 - direct dev public
    ");
}

/// Read by hand.
#[test]
fn corpus_second() {
    let Some(text) =
        corpus::text("pom.xml/DependencyTrack__dependency-track__common__datasource__pom.xml")
    else {
        return;
    };
    let names = [
        "org.slf4j:slf4j-api",
        "com.zaxxer:HikariCP",
        "org.eclipse.microprofile.config:microprofile-config-api",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @"58:25 com.zaxxer:HikariCP - direct runtime public");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    corpus::for_each("pom.xml", |path, text| {
        let parsed = parse(text);
        assert!(parsed.problems.is_empty(), "{}: {:?}", path.display(), parsed.problems);
        assert_spans(text, &parsed, |written, value| {
            written == value
                || value.ends_with(&format!(":{written}"))
                || written.contains("${")
                || value.contains("${")
        });
    });
}

proptest! {
    #[test]
    fn any_text_is_read(text in "<project>(<dependencies>)?(<dependency>|<groupId>a</groupId>|<artifactId>[bé]</artifactId>|<version>(1\\.0|\\[1\\.0\\]|\\$\\{p\\})</version>|</dependency>|<properties><p>2</p></properties>|<|.{0,4}){0,14}</project>") {
        assert_spans(&text, &parse(&text), |written, value| written == value || value.ends_with(&format!(":{written}")) || written.contains("${") || value.contains("${"));
    }
}
