//! After any edits, what is shown is what a client sees that opens the same text now.

use proptest::prelude::*;

use crate::client::Client;

/// Manifests to begin with, and pieces that come and go in them.
const TEXTS: &[(&str, &str, &[&str])] = &[
    (
        "package.json",
        "{\n  \"dependencies\": {\n    \"lodash\": \"4.17.15\",\n    \"axios\": \"^0.21.0\",\n    \"é\": \"1\"\n  }\n}\n",
        &["\"", ",", "{", "}", "\n", "\"qs\": \"6.7.0\"", "4.17.21", "^", "𝄞", ":", "[", "//"],
    ),
    (
        "Cargo.toml",
        "[package]\nname = \"a\"\n[dependencies]\nsmallvec = \"=1.6.0\"\ntime = { version = \"0.1\" }\natty = \"0.2\"\n",
        &[
            "\"",
            "=",
            "\n",
            "[dependencies]\n",
            "smallvec = \"1\"\n",
            "{",
            "}",
            "é",
            "#",
            "'",
            "[",
            "]",
        ],
    ),
    (
        "requirements.txt",
        "jinja2==2.10\nflask>=0.12\n# a comment\nrequests\n",
        &["\n", "==", "jinja2==2.10\n", "\\\n", "#", " ; python_version<'3'", "é", "-r x\n", "[a]"],
    ),
    (
        "go.mod",
        "module a.example/a\n\nrequire (\n\tgolang.org/x/text v0.3.5\n\tgopkg.in/yaml.v2 v2.2.1 // indirect\n)\n",
        &[
            "\n",
            "(",
            ")",
            "require golang.org/x/net v0.1.0\n",
            "//",
            "v0.3.8",
            "é",
            "replace a => b\n",
        ],
    ),
    (
        "pom.xml",
        "<project>\n<properties><t>1.9</t></properties>\n<dependencies><dependency><groupId>org.apache.commons</groupId><artifactId>commons-text</artifactId><version>${t}</version></dependency></dependencies>\n</project>\n",
        &["<", ">", "</", "1.10.0", "<!--", "-->", "\n", "é", "${t}", "&", "<t>2</t>"],
    ),
];

/// Where, how much is taken out, and what is put there: an offset and a length in characters, and a piece.
type Edit = (prop::sample::Index, usize, prop::sample::Index);

fn script() -> impl Strategy<Value = (usize, Vec<Edit>)> {
    let edit = (any::<prop::sample::Index>(), 0_usize..12, any::<prop::sample::Index>());
    (0..TEXTS.len(), prop::collection::vec(edit, 1..12))
}

/// `line:character` in UTF-8 of a byte.
fn place(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    format!("{line}:{}", at - start)
}

fn check((text, edits): (usize, Vec<Edit>), client: &mut Client, n: &mut usize) {
    let (name, start, pieces) = TEXTS[text];
    *n += 1;
    let path = format!("{n}/{name}");
    let mut text = start.to_owned();
    client.open_unsynced(&path, &text);
    for (version, (at, length, piece)) in (2..).zip(edits) {
        let boundaries: Vec<usize> =
            text.char_indices().map(|it| it.0).chain([text.len()]).collect();
        let from = at.index(boundaries.len());
        let to = (from + length).min(boundaries.len() - 1);
        let (from, to) = (boundaries[from], boundaries[to]);
        let piece = pieces[piece.index(pieces.len())];
        let (start, end) = (place(&text, from), place(&text, to));
        client.change(&path, version, &[(&start, &end, piece)]);
        text.replace_range(from..to, piece);
    }
    let warm = client.published(&path).pop().unwrap_or_default();
    client.close(&path);
    client.published(&path);
    client.open(&path, &text);
    let cold = client.published(&path).pop().unwrap_or_default();
    // Opened now, nothing is new; while it was typed, some of it was.
    let warm = warm.replace("New here: ", "");
    assert_eq!(warm, cold, "{text}");
    client.close(&path);
    client.published(&path);
}

#[test]
fn edits_end_where_a_cold_open_does() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let client = std::cell::RefCell::new((Client::new(&[]), 0));
    let run = runner.run(&script(), |script| {
        let (client, n) = &mut *client.borrow_mut();
        check(script, client, n);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}
