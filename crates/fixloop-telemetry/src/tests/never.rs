//! What never stands in an event, whatever is put in.

use proptest::prelude::*;

use super::*;
use fixloop_policy::RepositoryId;

use crate::{Comment, ExposurePlace, NotUseful, Pseudonyms};

/// With letters that are no hexadecimal digits, so that no random id looks like them.
const SECRETS: &[&str] = &[
    "/home/yuri/shop",
    "C:\\Users\\yuri\\shop",
    "package.json.backup",
    "yuri@shop.example",
    "git@host.example:yuri/shop.git",
    "@shop/payments",
    "acme-internal",
    "ACME-2026-1",
    "GHSA-shop-yuri-host",
    "CVE-2026-shop",
];

/// Every text that a caller may give.
fn event_of(text: &str) -> String {
    let place = ExposurePlace {
        repository: Path::new(text),
        file: Path::new(text),
        ecosystem: text,
        package: text,
    };
    let (key, id) = (OrganizationKey::new([4; 32]), RepositoryId::of_address(text));
    let subject = Subject {
        target: Some(key.target(&id, text)),
        component: Some(key.component(text, text, text)),
        exposure: Pseudonyms::new([9; 32]).exposure(&place),
        ecosystem: PublicEcosystem::of(text),
        advisories: PublicIds::of([text, "CVE-2019-10744"]),
        ..subject()
    };
    let session = Session::started(Surface::Agent, Mode::Alert, Client::of(text), Some(text));
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    let about = NewEvent { subject: Some(subject), ..new_event(0, Kind::AlertShown) };
    spool.append(about).unwrap();
    spool.append(new_event(0, Kind::Session(session))).unwrap();
    let repository = Some(key.repository(&id));
    spool.append(new_event(0, Kind::Policy { repository, version: 1, is_refused: false })).unwrap();
    let events = spool.events().unwrap().events;
    assert_eq!(events.len(), 3);
    events.iter().map(|it| it.to_json().to_string()).collect()
}

#[test]
fn paths_names_and_private_ids_are_not_in_an_event() {
    for secret in SECRETS {
        let text = event_of(secret);
        for part in ["yuri", "shop", "acme", "ACME", "backup", "host", "Users", "home", secret] {
            assert!(!text.contains(part), "`{part}` of `{secret}` is in {text}");
        }
        assert!(text.contains("\"ecosystem\":\"other\"") && text.contains("\"client\":\"other\""));
        assert!(text.contains("\"n_advisories_left_out\":1"), "{text}");
    }
}

#[test]
fn the_spool_holds_neither_machine_nor_user_nor_folder() {
    let folder = tempfile::Builder::new().prefix("telltale").tempdir().unwrap();
    append(&mut open(folder.path()), 3);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|it| it == b"telltale"));
    }
}

#[test]
fn only_ids_of_public_databases_pass() {
    let public = [
        "CVE-2021-44228",
        "EEF-CVE-2025-12345",
        "GHSA-jf85-cpcp-j695",
        "GO-2022-0646",
        "MAL-2024-1234",
        "OSV-2020-111",
        "PYSEC-2021-142",
        "RUSTSEC-2020-0001",
    ];
    let private = [
        "",
        "CVE",
        "CVE-21-1",
        "CVE-2021-",
        "CVE-2021-1-shop",
        "GHSA-jf85-cpcp",
        "SHOP-2021-1",
        "cve-2021-1",
        "GHSA-jf85-cpcp-j695-x",
    ];
    let ids = PublicIds::of(public.iter().chain(&private).rev());
    assert_eq!(ids.ids(), public);
    assert_eq!(ids.n_left_out(), 9);
    let many = PublicIds::of((0..100).map(|it| format!("CVE-2021-{it:04}")));
    assert_eq!((many.ids().len(), many.n_left_out()), (32, 68));
}

#[test]
fn known_words_pass() {
    for ecosystem in [
        "npm",
        "PyPI",
        "crates.io",
        "Go",
        "Maven",
        "NuGet",
        "RubyGems",
        "Packagist",
        "Pub",
        "Hex",
        "SwiftURL",
        "GitHub Actions",
    ] {
        assert_eq!(PublicEcosystem::of(ecosystem).as_str(), ecosystem);
        assert!(fixloop_model::Ecosystem::new(ecosystem).purl_type().is_some());
    }
    for (name, client) in [
        ("Neovim", "neovim"),
        ("Visual Studio Code", "vscode"),
        ("claude-code", "claude-code"),
        ("Ada's editor", "other"),
    ] {
        assert_eq!(Client::of(name).as_str(), client);
    }
}

#[test]
fn a_comment_is_one_short_line_without_paths_and_addresses() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(Comment::new(text).as_ref().map(Comment::as_str), expected);
    };
    check("", None);
    check(" \n\t\u{1b} ", None);
    check("used only\nin tests", Some("used only in tests"));
    check(
        "ask yuri@shop.example about @shop/pay in C:\\shop or /srv",
        Some("ask … about … in … or …"),
    );
    let long = "word ".repeat(100);
    assert_eq!(Comment::new(&long).unwrap().as_str().len(), 199);
}

#[test]
fn an_exposure_id_depends_on_each_part_and_the_secret() {
    let place = |repository, file, ecosystem, package| ExposurePlace {
        repository: Path::new(repository),
        file: Path::new(file),
        ecosystem,
        package,
    };
    let places = [
        place("/a", "b", "npm", "c"),
        place("/ab", "", "npm", "c"),
        place("/a", "b", "npmc", ""),
        place("/a", "", "npm", "bc"),
        place("/a", "b", "npm", "d"),
    ];
    let ids = |secret| {
        places.iter().map(|it| Pseudonyms::new([secret; 32]).exposure(it)).collect::<Vec<_>>()
    };
    let mut all = [ids(1), ids(2)].concat();
    assert_eq!(ids(1), ids(1));
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 10);
    assert_eq!(format!("{:?}", Pseudonyms::new([1; 32])), "Pseudonyms { .. }");
}

#[test]
fn a_comment_is_the_only_free_text() {
    let comment = Comment::new("zebra");
    let kind = Kind::NotUseful { reason: NotUseful::NotMine, comment };
    let folder = tempfile::tempdir().unwrap();
    let mut spool = open(folder.path());
    spool.append(new_event(0, kind)).unwrap();
    assert!(spool.events().unwrap().events[0].to_json().to_string().contains("zebra"));
    assert!(!event_of("zebra").contains("zebra"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Upper-case letters stand nowhere in an event but in the closed words.
    #[test]
    fn no_text_gets_in(text in "[Q-Z]{4,12}[/\\\\@ .-]{0,2}[Q-Z]{0,9}") {
        prop_assert!(!event_of(&text).contains(&text[..4]));
    }

    #[test]
    fn a_comment_is_bounded(text in "\\PC{0,400}") {
        if let Some(comment) = Comment::new(&text) {
            prop_assert!(comment.as_str().chars().count() <= 200);
            prop_assert!(!comment.as_str().contains(['/', '\\', '@', '\n']));
            prop_assert_eq!(Comment::new(comment.as_str()), Some(comment));
        }
    }
}
