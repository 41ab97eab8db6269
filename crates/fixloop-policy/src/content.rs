//! What a bundle may say: sizes, and that it does not contradict itself.

use std::collections::{HashMap, HashSet};

use crate::bundle::{Bundle, ORGANIZATION_WORDS};
use crate::campaign::Campaign;

const MAX_REPOSITORIES: usize = 100_000;
const MAX_TREATMENTS: usize = 1_000;
const MAX_RINGS: usize = 100;
const MAX_TEAMS: usize = 100_000;
const MAX_ASSIGNED: usize = 200_000;
const MAX_RULES: usize = 200;
const MAX_RULE_BYTES: usize = 64 << 10;
const MAX_ADVISORIES: usize = 200;
const MAX_CAMPAIGNS: usize = 50;
const MAX_ABOUT: usize = 1_000;

/// The rule that needs no text: it is code.
const BUILT_IN_RULE: &str = "dependency-confusion";

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
    at_most("rules", bundle.rules.len(), MAX_RULES)?;
    at_most("advisories", bundle.advisories.len(), MAX_ADVISORIES)?;
    at_most("campaigns", bundle.campaigns.len(), MAX_CAMPAIGNS)?;
    let rules = rules(bundle)?;
    let treatments = treatments(bundle)?;
    rings(bundle)?;
    bundle.treatments.iter().try_for_each(|it| match &it.rule {
        Some(rule) => known_rule(&rules, &it.id, rule),
        None => Ok(()),
    })?;
    bundle.campaigns.iter().try_for_each(|it| campaign(bundle, &rules, it))?;
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

fn rules(bundle: &Bundle) -> Result<HashSet<&str>, String> {
    let mut ids = HashSet::from([BUILT_IN_RULE]);
    for it in &bundle.rules {
        id("rule", &it.id)?;
        if !ids.insert(&*it.id) {
            return Err(format!("rule `{}` is there twice", it.id));
        }
        at_most("bytes of a rule", it.text.len(), MAX_RULE_BYTES)?;
    }
    Ok(ids)
}

fn known_rule(rules: &HashSet<&str>, whose: &str, rule: &str) -> Result<(), String> {
    let missing = || format!("`{whose}` names `{}`, which is no rule here", shown(rule));
    rules.contains(rule).then_some(()).ok_or_else(missing)
}

/// What a campaign may say, whatever else the bundle says: whoever enters one asks before it is written.
pub fn check_campaign(it: &Campaign) -> Result<(), String> {
    id("campaign", &it.id)?;
    named("campaign", &it.title)?;
    named("contact", &it.contact)?;
    words(&it.id, it.words.as_deref())?;
    link(&it.id, it.link.as_deref())?;
    at_most("advisories of a campaign", it.advisories.len(), MAX_ABOUT)?;
    at_most("rules of a campaign", it.rules.len(), MAX_RULES)?;
    at_most("steps of a campaign", it.steps.len(), MAX_RINGS)?;
    if it.advisories.is_empty() && it.rules.is_empty() {
        return Err(format!("`{}` is about nothing", it.id));
    }
    Ok(())
}

fn campaign(bundle: &Bundle, rules: &HashSet<&str>, it: &Campaign) -> Result<(), String> {
    check_campaign(it)?;
    it.rules.iter().try_for_each(|rule| known_rule(rules, &it.id, rule))?;
    let is_ring = |name: &String| bundle.rings.iter().any(|it| it.name == *name);
    match it.steps.iter().filter_map(|it| it.ring.as_ref()).find(|it| !is_ring(it)) {
        Some(ring) => Err(format!("`{}` names ring `{}`, which is not here", it.id, shown(ring))),
        None => Ok(()),
    }
}

fn id(what: &str, id: &str) -> Result<(), String> {
    let is_word = |it: u8| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(is_word) {
        let shown = shown(id);
        return Err(format!("`{shown}` cannot be a {what}'s id: `a` to `z`, digits and `-`"));
    }
    Ok(())
}

fn treatments(bundle: &Bundle) -> Result<HashSet<&str>, String> {
    let mut ids = HashSet::new();
    for it in &bundle.treatments {
        id("treatment", &it.id)?;
        if !ids.insert(&*it.id) {
            return Err(format!("treatment `{}` is there twice", it.id));
        }
        words(&it.id, it.words.as_deref())?;
        link(&it.id, it.link.as_deref())?;
    }
    Ok(ids)
}

fn words(whose: &str, words: Option<&str>) -> Result<(), String> {
    let is_wrong = |it: &str| {
        it.trim().is_empty() || it.chars().count() > MAX_WORDS || it.chars().any(is_unseen)
    };
    if words.is_some_and(is_wrong) {
        return Err(format!(
            "the words of `{whose}` have to be one line of at most {MAX_WORDS} characters"
        ));
    }
    Ok(())
}

fn link(whose: &str, link: Option<&str>) -> Result<(), String> {
    let is_address = |link: &str| {
        let rest = link.strip_prefix("https://").unwrap_or("");
        rest.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '[')
            && rest.bytes().all(|it| it.is_ascii_graphic())
            && link.len() <= MAX_LINK
    };
    if link.is_some_and(|it| !is_address(it)) {
        return Err(format!("the link of `{whose}` has to be an https address"));
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
