//! `fixloop explain`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Args;
use fixloop_index::{Index, IndexError, Record, Urgency};
use fixloop_manifest::PackageUrl;
use fixloop_match::{Explained, Known, Verdict, check, explain_package, explain_record};
use fixloop_model::{Component, Reach, Severity, SeveritySource, Source, Span, normalize_name};
use fixloop_report::{day, visible};
use thiserror::Error;

use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::output::print;

/// Say what a record affects, or why a version matches or does not
///
/// With an id (CVE-…, GHSA-…, RUSTSEC-…): its aliases, severity, packages and ranges. With a package URL: every record of the package
/// and, if it has a version, which of them affect it and the rule that decided. With both: that record and that package.
#[derive(Args)]
pub(crate) struct ExplainArguments {
    /// An id, or a package URL like `pkg:npm/minimist@0.0.8`
    #[arg(value_name = "ID|PURL")]
    subject: String,
    /// A package URL: only what the id says of this package
    #[arg(value_name = "PURL")]
    package: Option<String>,
    #[command(flatten)]
    index: IndexArgument,
}

#[derive(Debug, Error)]
enum ExplainError {
    #[error("`{0}` is no package URL")]
    Purl(String),
    #[error("the index has no record `{0}` among {1}")]
    Unknown(String, usize),
}

pub(crate) fn run(arguments: &ExplainArguments) -> Result<ExitCode, CommandError> {
    let index = arguments.index.open()?;
    let urgency = arguments.index.urgency()?;
    let package = arguments.package.as_deref().map(purl).transpose()?;
    if arguments.subject.starts_with("pkg:") {
        let subject = purl(&arguments.subject)?;
        explain_purl(&index, &subject, None)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(record) = find(&index, &arguments.subject)? else {
        let error = ExplainError::Unknown(arguments.subject.clone(), index.n_records());
        let hint =
            "fixloop db update brings the index up to date; fixloop db info says what it holds";
        return Err(CommandError::from(error).hint(hint));
    };
    write_record(&index, &record, &urgency)?;
    if let Some(package) = package {
        explain_purl(&index, &package, Some(record.group()))?;
    } else {
        let explained = explain_record(&index, record.group())?;
        print(|out| explained.iter().try_for_each(|it| write_explained(it, true, out)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn purl(written: &str) -> Result<PackageUrl, CommandError> {
    PackageUrl::parse(written).ok_or_else(|| {
        let error = CommandError::from(ExplainError::Purl(written.to_owned()));
        error.hint("write pkg:npm/lodash@4.17.11, pkg:pypi/jinja2, pkg:maven/group/artifact@1.0")
    })
}

/// The record of this id, or one of which it is an alias.
fn find<'i>(index: &'i Index, id: &str) -> Result<Option<Record<'i>>, IndexError> {
    for record in index.records() {
        let record = record?;
        if record.id()?.eq_ignore_ascii_case(id) {
            return Ok(Some(record));
        }
        for alias in record.group_ids() {
            if alias?.eq_ignore_ascii_case(id) {
                return Ok(Some(record));
            }
        }
    }
    Ok(None)
}

fn write_record(index: &Index, record: &Record<'_>, urgency: &Urgency) -> Result<(), CommandError> {
    let ids = record.group_ids().collect::<Result<Vec<_>, _>>()?;
    let mut lines = vec![visible(&ids.join(" ")).into_owned()];
    for of_group in index.records() {
        let of_group = of_group?;
        if of_group.group() != record.group() {
            continue;
        }
        let mut line = format!("  {}", visible(of_group.id()?));
        for (what, time) in [
            ("published", of_group.published()),
            ("modified", of_group.modified()),
            ("withdrawn", of_group.withdrawn()),
        ] {
            if let Some(time) = time {
                line.extend(["  ", what, " ", &day(time)]);
            }
        }
        lines.push(line);
        for text in [of_group.summary()?, of_group.url()?] {
            if !text.is_empty() {
                lines.push(format!("    {}", visible(text)));
            }
        }
    }
    for id in &ids {
        if let Some(exploited) = urgency.exploited(id) {
            let ransomware = if exploited.by_ransomware { ", also by ransomware" } else { "" };
            lines.push(format!(
                "  {id} is known to be exploited since {}{ransomware}",
                exploited.since
            ));
        }
        if let Some(probability) = urgency.probability(id) {
            lines.push(format!(
                "  {id} is exploited within 30 days with probability {probability} (EPSS)"
            ));
        }
    }
    print(|out| lines.iter().try_for_each(|it| writeln!(out, "{it}")))?;
    Ok(())
}

/// Every record of the package, or those of one alias group.
fn explain_purl(
    index: &Index,
    package: &PackageUrl,
    group: Option<u32>,
) -> Result<(), CommandError> {
    let ecosystem = package.ecosystem.as_str();
    let mut explained =
        explain_package(index, ecosystem, &package.name, package.version.as_deref())?;
    if let Some(group) = group {
        let mut of_group = Vec::new();
        for record in index.records() {
            let record = record?;
            if record.group() == group {
                of_group.push(record.id()?.to_owned());
            }
        }
        explained.retain(|it| of_group.contains(&it.id));
    }
    let normalized = normalize_name(ecosystem, &package.name);
    let nearest = match &package.version {
        Some(version) if group.is_none() => nearest_clear(index, package, version)?,
        _ => None,
    };
    print(|out| {
        write!(out, "{} {}", visible(ecosystem), visible(&package.name))?;
        if normalized != *package.name {
            write!(out, ", looked up as `{}`", visible(&normalized))?;
        }
        writeln!(out)?;
        if explained.is_empty() {
            let what = if group.is_some() { "the record does not name" } else { "no record names" };
            return writeln!(out, "  {what} this package in {}", visible(ecosystem));
        }
        explained.iter().try_for_each(|it| write_explained(it, false, out))?;
        match &nearest {
            Some(version) => {
                writeln!(out, "  the nearest version that clears all: {}", visible(version))
            }
            None => Ok(()),
        }
    })?;
    Ok(())
}

/// What the scan would say to upgrade to.
fn nearest_clear(
    index: &Index,
    package: &PackageUrl,
    version: &str,
) -> Result<Option<String>, CommandError> {
    let component = Component {
        version: Some(version.to_owned()),
        source: Source::PublicRegistry,
        reach: Reach::Direct,
        ..Component::new(package.ecosystem.clone(), package.name.clone(), Span::default())
    };
    let checked = check(&Known::new(index), &component, &[])?;
    Ok(checked.matches.into_iter().find_map(|it| it.fixed_version))
}

fn write_explained(it: &Explained, with_package: bool, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "  {}", visible(&it.id))?;
    if with_package {
        write!(out, "  {} {}", visible(&it.ecosystem), visible(&it.name))?;
    }
    if let Some(severity) = &it.severity {
        write!(out, "  {}", severity_text(severity))?;
    }
    if it.is_withdrawn {
        write!(out, "  withdrawn")?;
    }
    writeln!(out)?;
    for text in &it.affected {
        writeln!(out, "    {}", visible(text))?;
    }
    if let Some(decision) = &it.decision {
        let verdict = match decision.verdict {
            Verdict::Affected => "affected",
            Verdict::NotAffected => "not affected",
            Verdict::Undecided => "cannot be decided",
        };
        writeln!(out, "    {verdict}: {}", visible(&decision.rule))?;
    }
    Ok(())
}

fn severity_text(severity: &Severity) -> String {
    match &severity.source {
        SeveritySource::Record => severity.rating.as_str().to_owned(),
        SeveritySource::Cvss { version, score_tenths, vector } => format!(
            "{} {}.{} (CVSS {version}, {})",
            severity.rating.as_str(),
            score_tenths / 10,
            score_tenths % 10,
            visible(vector)
        ),
    }
}
