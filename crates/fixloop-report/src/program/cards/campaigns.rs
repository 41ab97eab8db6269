//! Campaigns: what had to go by when, how hard rings were told, and how each look found it.

use fixloop_program::record::{Campaign, ObjectId, Record, mode_word};

use super::{Card, Group};
use crate::program::words::when;

/// Nothing in a record without campaigns.
pub(super) fn campaigns(record: &Record) -> Option<Group> {
    let cards: Vec<Card> = record.campaigns.values().map(|it| card(record, it)).collect();
    let (key, title, nothing) = ("campaigns", "Campaigns", "No campaign yet.");
    (!cards.is_empty()).then_some(Group { key, title, nothing, cards })
}

fn card(record: &Record, it: &Campaign) -> Card {
    let ring = |id: ObjectId| {
        record.rings.get(&id.number()).map_or(id.to_string(), |it| it.plan.name.clone())
    };
    let pivots = it.pivots.iter().map(|it| {
        let rings: Vec<String> = it.pivot.rings.iter().map(|it| ring(*it)).collect();
        let rings = if rings.is_empty() { "every ring".to_owned() } else { rings.join(", ") };
        let moved = format!("{} → {}", mode_word(it.pivot.from), mode_word(it.pivot.to));
        let names = format!("{} and {}", it.by.as_str(), it.pivot.with.as_str());
        let back = it.taken_back.as_ref().map(|it| format!("by {}: {}", it.by.as_str(), it.why));
        vec![when(it.at), moved, rings, names, it.pivot.why.clone(), back.unwrap_or_default()]
    });
    let looks = it.looks.iter().map(|it| {
        let counts = &it.counts;
        let numbers = [counts.affected, counts.fixed, counts.clean, counts.unknown];
        [vec![when(it.at)], numbers.map(|it| it.to_string()).to_vec()].concat()
    });
    Card::new(it.id, it.state.as_str(), &it.plan.title)
        .pair("owner", &it.plan.owner)
        .pair("contact", &it.plan.contact)
        .pair("deadline", when(it.plan.deadline))
        .pair("advisories", it.plan.advisories.join(", "))
        .pair("rules", it.plan.rules.join(", "))
        .pair("version", it.version.to_string())
        .table("Pivots", &["When", "What", "Rings", "Names", "Why", "Taken back"], pivots.collect())
        .table("Looks", &["When", "Affected", "Fixed", "Clean", "Unknown"], looks.collect())
        .with(&it.history)
}
