mod both;
mod conformance;
mod examples;
mod pseudo_code;
mod requirements;
mod tables;

use fixloop_advisory::parse;
use fixloop_index::{Builder, Index, prepare};
use fixloop_model::{Advisory, Component, Ecosystem, Reach, Source, Span};

/// An index of records given as JSON.
fn index(records: &[String]) -> Index {
    index_of(records.iter().map(|it| parse(it.as_bytes()).unwrap().advisory))
}

fn index_of(advisories: impl Iterator<Item = Advisory>) -> Index {
    let mut builder = Builder::default();
    advisories.for_each(|it| builder.add(prepare(it)));
    Index::from_bytes(builder.build().unwrap().into_bytes()).unwrap()
}

fn component(ecosystem: &str, name: &str, version: &str) -> Component {
    Component {
        version: Some(version.to_owned()),
        source: Source::PublicRegistry,
        reach: Reach::Direct,
        ..Component::new(Ecosystem::new(ecosystem.to_owned()), name, Span::default())
    }
}

fn record(id: &str, ecosystem: &str, rest: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"a"}},{rest}}}]}}"#
    )
}

#[test]
fn later_versions_that_are_affected_are_named() {
    let events = r#""ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.0"},{"introduced":"2.0.0"},{"fixed":"2.1.0"}]}],"versions":["1.9.0","0.1.0"]"#;
    let index = index(&[record("X-1", "npm", events)]);
    let known = crate::Known::new(&index);
    let against = |version: &str| crate::standing_against(&known, "npm", "a", version).unwrap();
    assert_eq!(
        [against("1.0.0"), against("1.2.0"), against("1.9.0")],
        [Some("X-1"), None, Some("X-1")]
    );
    let later = |version: &str| {
        let version = fixloop_version::Scheme::SemVer.parse(version).unwrap();
        let later = crate::affected_later(&known, "npm", "a", &version).unwrap();
        later.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(later("1.2.0"), ["1.9.0", "2.0.0"]);
    assert_eq!(later("2.1.0"), [""; 0]);
}
