//! `fixloop db update`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Args;
use fixloop_client::with_causes;
use fixloop_feed::{
    DEFAULT_ECOSYSTEMS, DEFAULT_URL, UpdateOptions, Updated, cached_paths, import, read_epss,
    read_kev, update_ecosystem, update_file,
};
use fixloop_index::{Builder, Index, Urgency, UrgencyParts};
use fixloop_report::{day, visible};
use fixloop_version::Scheme;
use thiserror::Error;

use crate::commands::db::import::{write_report, write_urgency};
use crate::error::CommandError;
use crate::index_path::IndexArgument;
use crate::output::print;
use crate::progress::Progress;

const KEV_URL: &str =
    "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
const EPSS_URL: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

/// Fetch what changed from OSV's public bucket and write the index anew
///
/// Asks only for what is new since the last time; a download that broke off goes on. Downloads are kept in a folder beside the index.
/// The proxies and certificates of this system are used (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`). The index is rebuilt from every
/// ecosystem that was ever fetched and from the paths given with --with, in place of the one there.
///
/// Exit code: 0 if everything is up to date; 2 if something could not be fetched (the index then holds what there was).
#[derive(Args)]
pub(crate) struct UpdateArguments {
    /// Only this ecosystem, by its OSV name (repeatable) [default: those of the formats that fixloop reads]
    #[arg(long = "ecosystem", value_name = "NAME")]
    ecosystems: Vec<String>,
    /// Further records for the index: folders, archives or single records (repeatable)
    #[arg(long = "with", value_name = "PATH")]
    with: Vec<PathBuf>,
    /// The bucket, or a mirror of it
    #[arg(long, env = "FIXLOOP_FEED_URL", default_value = DEFAULT_URL)]
    url: String,
    /// The catalog of known exploited vulnerabilities; empty for none
    #[arg(long, env = "FIXLOOP_KEV_URL", default_value = KEV_URL, value_name = "URL")]
    kev_url: String,
    /// The scores of EPSS; empty for none
    #[arg(long, env = "FIXLOOP_EPSS_URL", default_value = EPSS_URL, value_name = "URL")]
    epss_url: String,
    /// How long a server may be silent, in seconds
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    #[command(flatten)]
    index: IndexArgument,
}

#[derive(Debug, Error)]
enum UpdateCommandError {
    #[error("no place for the index: neither --index nor a home folder is given")]
    NoPlace,
    #[error("`{0}` is no ecosystem of OSV")]
    Ecosystem(String),
    #[error("`{0}` is no address: it begins with neither http:// nor https://")]
    Address(String),
    #[error("failed to create folder `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
}

pub(crate) fn run(arguments: &UpdateArguments) -> Result<ExitCode, CommandError> {
    let path = arguments.index.path().ok_or(UpdateCommandError::NoPlace)?;
    check(arguments)?;
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        let failed = |source| UpdateCommandError::Folder { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let options = UpdateOptions {
        url: arguments.url.trim_end_matches('/').to_owned(),
        cache: path.with_extension("feed"),
        timeout: Duration::from_secs(arguments.timeout),
    };
    let mut failures: Vec<String> = Vec::new();
    fetch_records(arguments, &options, &path, &mut failures)?;
    fetch_urgency(arguments, &options, &path, &mut failures)?;
    if failures.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    print(|out| {
        writeln!(out, "not brought up to date:")?;
        failures.iter().try_for_each(|it| writeln!(out, "  {}", visible(it)))
    })?;
    Ok(ExitCode::from(2))
}

fn check(arguments: &UpdateArguments) -> Result<(), CommandError> {
    for name in &arguments.ecosystems {
        if Scheme::for_ecosystem(name).is_none() {
            let same = |it: &&&str| it.eq_ignore_ascii_case(name);
            let error = CommandError::from(UpdateCommandError::Ecosystem(name.clone()));
            return Err(match DEFAULT_ECOSYSTEMS.iter().find(same) {
                Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                None => {
                    error.hint(format!("among others there are {}", DEFAULT_ECOSYSTEMS.join(", ")))
                }
            });
        }
    }
    for url in [&arguments.url, &arguments.kev_url, &arguments.epss_url] {
        let is_address = ["http://", "https://"].iter().any(|it| url.starts_with(it));
        if !is_address && (url == &arguments.url || !url.is_empty()) {
            return Err(UpdateCommandError::Address(url.clone()).into());
        }
    }
    Ok(())
}

/// Updates each ecosystem's cache, then the index, unless that would lose an ecosystem.
fn fetch_records(
    arguments: &UpdateArguments,
    options: &UpdateOptions,
    path: &Path,
    failures: &mut Vec<String>,
) -> Result<(), CommandError> {
    let named: Vec<&str> = arguments.ecosystems.iter().map(|it| &**it).collect();
    let ecosystems = if named.is_empty() { DEFAULT_ECOSYSTEMS } else { &named };
    let before = cached_paths(&options.cache)?;
    let mut is_missing = false;
    for ecosystem in ecosystems {
        let progress = Progress::new("KiB read");
        let updated = update_ecosystem(options, ecosystem, &|n_bytes| progress.set(n_bytes >> 10));
        progress.finish();
        match updated {
            Ok(updated) => print(|out| writeln!(out, "{ecosystem}: {}", words(updated)))?,
            Err(error) => {
                failures.push(format!("{ecosystem}: {}", with_causes(&error)));
                let folder = options.cache.join(ecosystem);
                is_missing |= !before.iter().any(|it| it.starts_with(&folder));
            }
        }
    }
    let paths = cached_paths(&options.cache)?;
    if (is_missing && path.exists()) || paths.is_empty() {
        if !path.exists() {
            return Ok(print(|out| writeln!(out, "no index was written"))?);
        }
        let kept = Index::open(path).ok().and_then(|it| it.summary().as_of);
        let which = kept.map_or("as it was".to_owned(), |it| format!("of {}", day(it)));
        print(|out| writeln!(out, "the index is kept {which}: {}", path.display()))?;
        return Ok(());
    }
    if !is_stale(path, &paths) && arguments.with.is_empty() {
        return Ok(print(|out| writeln!(out, "the index is up to date: {}", path.display()))?);
    }
    build(&[&paths[..], &arguments.with].concat(), path)
}

/// Whether the index is older than what it is made from.
fn is_stale(index: &Path, paths: &[PathBuf]) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|it| it.modified());
    let newest = paths.iter().filter_map(|it| modified(it).ok()).max();
    let newest = newest.unwrap_or(SystemTime::UNIX_EPOCH);
    modified(index).map_or(true, |index| index < newest) || Index::open(index).is_err()
}

fn build(paths: &[PathBuf], path: &Path) -> Result<(), CommandError> {
    let mut builder = Builder::default();
    // An index that is there and readable hands down the names of its alias groups.
    if let Ok(earlier) = Index::open(path)
        && earlier.verify().is_ok()
    {
        builder.keep_representatives(&earlier)?;
    }
    let progress = Progress::new("records read");
    let report = import(paths, &mut builder, |done| progress.set(done));
    progress.finish();
    let built = builder.build()?;
    built.write(path)?;
    print(|out| {
        write_report(&report, out)?;
        let kib = built.n_bytes().div_ceil(1024);
        writeln!(out, "wrote {} records, {kib} KiB: {}", report.n_records, path.display())
    })?;
    Ok(())
}

fn fetch_urgency(
    arguments: &UpdateArguments,
    options: &UpdateOptions,
    path: &Path,
    failures: &mut Vec<String>,
) -> Result<(), CommandError> {
    let mut parts = UrgencyParts::default();
    if !arguments.kev_url.is_empty() {
        let read = update_file(options, &arguments.kev_url, "kev.json");
        match read
            .map_err(|it| with_causes(&it))
            .and_then(|it| read_kev(&it).map_err(|it| with_causes(&it)))
        {
            Ok(read) => parts.exploited = Some(read),
            Err(error) => failures.push(format!("known exploited: {error}")),
        }
    }
    if !arguments.epss_url.is_empty() {
        let read = update_file(options, &arguments.epss_url, "epss.csv.gz");
        match read
            .map_err(|it| with_causes(&it))
            .and_then(|it| read_epss(&it).map_err(|it| with_causes(&it)))
        {
            Ok(read) => parts.scored = Some(read),
            Err(error) => failures.push(format!("probabilities: {error}")),
        }
    }
    if parts.exploited.is_some() || parts.scored.is_some() {
        write_urgency(&parts, &Urgency::path_beside(path))?;
    }
    Ok(())
}

fn words(updated: Updated) -> String {
    match updated {
        Updated::Unchanged => "nothing new".to_owned(),
        Updated::Records(1) => "1 record new or changed".to_owned(),
        Updated::Records(n) => format!("{n} records new or changed"),
        Updated::Archive { n_records, n_bytes } => {
            format!("{n_records} records ({} KiB fetched)", n_bytes.div_ceil(1024))
        }
    }
}
