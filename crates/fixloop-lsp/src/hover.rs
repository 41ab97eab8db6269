//! Everything known about the dependency under the cursor, or the build rule that its line breaks.

use std::fmt::Write;

use fixloop_alert::{Alert, Basis};
use fixloop_index::Urgency;
use fixloop_match::Match;
use fixloop_model::{BuildCheck, Class, SeveritySource};
use fixloop_policy::{Campaign, Ruling};
use lsp_server::ErrorCode;
use serde_json::{Value, json};

use crate::build_rules::Broken;
use crate::main_loop::params;
use crate::protocol::{HoverParams, Position, Uri, hover};
use crate::rule_diagnostics::{at_line, campaign};
use crate::session::{Judge, Session};

/// Advisories shown of one package before the rest is counted.
const MAX_SHOWN: usize = 12;

/// Characters of one summary.
const MAX_SUMMARY: usize = 200;

impl Session {
    pub(crate) fn hover(
        &mut self,
        value: Value,
        judge: Option<Judge<'_, '_>>,
    ) -> Result<Value, (ErrorCode, String)> {
        let asked: HoverParams =
            params(value).map_err(|reason| (ErrorCode::InvalidParams, reason))?;
        let at = asked.text_document_position_params;
        let Some(judge) = judge.filter(|_| !self.is_observing()) else { return Ok(Value::Null) };
        let uri = at.text_document.uri;
        let is_markdown = self.client.markdown_hover;
        let writer = Writer { is_markdown, urgency: judge.urgency };
        let Some(judged) = self.documents.get(&uri) else { return Ok(Value::Null) };
        let Some((alert, ruling)) = self.alert_at(&uri, at.position) else {
            let found = at_line(judged, self.client.encoding, at.position);
            let Some((broken, place, range)) = found else { return Ok(Value::Null) };
            let text = writer.rule(broken, place, campaign(judged, &broken.ruling));
            let rule = broken.rule.clone();
            self.read(&uri, "", &rule);
            return Ok(json!(hover(range, text, is_markdown)));
        };
        let document = &judged.document;
        let range = document.lines.range(&document.text, self.client.encoding, alert.span);
        let is_first = judged.is_first_reference(alert);
        let text = writer.alert((alert, ruling), is_first, campaign(judged, ruling));
        let (ecosystem, package) = (alert.ecosystem.clone(), alert.name.clone());
        self.read(&uri, &ecosystem, &package);
        Ok(json!(hover(range, text, is_markdown)))
    }

    /// The shown alert whose name or version stands at a position; else the only one of that line.
    pub(crate) fn alert_at(&self, uri: &Uri, position: Position) -> Option<(&Alert, &Ruling)> {
        let judged = self.documents.get(uri)?;
        let document = &judged.document;
        let encoding = self.client.encoding;
        let offset = document.lines.offset(&document.text, encoding, position);
        let holds = |(alert, _): &(&Alert, &Ruling)| {
            let component = judged.parsed.components.get(alert.index);
            let spans = [Some(alert.span), component.map(|it| it.name_span)];
            spans
                .into_iter()
                .flatten()
                .any(|it| (it.start as usize..=it.end as usize).contains(&offset))
        };
        let of_line = |(alert, _): &(&Alert, &Ruling)| {
            document.lines.range(&document.text, encoding, alert.span).start.line == position.line
        };
        let alerts = || judged.shown();
        alerts().find(holds).or_else(|| {
            let mut of_line = alerts().filter(of_line);
            of_line.next().filter(|_| of_line.next().is_none())
        })
    }
}

/// Writes for clients that show Markdown, and for those that do not.
struct Writer<'u> {
    is_markdown: bool,
    urgency: &'u Urgency,
}

impl Writer<'_> {
    fn rule(&self, broken: &Broken, place: &BuildCheck, campaign: Option<&Campaign>) -> String {
        let mut out = String::new();
        self.line(&mut out, &self.bold(&place.summary));
        if let Some(words) = &broken.ruling.words {
            self.line(&mut out, &self.escaped(words));
        }
        let rating = place.severity.map(|it| format!(", {}", it.as_str())).unwrap_or_default();
        let first = if broken.is_first == Some(true) { ", new here" } else { "" };
        self.line(&mut out, &self.escaped(&format!("rule {}{rating}{first}", broken.rule)));
        self.line(&mut out, &self.escaped(&place.evidence));
        if !place.fix.is_empty() {
            self.line(&mut out, &self.escaped(&place.fix));
        }
        self.campaign(&mut out, campaign);
        if !place.url.is_empty() {
            self.line(&mut out, &self.link("More of it", &place.url));
        }
        if let Some(link) = &broken.ruling.link {
            self.line(&mut out, &self.link("More from your organization", link));
        }
        out.trim_end().to_owned()
    }

    /// By when, and whom to ask.
    fn campaign(&self, out: &mut String, campaign: Option<&Campaign>) {
        let Some(Campaign { title, deadline, contact, .. }) = campaign else { return };
        let day = jiff::Timestamp::from_microsecond(*deadline).ok();
        let by = day.map(|it| format!(", to be fixed by {}", it.strftime("%Y-%m-%d")));
        let by = by.unwrap_or_default();
        self.line(out, &self.escaped(&format!("Campaign: {title}{by}. Ask {contact}")));
    }

    fn alert(
        &self,
        (alert, ruling): (&Alert, &Ruling),
        is_first: bool,
        campaign: Option<&Campaign>,
    ) -> String {
        let mut out = String::new();
        let version = alert.version.as_deref().unwrap_or("");
        self.line(&mut out, &self.bold(&format!("{} {version}", alert.name)));
        if let Some(words) = &ruling.words {
            self.line(&mut out, &self.escaped(words));
        }
        self.line(&mut out, &self.why(alert, is_first));
        for it in alert.matches.iter().take(MAX_SHOWN) {
            self.advisory(&mut out, it);
        }
        let n_hidden = alert.matches.len().saturating_sub(MAX_SHOWN);
        if n_hidden > 0 {
            self.line(&mut out, &format!("and {n_hidden} more advisories"));
        }
        if !alert.matches.is_empty() {
            self.line(
                &mut out,
                &match alert.clear_version() {
                    Some(version) => format!("{} clears all advisories.", self.bold(version)),
                    None => "No version that clears all advisories is known.".to_owned(),
                },
            );
        }
        if !alert.brought.is_empty() {
            self.line(&mut out, &self.bold("Brings in"));
        }
        for brought in alert.brought.iter().take(MAX_SHOWN) {
            let chain = brought.chain.join(" > ");
            self.line(
                &mut out,
                &self.escaped(&format!("{} {}: {chain}", brought.name, brought.version)),
            );
            for it in brought.matches.iter().take(MAX_SHOWN) {
                self.advisory(&mut out, it);
            }
        }
        if let Some(reason) = &alert.unknown {
            self.line(&mut out, &self.escaped(&format!("Not analyzed: {reason}")));
        }
        self.campaign(&mut out, campaign);
        if let Some(link) = &ruling.link {
            self.line(&mut out, &self.link("More from your organization", link));
        }
        out.trim_end().to_owned()
    }

    /// An address behind words, where the client makes one of it.
    fn link(&self, words: &str, url: &str) -> String {
        let is_address = url.starts_with("https://") && !url.contains([' ', ')', '(', '<', '>']);
        match (self.is_markdown, is_address) {
            (true, true) => format!("[{}]({url})", self.escaped(words)),
            _ => format!("{}: {}", self.escaped(words), self.escaped(url)),
        }
    }

    fn why(&self, alert: &Alert, is_first: bool) -> String {
        let asked = alert.requirement.as_deref().map(code);
        let basis = match (&alert.basis, asked) {
            (Basis::Locked(lockfile), Some(asked)) => {
                format!("{asked} resolves to it in {}", self.escaped(lockfile))
            }
            (Basis::Locked(lockfile), None) => format!("locked in {}", self.escaped(lockfile)),
            (Basis::Requirement(_), Some(asked)) => {
                format!("{asked} admits it; no lockfile says what is installed")
            }
            (Basis::Written | Basis::Requirement(_) | Basis::Unknown, _) => {
                "named in this file".to_owned()
            }
        };
        let first = if is_first { ", new here" } else { "" };
        format!("{}, {basis}{first}", alert.ecosystem)
    }

    fn advisory(&self, out: &mut String, it: &Match) {
        let mut line = String::new();
        let id = it.ids.first().map_or("", |it| it);
        let is_address =
            it.url.starts_with("https://") && !it.url.contains([' ', ')', '(', '<', '>']);
        if self.is_markdown && is_address {
            write!(line, "[{}]({})", self.escaped(id), it.url)
                .expect("writing to a string succeeds");
        } else {
            line.push_str(&self.escaped(id));
        }
        for alias in it.ids.iter().skip(1) {
            line.push(' ');
            line.push_str(&self.escaped(alias));
        }
        line.push_str(": ");
        line.push_str(&severity(it));
        if let Some(exploited) = it.ids.iter().find_map(|id| self.urgency.exploited(id)) {
            write!(line, ", {}", self.bold(&format!("known exploited since {}", exploited.since)))
                .expect("writing to a string succeeds");
        }
        let probability =
            it.ids.iter().filter_map(|id| self.urgency.probability(id)).max_by(f64::total_cmp);
        if let Some(probability) = probability {
            write!(line, ", exploitation {:.1} % in 30 days", probability * 100.0)
                .expect("writing to a string succeeds");
        }
        match &it.fixed_in {
            Some(version) => write!(line, ", fixed in {version}"),
            None => write!(line, ", no fix known"),
        }
        .expect("writing to a string succeeds");
        self.line(out, &line);
        if !it.summary.is_empty() {
            let summary: String = it.summary.chars().take(MAX_SUMMARY).collect();
            self.line(out, &self.escaped(&summary));
        }
    }

    /// A paragraph of its own in Markdown.
    fn line(&self, out: &mut String, text: &str) {
        out.push_str(text);
        out.push_str(if self.is_markdown { "\n\n" } else { "\n" });
    }

    fn bold(&self, text: &str) -> String {
        if self.is_markdown { format!("**{}**", self.escaped(text)) } else { text.to_owned() }
    }

    /// Advisories are others' words: they must not become links, pictures or markup.
    fn escaped(&self, text: &str) -> String {
        let text = text.replace(|it: char| it.is_control(), " ");
        if !self.is_markdown {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for it in text.chars() {
            if "\\`*_{}[]()#!|<>&~".contains(it) {
                out.push('\\');
            }
            out.push(it);
        }
        out
    }
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// `high 7.4 (CVSS 3.1)`, or the class of what is no vulnerability.
fn severity(it: &Match) -> String {
    match (it.class, &it.severity) {
        (Class::Vulnerability, None) => "no rating".to_owned(),
        (Class::Vulnerability, Some(severity)) => match &severity.source {
            SeveritySource::Cvss { version, score_tenths, .. } => {
                let (whole, tenth) = (score_tenths / 10, score_tenths % 10);
                format!("{} {whole}.{tenth} (CVSS {version})", severity.rating.as_str())
            }
            SeveritySource::Record => {
                format!("{} (database's own rating)", severity.rating.as_str())
            }
        },
        (class, _) => class.as_str().to_owned(),
    }
}
