//! Lists as people and hosts write them.

use super::*;

/// One line per repository, or the error with its cause.
fn read(text: &str) -> String {
    match read_list(text) {
        Ok(list) => {
            let lines = list.repositories.iter().map(|it| format!("{it:?}"));
            format!("{:?}\n{}", list.team_source, lines.collect::<Vec<_>>().join("\n"))
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn columns_are_known_by_name() {
    let text = "\u{feff}Team,clone_url,note\npayments,https://git.corp.example/payments/shop.git,x\n\
                ,git@git.corp.example:web/site.git\n,ssh://git@git.corp.example:22/ops/run/\n";
    assert_eq!(
        read(text),
        "Column\n\
         payments/shop https://git.corp.example/payments/shop.git team Some(\"payments\") branch None\n\
         web/site git@git.corp.example:web/site.git team None branch None\n\
         ops/run ssh://git@git.corp.example:22/ops/run/ team None branch None"
    );
    let text = "address,name,branch\n/srv/git/a.git,first,release/1\nfile:///srv/git/b.git,,\n";
    assert_eq!(
        read(text),
        "None\nfirst /srv/git/a.git team None branch Some(\"release/1\")\n\
         b file:///srv/git/b.git team None branch None"
    );
}

#[test]
fn credentials_are_not_shown() {
    let text = "url\nhttps://bot:s3cret@git.corp.example/a.git\n";
    assert!(!read(text).contains("s3cret"), "{}", read(text));
    let text = "url\nhttps://bot:s3cret@-git.corp.example/a.git\n";
    assert!(!read(text).contains("s3cret"), "{}", read(text));
}

#[test]
fn pages_of_hosts_are_read() {
    let github = r#"[{"full_name": "acme/shop", "clone_url": "https://git.acme.example/acme/shop.git",
        "default_branch": "main", "archived": true}]
        {"items": [{"full_name": "acme/site", "clone_url": "https://git.acme.example/acme/site.git"},
        {"full_name": "acme/shop", "clone_url": "https://git.acme.example/acme/shop.git"}]}"#;
    assert_eq!(
        read(github),
        "None\nacme/shop https://git.acme.example/acme/shop.git team None branch Some(\"main\")\n\
         acme/site https://git.acme.example/acme/site.git team None branch None"
    );
    let gitlab = r#"[{"path_with_namespace": "acme/web/site", "default_branch": null,
        "http_url_to_repo": "https://git.acme.example/acme/web/site.git"}]"#;
    assert_eq!(
        read(gitlab),
        "Namespace\nacme/web/site https://git.acme.example/acme/web/site.git team Some(\"acme/web\") branch None"
    );
    let azure = r#"{"count": 1, "value": [{"name": "api", "project": {"name": "Shop"},
        "defaultBranch": "refs/heads/main", "remoteUrl": "https://acme@dev.acme.example/Shop/_git/api"}]}"#;
    assert_eq!(
        read(azure),
        "Namespace\nShop/api https://dev.acme.example/Shop/_git/api team Some(\"Shop\") branch Some(\"main\")"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, expected) in [
        ("", "line 1: no column `url`; there are: "),
        ("team,link\na,b\n", "line 1: no column `url`; there are: team, link"),
        ("url\n", "the list names no repository"),
        ("url,team\nhttps://a.example/x,t\n,t\n", "line 3: no address"),
        (
            "url\n--upload-pack=x\n",
            "line 2: the address `--upload-pack=x` cannot be used: git would take it for an option",
        ),
        (
            "url\next::sh -c x\n",
            "line 2: the address `ext::sh -c x` cannot be used: it has white space or control characters",
        ),
        (
            "url\next::sh\n",
            "line 2: the address `ext::sh` cannot be used: it is neither a URL, `user@host:path` nor an absolute path",
        ),
        (
            "url\nftp://a.example/x\n",
            "line 2: the address `ftp://a.example/x` cannot be used: its scheme is none of https, http, ssh, git and file",
        ),
        (
            "url\nssh://-oProxy/x\n",
            "line 2: the address `ssh://-oProxy/x` cannot be used: its host would be taken for an option",
        ),
        (
            "url\n../x\n",
            "line 2: the address `../x` cannot be used: it is neither a URL, `user@host:path` nor an absolute path",
        ),
        (
            "url,name\nhttps://a.example/x,../../etc\n",
            "line 2: the name `../../etc` cannot be used: a part of it is empty, `.` or `..`",
        ),
        ("url,branch\nhttps://a.example/x,a:b\n", "line 2: the branch `a:b` cannot be used"),
        (
            "url,name\nhttps://a.example/x,n\nhttps://a.example/y,n\n",
            "line 3: `n` stands in the list twice, with different addresses",
        ),
        (
            "[1]",
            "entry 1: neither a repository of GitHub, GitLab nor Azure DevOps, nor a page of them",
        ),
        (
            "[{\"clone_url\": \"https://a.example/x\"}]",
            "entry 1: not readable as a repository of GitHub",
        ),
        ("[{", "not readable as JSON"),
        (
            "{\"items\": 3}",
            "entry 1: neither a repository of GitHub, GitLab nor Azure DevOps, nor a page of them",
        ),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn the_first_team_that_fits_decides() {
    let teams = read_teams(
        "repository,team\nacme/shop,checkout\nacme/s*e*,web\n*/infra-*,ops\nacme/*,core\n",
    );
    let teams = teams.unwrap();
    for (repository, team) in [
        ("acme/shop", Some("checkout")),
        ("acme/site", Some("web")),
        ("x/infra-dns", Some("ops")),
        ("acme/other", Some("core")),
        ("x/other", None),
    ] {
        assert_eq!(teams.team_of(repository), team, "{repository}");
    }
    assert_eq!(
        read_teams("repository,team\na,\n").unwrap_err().to_string(),
        "line 2: no repository or no team"
    );
}

proptest::proptest! {
    // Names, addresses and JSON-like text, so that each reader is reached.
    #[test]
    fn reading_a_list_never_panics(text in "(url,name\n)?(\\[?\\{\"clone_url\":\"?|.|\n|https://a.example/|,|\\}\\]){0,60}") {
        if let Ok(list) = read_list(&text) {
            for it in list.repositories {
                proptest::prop_assert!(address::check(&it.address).is_ok());
            }
        }
    }
}

#[test]
fn teams_may_be_of_folders() {
    let teams =
        read_teams("repository,path,team\nshop*,web,frontend\nshop*,*.toml,build\nshop,,core\n")
            .unwrap();
    for (repository, path, expected) in [
        ("shop", "web/yarn.lock", Some("frontend")),
        ("shop-2", "web", Some("frontend")),
        ("shop", "website/yarn.lock", Some("core")),
        ("shop", "crates/a/Cargo.toml", Some("build")),
        ("shop-2", "yarn.lock", None),
    ] {
        assert_eq!(teams.team_of_file(repository, path), expected, "{repository} {path}");
    }
    assert_eq!(teams.team_of("shop"), Some("core"));
    assert_eq!(teams.team_of("shop-2"), None);
}
