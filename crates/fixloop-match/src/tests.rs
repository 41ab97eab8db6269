mod conformance;
mod examples;
mod pseudo_code;
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
