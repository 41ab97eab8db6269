use fixloop_test_support::{corpus, shared};
use proptest::prelude::*;

use super::*;
use crate::purl::decode;
use crate::testing::{assert_spans, check_whole_file, render, render_named};

/// Names and versions stand percent-encoded in package URLs, Maven's two parts apart by `/`, and epochs in a qualifier. Behind an
/// escape of JSON the span is the whole URL.
fn as_written(written: &str, value: &str) -> bool {
    let decoded = decode(written);
    decoded == value
        || decoded.replace('/', ":") == value
        || decoded.ends_with(&format!("/{value}"))
        || value.ends_with(&format!(":{decoded}"))
        || decoded.contains(value) && written.contains('\\')
}

#[test]
fn fixtures() {
    insta::glob!("../../fixtures/cyclonedx", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        insta::assert_snapshot!(render(&text, &parse(&text)));
    });
}

#[test]
fn what_is_no_bill_of_materials_is_a_whole_file_problem() {
    let check = |text: &str, reason: &str| check_whole_file(&parse(text), reason);
    check("", "no JSON object");
    check("[]", "no JSON object");
    check("{}", "`bomFormat` is missing");
    check(r#"{"bomFormat": "CycloneDX", "specVersion": "9.9"}"#, "version `9.9` is not known");
}

#[test]
fn a_broken_entry_does_not_hide_its_neighbors() {
    let text = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
 {"purl": "pkg:npm/a@1.0.0"},
 {"purl": 7},
 {"purl": "pkg:npm/b@1.0.0",,, },
 5,
 {"purl": "pkg:npm/c@1.0.0"}
]}"#;
    let parsed = parse(text);
    let names: Vec<&str> = parsed.components.iter().map(|it| &*it.name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert!(parsed.problems.iter().all(|it| !it.whole_file), "{parsed:?}");
}

/// Read by hand: Maven components with a graph that starts at the product.
#[test]
fn corpus_bill_with_a_graph() {
    let file = "sbom-cyclonedx/guacsec__guac__internal__testing__testdata__exampledata__quarkus-deps-cyclonedx.json";
    let Some(text) = corpus::text(file) else { return };
    let names = [
        "org.acme:getting-started",
        "io.quarkus:quarkus-resteasy-reactive",
        "io.smallrye.reactive:mutiny",
        "org.reactivestreams:reactive-streams",
        "io.netty:netty-common",
    ];
    insta::assert_snapshot!(render_named(&text, &parse(&text), &names), @r"
    54:27 org.acme:getting-started 1.0.0-SNAPSHOT root - public
    108:27 io.quarkus:quarkus-resteasy-reactive 2.13.4.Final direct optional public
    400:27 io.smallrye.reactive:mutiny 1.7.0 transitive - public < io.quarkus:quarkus-resteasy-reactive@2.13.4.Final > io.quarkus:quarkus-resteasy-reactive-common@2.13.4.Final > io.quarkus.resteasy.reactive:resteasy-reactive-common@2.13.4.Final
    468:27 org.reactivestreams:reactive-streams 1.0.3 transitive - public < io.quarkus:quarkus-resteasy-reactive@2.13.4.Final > io.quarkus:quarkus-resteasy-reactive-common@2.13.4.Final > io.quarkus.resteasy.reactive:resteasy-reactive-common@2.13.4.Final > io.smallrye.reactive:mutiny@1.7.0
    2460:27 io.netty:netty-common 4.1.82.Final transitive - public < io.quarkus:quarkus-resteasy-reactive@2.13.4.Final > io.quarkus.resteasy.reactive:resteasy-reactive-vertx@2.13.4.Final > io.vertx:vertx-web@4.3.4 > io.vertx:vertx-core@4.3.4
    ");
}

/// Read by hand: packages of an Alpine image, looked up by their source packages.
#[test]
fn corpus_bill_of_an_image() {
    let file = "sbom-cyclonedx/guacsec__guac__internal__testing__testdata__exampledata__alpine-cyclonedx.json";
    let Some(text) = corpus::text(file) else { return };
    let parsed = parse(&text);
    assert!(parsed.components.iter().all(|it| it.ecosystem.as_str() == "Alpine:v3.16"));
    insta::assert_snapshot!(render(&text, &parsed), @r"
    38:27 alpine-baselayout 3.2.0-r22 - - public
    127:16 alpine-baselayout 3.2.0-r22 - - public as alpine-baselayout-data
    228:27 alpine-keys 2.4-r1 - - public
    313:27 apk-tools 2.12.9-r3 - - public
    402:27 busybox 1.35.0-r17 - - public
    476:16 ca-certificates 20220614-r0 - - public as ca-certificates-bundle
    582:16 libc-dev 0.7.2-r3 - - public as libc-utils
    671:16 openssl 1.1.1q-r0 - - public as libcrypto1.1
    740:16 openssl 1.1.1q-r0 - - public as libssl1.1
    809:27 musl 1.2.3-r0 - - public
    874:16 musl 1.2.3-r0 - - public as musl-utils
    963:16 pax-utils 1.3.4-r0 - - public as scanelf
    1032:16 busybox 1.35.0-r17 - - public as ssl_client
    1121:27 zlib 1.2.12-r3 - - public
    ");
}

#[test]
fn corpus_spans_hold_what_was_read() {
    let mut n_components = 0;
    corpus::for_each("sbom-cyclonedx", |path, text| {
        // One file of the corpus lacks `bomFormat`, which the specification requires.
        if path.extension().is_some_and(|it| it == "json") && text.contains("bomFormat") {
            let parsed = parse(text);
            n_components += parsed.components.len();
            assert!(
                !parsed.problems.iter().any(|it| it.whole_file),
                "{}: {:?}",
                path.display(),
                parsed.problems
            );
            assert_spans(text, &parsed, as_written);
        }
    });
    assert!(n_components > 500 || shared::file("data").is_none(), "{n_components}");
}

/// Names and versions of every ecosystem survive the way through a package URL.
#[test]
fn examples_are_read_back_exactly() {
    let Some(examples) = shared::file("data/examples.jsonl") else { return };
    for line in std::fs::read_to_string(examples).unwrap().lines() {
        let example: serde_json::Value = serde_json::from_str(line).unwrap();
        let field = |key: &str| example[key].as_str().unwrap().to_owned();
        let (ecosystem, name, version) = (field("ecosystem"), field("name"), field("version"));
        let purl_type =
            fixloop_model::Ecosystem::new(ecosystem.clone()).purl_type().expect("a purl type");
        let purl = format!(
            "pkg:{purl_type}/{}@{}",
            name.replace(':', "/").replace('@', "%40"),
            version.replace('+', "%2B")
        );
        let bom = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"purl": purl}]});
        let parsed = parse(&bom.to_string());
        let read = &parsed.components[0];
        assert_eq!(
            (read.ecosystem.as_str(), &*read.name, read.version.as_deref()),
            (&*ecosystem, &*name, Some(&*version))
        );
    }
}

proptest! {
    #[test]
    fn any_purl_is_read(purl in "(pkg:(npm|deb|apk|maven|x)?/)?[a-z@%/+:]{0,9}(@[0-9.%]{0,5})?([?](distro|upstream|epoch|vcs_url)=[a-z0-9.%@-]{0,9}(&origin=.{0,4})?)?") {
        let bom = serde_json::json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"purl": purl}]});
        let text = bom.to_string();
        for it in parse(&text).components {
            prop_assert!(it.name_span.slice(&text).is_some());
            prop_assert!(it.version_span.is_none_or(|it| it.slice(&text).is_some()));
        }
    }

    #[test]
    fn any_text_is_read(text in "[{}\\[\\]\",:a-zA-Z \n]{0,80}") {
        let text = format!("{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", {text}");
        assert_spans(&text, &parse(&text), as_written);
    }
}
