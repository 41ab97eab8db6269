//! What is shown of a broken build rule: one diagnostic per place, what can be done, and everything known on hover.

use fixloop_model::{BuildCheck, Rating, Span};
use fixloop_policy::{Campaign, Ruling};
use serde_json::{Value, json};

use crate::actions::of_command;
use crate::build_rules::Broken;
use crate::commands::{NOT_USEFUL, OPEN_ADVISORY};
use crate::documents::Judged;
use crate::position::Encoding;
use crate::protocol::{
    Diagnostic, DiagnosticSeverity, Position, Range, Uri, diagnostic, with_code,
};

/// Why an alert does not help, in words and as the command takes it.
pub(crate) const NOT_USEFUL_REASONS: [(&str, &str); 3] =
    [("wrong", "wrong"), ("not mine", "not_mine"), ("cannot now", "cannot_now")];

/// Of every place that is shown, in order.
pub(crate) fn of_rules(judged: &Judged, encoding: Encoding) -> Vec<Diagnostic> {
    let of_broken =
        |broken| places(broken).map(move |place| of_place(judged, encoding, broken, place));
    judged.rules.shown().flat_map(of_broken).collect()
}

/// The broken rule that each of [`of_rules`] is about.
pub(crate) fn broken_of_each(judged: &Judged) -> impl Iterator<Item = &Broken> {
    judged.rules.shown().flat_map(|it| places(it).map(move |_| it))
}

fn places(broken: &Broken) -> impl Iterator<Item = &BuildCheck> {
    broken.places.iter()
}

fn of_place(
    judged: &Judged,
    encoding: Encoding,
    broken: &Broken,
    place: &BuildCheck,
) -> Diagnostic {
    let severity = match place.severity {
        Some(Rating::Low | Rating::None) => DiagnosticSeverity::Warning,
        _ => DiagnosticSeverity::Error,
    };
    let first = if broken.is_first == Some(true) { "New here: " } else { "" };
    let said = format!("{first}{}", place.summary);
    let lines = [broken.ruling.words.as_deref(), Some(&*said), Some(&*place.fix)];
    let lines: Vec<&str> = lines.into_iter().flatten().filter(|it| !it.is_empty()).collect();
    let range = range(judged, encoding, place);
    let mut shown = diagnostic(range, severity, lines.join("\n"));
    shown.data = Some(json!({
        "ecosystem": "",
        "package": broken.rule,
        "isFirstReference": broken.is_first,
    }));
    with_code(shown, &broken.rule, url(broken, place))
}

fn url<'b>(broken: &'b Broken, place: &'b BuildCheck) -> &'b str {
    broken.ruling.link.as_deref().unwrap_or(&place.url)
}

/// The line, or the first one where no line says it.
fn range(judged: &Judged, encoding: Encoding, place: &BuildCheck) -> Range {
    let document = &judged.document;
    let number = place.line.map_or(0, |it| it.saturating_sub(1)) as usize;
    let span = document.lines.span(&document.text, number).unwrap_or(Span::new(0, 0));
    document.lines.range(&document.text, encoding, span)
}

/// The rule that is shown on a line, and where.
pub(crate) fn at_line(
    judged: &Judged,
    encoding: Encoding,
    position: Position,
) -> Option<(&Broken, &BuildCheck, Range)> {
    let all = judged.rules.shown().flat_map(|it| places(it).map(move |place| (it, place)));
    let mut placed = all.map(|(it, place)| (it, place, range(judged, encoding, place)));
    placed.find(|(.., range)| range.start.line == position.line)
}

pub(crate) fn actions(uri: &Uri, broken: &Broken, shown: &Diagnostic) -> Vec<Value> {
    let mut actions = Vec::new();
    if let Some(place) = broken.places.first().filter(|it| !url(broken, it).is_empty()) {
        let argument = json!({"url": url(broken, place)});
        let title = format!("Read more of {}", broken.rule);
        actions.push(of_command(title, OPEN_ADVISORY, argument, shown));
    }
    for (words, reason) in NOT_USEFUL_REASONS {
        let about = json!({
            "uri": uri, "ecosystem": "", "package": broken.rule, "reason": reason,
        });
        actions.push(of_command(format!("Not useful here: {words}"), NOT_USEFUL, about, shown));
    }
    actions
}

/// The campaign that decided, if one did.
pub(crate) fn campaign<'j>(judged: &'j Judged, ruling: &Ruling) -> Option<&'j Campaign> {
    let name = ruling.campaign.as_deref()?;
    judged.applies.as_ref()?.resolution.campaigns.iter().find(|it| it.name() == name)
}
