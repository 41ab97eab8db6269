//! What a bundle may say: sizes, and that it does not contradict itself.

use std::collections::{HashMap, HashSet};

use crate::bundle::{Bundle, ORGANIZATION_WORDS};
use crate::treatment::Treatment;

const MAX_REPOSITORIES: usize = 100_000;
const MAX_TREATMENTS: usize = 1_000;
const MAX_RINGS: usize = 100;
const MAX_TEAMS: usize = 100_000;
const MAX_ASSIGNED: usize = 200_000;

/// Characters of a sentence that is shown to people.
const MAX_WORDS: usize = 300;
const MAX_LINK: usize = 2_000;
/// Characters of what names a team, a ring or a rollout.
const MAX_NAME: usize = 200;
/// Characters of a treatment's id, which stands in every event.
const MAX_ID: usize = 64;

/// Whether a bundle may decide anything; what is wrong with it, if not. Whoever builds one asks as well, before it is signed.
pub fn check(bundle: &Bundle) -> Result<(), String> {
    let is_hex = bundle.organization.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex || bundle.organization.len() != ORGANIZATION_WORDS {
        return Err(format!("`organization` has to be {ORGANIZATION_WORDS} hexadecimal digits"));
    }
    if bundle.expires_at <= bundle.issued_at {
        return Err("it expires before it is issued".to_owned());
    }
    if bundle.poll_seconds == 0 {
        return Err("`poll_seconds` is 0".to_owned());
    }
    let n_teams = bundle.rings.iter().map(|it| it.teams.len()).sum();
    at_most("repositories", bundle.repositories.len(), MAX_REPOSITORIES)?;
    at_most("treatments", bundle.treatments.len(), MAX_TREATMENTS)?;
    at_most("rings", bundle.rings.len(), MAX_RINGS)?;
    at_most("teams in rings", n_teams, MAX_TEAMS)?;
    at_most("assignments", bundle.assigned.len(), MAX_ASSIGNED)?;
    bundle.repositories.values().try_for_each(|it| named("team", it))?;
    if let Some(sink) = &bundle.telemetry.sink
        && (sink.is_empty() || sink.len() > MAX_LINK || sink.chars().any(is_unseen))
    {
        return Err("`telemetry.sink` has to be one line that names a folder".to_owned());
    }
    let treatments = treatments(bundle)?;
    rings(bundle)?;
    for it in &bundle.assigned {
        named("rollout", &it.rollout)?;
        named("team", &it.team)?;
        if !treatments.contains(&*it.treatment) {
            return Err(format!(
                "team `{}` is assigned to `{}`, which is no treatment here",
                it.team, it.treatment
            ));
        }
    }
    Ok(())
}

fn treatments(bundle: &Bundle) -> Result<HashSet<&str>, String> {
    let mut ids = HashSet::new();
    for it in &bundle.treatments {
        let is_word = |it: u8| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if it.id.is_empty() || it.id.len() > MAX_ID || !it.id.bytes().all(is_word) {
            return Err(format!(
                "`{}` cannot be a treatment's id: `a` to `z`, digits and `-`",
                shown(&it.id)
            ));
        }
        if !ids.insert(&*it.id) {
            return Err(format!("treatment `{}` is there twice", it.id));
        }
        shown_to_people(it)?;
    }
    Ok(ids)
}

fn shown_to_people(it: &Treatment) -> Result<(), String> {
    if let Some(words) = &it.words
        && (words.trim().is_empty()
            || words.chars().count() > MAX_WORDS
            || words.chars().any(is_unseen))
    {
        return Err(format!(
            "the words of `{}` have to be one line of at most {MAX_WORDS} characters",
            it.id
        ));
    }
    if let Some(link) = &it.link {
        let rest = link.strip_prefix("https://").unwrap_or("");
        let is_address = rest.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '[')
            && rest.bytes().all(|it| it.is_ascii_graphic())
            && link.len() <= MAX_LINK;
        if !is_address {
            return Err(format!("the link of `{}` has to be an https address", it.id));
        }
    }
    Ok(())
}

fn rings(bundle: &Bundle) -> Result<(), String> {
    let mut names = HashSet::new();
    let mut ring_of: HashMap<&str, &str> = HashMap::new();
    for ring in &bundle.rings {
        named("ring", &ring.name)?;
        if !names.insert(&*ring.name) {
            return Err(format!("ring `{}` is there twice", ring.name));
        }
        for team in &ring.teams {
            named("team", team)?;
            if let Some(other) = ring_of.insert(team, &ring.name) {
                return Err(format!(
                    "team `{team}` is in ring `{other}` and in ring `{}`",
                    ring.name
                ));
            }
        }
    }
    Ok(())
}

fn at_most(what: &str, n: usize, limit: usize) -> Result<(), String> {
    if n <= limit { Ok(()) } else { Err(format!("{n} {what}, at most {limit}")) }
}

fn named(what: &str, name: &str) -> Result<(), String> {
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.chars().any(is_unseen) {
        return Err(format!(
            "`{}` cannot be the name of a {what}: one line of at most {MAX_NAME} characters",
            shown(name)
        ));
    }
    Ok(())
}

/// Control characters, other ends of lines, and what turns the direction of the text around it.
fn is_unseen(it: char) -> bool {
    it.is_control()
        || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is wrong goes into a message.
fn shown(text: &str) -> String {
    text.chars().filter(|it| !is_unseen(*it)).take(MAX_ID).collect()
}
