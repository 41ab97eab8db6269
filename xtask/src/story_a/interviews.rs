//! Interviews with made-up people: what they say is written here, the case that they are asked about comes from their own history.

use std::fs;
use std::path::Path;

use anyhow::Context;
use fixloop_sim::Organization;

use super::fixloop::Fixloop;

/// What five people said, what they did the last time, and whether they brought it up themselves.
const ANSWERS: [(&str, &str, bool); 5] = [
    (
        "I found out from the weekly list, after we had released.",
        "opened the list on Monday, planned it for the next sprint",
        true,
    ),
    ("By then three other services used it too.", "asked the other teams who would go first", true),
    (
        "Nobody looks at that page unless somebody shouts.",
        "waited until the security team wrote",
        false,
    ),
    (
        "If I had known when I typed it I would have taken the other one.",
        "upgraded a week after the mail came",
        true,
    ),
    ("It is always a surprise, and always late.", "stopped the release for half a day", true),
];

pub(super) fn hold(
    fixloop: &mut Fixloop,
    organization: &Organization,
    folder: &Path,
    problem: &str,
) -> anyhow::Result<()> {
    fixloop.run(&["interview", "candidates", problem])?;
    let candidates = fixloop.json(&["interview", "candidates", problem])?;
    let mut teams: Vec<String> = candidates["candidates"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["team"].as_str().map(str::to_owned))
        .collect();
    for it in organization.repositories() {
        if !teams.contains(&it.team) {
            teams.push(it.team);
        }
    }
    let pages = folder.join("interviews");
    fs::create_dir_all(&pages)?;
    for (team, (quote, did, is_unprompted)) in teams.iter().zip(ANSWERS) {
        fixloop.later(45)?;
        let page = pages.join(format!("{team}.md"));
        let path = page.display().to_string();
        fixloop.run(&["interview", "new", problem, "--team", team, "--into", &path])?;
        let text = fs::read_to_string(&page)?;
        fs::write(
            &page,
            filled(&text, quote, did, is_unprompted).context("the page has no such lines")?,
        )?;
        fixloop.run(&["interview", "add", &path])?;
    }
    Ok(())
}

/// Fills the page in as its comments ask for.
fn filled(page: &str, quote: &str, did: &str, is_unprompted: bool) -> Option<String> {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut set = |key: &str, value: &str| {
        let begin = format!("{key}:");
        let line = lines.iter_mut().find(|it| it.to_lowercase().starts_with(&begin))?;
        *line = format!("{} {value}", &line[..begin.len()]);
        Some(())
    };
    set("stance", "for")?;
    set("past behavior", did)?;
    set("unprompted", if is_unprompted { "yes" } else { "no" })?;
    set("bothered", "yes")?;
    lines.push(format!("> {quote}"));
    Some(lines.join("\n") + "\n")
}
