use super::*;

const OPENED: i64 = 1_000;

fn seen(name: &str, answer: Answer, committed_at: i64) -> Seen {
    let (repository, path) = match name.split_once(':') {
        Some((repository, path)) => (repository, Some(path.to_owned())),
        None => (name, None),
    };
    let (repository, team) = (repository.to_owned(), "web".to_owned());
    Seen { repository, team, path, answer, committed_at: Some(committed_at) }
}

fn bad() -> Answer {
    Answer::Affected(vec!["lodash@4.17.15".to_owned()])
}

fn dark() -> Answer {
    Answer::Unknown("not fetched".to_owned())
}

/// `name state since fixed` of each target.
fn told(targets: &[Target]) -> String {
    let time = |it: Option<i64>| it.map_or("-".to_owned(), |it| it.to_string());
    let line = |it: &Target| {
        let reason = it.reason.as_deref().unwrap_or("");
        let times = (time(it.affected_since), time(it.fixed_at));
        format!("{} {} {} {} {reason}", it.name(), it.state, times.0, times.1)
    };
    targets.iter().map(|it| line(it).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Looks at 1000 (opened), 2000, 3000, …
#[track_caller]
fn check(looks: &[Vec<Seen>], expected: &str) {
    let mut targets = Vec::new();
    let mut now = OPENED;
    for look in looks {
        targets = follow(&targets, look, (now - 1_000).max(OPENED), now);
        now += 1_000;
    }
    assert_eq!(told(&targets), expected);
}

#[test]
fn fixed_is_what_was_affected_and_is_clean_in_a_later_commit() {
    check(&[vec![seen("a:x", bad(), 5)]], "a:x affected 1000 -");
    check(&[vec![seen("a:x", Answer::Clean, 5)]], "a:x clean - -");
    let fixed = [vec![seen("a:x", bad(), 5)], vec![seen("a:x", Answer::Clean, 1_700)]];
    check(&fixed, "a:x fixed 1000 1700");
    let [before, after] = fixed;
    check(&[before, after.clone(), after], "a:x fixed 1000 1700");
}

#[test]
fn a_commit_that_is_older_than_the_last_look_is_fixed_since_that() {
    // Pushed late, or with a wrong clock.
    check(
        &[vec![seen("a:x", bad(), 5)], vec![seen("a:x", Answer::Clean, 7)]],
        "a:x fixed 1000 1000",
    );
    check(
        &[vec![seen("a:x", bad(), 5)], vec![seen("a:x", Answer::Clean, 9_999)]],
        "a:x fixed 1000 2000",
    );
}

#[test]
fn what_vanished_or_cannot_be_read_is_unknown_and_never_clean() {
    let before = || vec![seen("a:x", bad(), 5), seen("a:y", Answer::Clean, 5)];
    check(
        &[before(), vec![seen("a", dark(), 5)]],
        "a:x unknown 1000 - not fetched\na:y unknown - - not fetched",
    );
    check(
        &[before(), vec![]],
        "a:x unknown 1000 - the repository is no longer in the fleet\na:y unknown - - the repository is no longer in the fleet",
    );
    check(&[vec![seen("a", dark(), 5)]], "a unknown - - not fetched");
    // Back again.
    check(
        &[before(), vec![seen("a", dark(), 5)], vec![seen("a:x", Answer::Clean, 2_500)]],
        "a:x fixed 1000 2500",
    );
    check(&[vec![seen("a", dark(), 5)], vec![seen("a:x", bad(), 1_500)]], "a:x affected 1500 -");
}

#[test]
fn what_is_affected_again_starts_anew() {
    let looks = [
        vec![seen("a:x", bad(), 5)],
        vec![seen("a:x", Answer::Clean, 1_700)],
        vec![seen("a:x", bad(), 2_400)],
    ];
    check(&looks, "a:x affected 2400 -");
}

#[test]
fn a_file_that_is_gone_is_fixed_unless_it_moved() {
    let before = || vec![seen("a:x", bad(), 5), seen("a:z", Answer::Clean, 5)];
    check(&[before(), vec![seen("a:z", Answer::Clean, 5)]], "a:x fixed 1000 2000\na:z clean - -");
    check(
        &[before(), vec![seen("a:new", bad(), 1_500), seen("a:z", Answer::Clean, 5)]],
        "a:new affected 1000 -\na:z clean - -",
    );
    // A lockfile that was deleted leaves a manifest that decides nothing.
    check(
        &[before(), vec![seen("a:new", dark(), 1_500), seen("a:z", Answer::Clean, 5)]],
        "a:new unknown 1000 - not fetched\na:z clean - -",
    );
    check(
        &[
            vec![seen("a:z", Answer::Clean, 5), seen("a:x", Answer::Clean, 5)],
            vec![seen("a:x", Answer::Clean, 5)],
        ],
        "a:x clean - -",
    );
}
