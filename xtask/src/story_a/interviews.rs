//! Interviews with made-up people: what they say is written here, the case that they are asked about comes from their own history.

use std::fs;
use std::path::Path;

use fixloop_sim::Organization;

use crate::story_command::Fixloop;

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
    let mut teams: Vec<String> = candidates["teams"]
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
        let date = fixloop.now().to_string();
        fs::write(&page, filled(&text, &date[..10], quote, (did, is_unprompted)))?;
        fixloop.run(&["interview", "add", &path])?;
    }
    Ok(())
}

/// Fills the page in: the day, for or against, a quote, what was done the last time, and two marks.
fn filled(page: &str, date: &str, quote: &str, (did, is_unprompted): (&str, bool)) -> String {
    let mut text = String::new();
    for line in page.lines() {
        let filled = match line.split_once(':').map(|it| it.0) {
            Some("date") => format!("date: {date}"),
            Some("stance") => "stance: for".to_owned(),
            Some("unprompted") => {
                format!("unprompted: {}", if is_unprompted { "yes" } else { "no" })
            }
            Some("bothered") => "bothered: yes".to_owned(),
            Some("The case") => format!("{line}\n\n{did}"),
            _ if line.trim() == ">" => format!("> {quote}"),
            _ => line.to_owned(),
        };
        text.push_str(&filled);
        text.push('\n');
    }
    text
}
