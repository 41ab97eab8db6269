//! `fixloop policy build`: the record as a signed bundle, published where editors read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_fleet::{Fleet, FleetRepository};
use fixloop_model::Timestamp;
use fixloop_policy::{
    Assigned, BranchKind, Bundle, Campaign, Expect, GateSettings, Key, Mode, OrganizationKey,
    PublicKey, RepositoryId, Ring, RuleText, SCHEMA, SigningKey, Step, Telemetry, Treatment, sign,
    verify,
};
use fixloop_program::record::{
    Built, Campaign as CampaignRecord, ObjectId, Record, RolloutState, RuleRecord,
};
use fixloop_store::{Writing, digest};
use rand::TryRng;
use rand::rngs::SysRng;
use thiserror::Error;

use crate::data::{Data, DataArguments, sink_folder};
use crate::error::CommandError;

/// In the data directory.
const FOLDER: &str = "policy";
const BUNDLE: &str = "bundle.json";
const SIGNING_KEY: &str = "signing.key";
const PUBLIC_KEY: &str = "public.key";

/// How long a bundle counts, unless another one comes.
const DAYS: u32 = 30;
/// In microseconds.
const DAY: i64 = 86_400_000_000;
/// Seconds between two looks.
const POLL: u32 = 60;

/// Sign what the record says, and publish it as DATA/policy/bundle.json
///
/// Commands that change what teams get do this by themselves. Copy the file to where editors read it, or let them read it where it is: a share
/// or any https server. Its public key is DATA/policy/public.key. What is not said here stays as in the last bundle.
#[derive(Args)]
pub(crate) struct BuildArguments {
    #[command(flatten)]
    data: DataArguments,
    /// A copy for editors, written whole
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Where editors flush their events to [default: DATA/sink]
    #[arg(long, value_name = "DIR")]
    sink: Option<PathBuf>,
    /// How many days it counts
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=366))]
    days: Option<u32>,
    /// Seconds between two looks of an editor
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    poll: Option<u32>,
    /// What a surface does that no treatment speaks to
    #[arg(long, value_enum)]
    otherwise: Option<OtherwiseName>,
    /// Where a build ends if it could not be verified; none turns it off (with commas between them)
    #[arg(long, value_enum, value_name = "BRANCHES", value_delimiter = ',')]
    fail_unverified: Option<Vec<UnverifiedName>>,
    /// Turn the kill switch, for the reason --why: everything observes
    #[arg(long, value_enum, requires = "why")]
    kill_switch: Option<SwitchName>,
    /// Why the kill switch is turned
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum OtherwiseName {
    Observe,
    Alert,
}

#[derive(Clone, Copy, ValueEnum)]
enum UnverifiedName {
    None,
    PullRequest,
    Default,
    Release,
    Other,
}

impl UnverifiedName {
    fn kind(self) -> Option<BranchKind> {
        match self {
            Self::None => None,
            Self::PullRequest => Some(BranchKind::PullRequest),
            Self::Default => Some(BranchKind::Default),
            Self::Release => Some(BranchKind::Release),
            Self::Other => Some(BranchKind::Other),
        }
    }
}

#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
enum SwitchName {
    On,
    Off,
}

#[derive(Debug, Error)]
enum BuildError {
    #[error("failed to write `{}`", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("failed to read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` holds no signing key", .0.display())]
    Key(PathBuf),
    #[error("the operating system has no random numbers")]
    Random(#[source] rand::rngs::SysError),
    #[error("what the record says is no policy that an editor would believe: {0}")]
    Content(String),
}

/// What a bundle says besides the record.
struct Settings {
    sink: PathBuf,
    poll: u32,
    otherwise: Mode,
    days: u32,
    gate: GateSettings,
}

pub(super) fn run(arguments: &BuildArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    if let Some(switch) = arguments.kill_switch {
        let why = arguments.why.as_deref().unwrap_or("");
        data.change(|record| record.switch(switch == SwitchName::On, why))?;
    }
    let mut settings = settings(&mut data)?;
    if let Some(sink) = &arguments.sink {
        settings.sink = std::path::absolute(sink)?;
    }
    settings.poll = arguments.poll.unwrap_or(settings.poll);
    settings.days = arguments.days.unwrap_or(settings.days);
    if let Some(branches) = &arguments.fail_unverified {
        settings.gate.fail_unverified = branches.iter().filter_map(|it| it.kind()).collect();
    }
    settings.otherwise = match arguments.otherwise {
        Some(OtherwiseName::Observe) => Mode::Observe,
        Some(OtherwiseName::Alert) => Mode::Alert,
        None => settings.otherwise,
    };
    let file = publish_with(&mut data, &settings)?;
    if let Some(copy) = &arguments.into {
        let bytes =
            fs::read(&file).map_err(|source| BuildError::Read { path: file.clone(), source })?;
        write_whole(copy, &bytes)?;
    }
    data.show(&[ObjectId::POLICY])?;
    data.say(&format!(
        "\npublished as {}; editors need FIXLOOP_POLICY={0} and FIXLOOP_POLICY_KEY={}",
        file.display(),
        data.folder.join(FOLDER).join(PUBLIC_KEY).display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// That the last bundle will soon count no more, and every editor would observe.
pub(crate) fn expiry(record: &Record, now: jiff::Timestamp) -> Option<String> {
    let last = record.policy.built.last()?;
    let left = (last.expires_at.as_microsecond() - now.as_microsecond()) / DAY;
    match left {
        ..0 => Some(format!(
            "bundle {} expired at {}: every editor observes. fixloop policy build renews it",
            last.version, last.expires_at
        )),
        0..7 => Some(format!(
            "bundle {} expires at {}, in {left} days: fixloop policy build renews it",
            last.version, last.expires_at
        )),
        _ => None,
    }
}

/// Publishes again if anything was published before.
pub(crate) fn publish_if_there(data: &mut Data) -> Result<(), CommandError> {
    if data.record()?.policy.version() > 0 {
        publish(data)?;
    }
    Ok(())
}

/// Signs and publishes what the record says now; returns the bundle's version.
pub(crate) fn publish(data: &mut Data) -> Result<u64, CommandError> {
    let published = settings(data).and_then(|settings| publish_with(data, &settings));
    published.map_err(|it| {
        it.hint("the record was changed and editors were not told yet: mend this, then fixloop policy build")
    })?;
    Ok(data.record()?.policy.version())
}

fn publish_with(data: &mut Data, settings: &Settings) -> Result<PathBuf, CommandError> {
    let key = signing_key(&data.folder)?;
    let fleet = data.folder.join("fleet");
    let repositories = if fleet.exists() { Fleet::open(&fleet)?.repositories } else { Vec::new() };
    fixloop_telemetry::prepare_sink(&settings.sink, &data.store.organization().id)?;
    let organization = data.store.organization().clone();
    let now = data.now();
    let whose = (&*organization.id, &organization.key);
    // Believed by an editor, before anybody has to read it.
    let preview = bundle(&data.record()?, whose, &repositories, (settings, now));
    fixloop_policy::check(&preview).map_err(BuildError::Content)?;
    data.change(|record| {
        let bundle = bundle(record, whose, &repositories, (settings, now));
        let file = sign(&bundle, &key);
        let expires = jiff::Timestamp::from_microsecond(bundle.expires_at);
        let built = Built {
            version: bundle.version,
            digest: digest(&file),
            expires_at: expires.unwrap_or(jiff::Timestamp::MAX),
        };
        Ok(Writing { files: vec![file], changes: vec![record.built(built)?] })
    })?;
    write_latest(data)
}

/// Writes the last bundle of the record, whoever built it: of two processes the later version stays.
fn write_latest(data: &mut Data) -> Result<PathBuf, CommandError> {
    let path = data.folder.join(FOLDER).join(BUNDLE);
    loop {
        let version = data.record()?.policy.version();
        if let Some(file) = last_file(data)? {
            write_whole(&path, &file)?;
        }
        if data.record()?.policy.version() == version {
            return Ok(path);
        }
    }
}

fn last_file(data: &mut Data) -> Result<Option<Vec<u8>>, CommandError> {
    let record = data.record()?;
    let Some(built) = record.policy.built.last() else { return Ok(None) };
    Ok(data.store.file(&built.digest)?)
}

/// As in the last bundle.
fn settings(data: &mut Data) -> Result<Settings, CommandError> {
    let mut settings = Settings {
        sink: sink_folder(&data.folder),
        poll: POLL,
        otherwise: Mode::Observe,
        days: DAYS,
        gate: GateSettings::default(),
    };
    let Some(file) = last_file(data)? else { return Ok(settings) };
    let key = signing_key(&data.folder)?.public();
    // Ours, whenever it was made.
    let record = data.record()?;
    let at = record.policy.built.last().map_or(0, |it| it.expires_at.as_microsecond() - 1);
    let expect = Expect { now: Timestamp(at), organization: None, last_version: None };
    if let Ok(last) = verify(&file, &key, &expect) {
        settings.poll = last.poll_seconds;
        settings.otherwise = last.otherwise;
        settings.gate = last.gate;
        let days = (last.expires_at - last.issued_at) / DAY;
        settings.days = u32::try_from(days).unwrap_or(DAYS).max(1);
        settings.sink = last.telemetry.sink.map_or(settings.sink, PathBuf::from);
    }
    Ok(settings)
}

fn bundle(
    record: &Record,
    (organization, key): (&str, &OrganizationKey),
    repositories: &[FleetRepository],
    (settings, now): (&Settings, jiff::Timestamp),
) -> Bundle {
    let issued_at = now.as_microsecond();
    let teams: BTreeMap<Key, String> = repositories
        .iter()
        .map(|it| (key.repository(&RepositoryId::of_address(&it.url)), team_of(it)))
        .collect();
    let rings = record.rings_in_order().into_iter();
    let open = record.rollouts.values().filter(|it| it.state != RolloutState::RolledBack);
    let assigned = open.flat_map(|rollout| {
        rollout.ledger.iter().map(|row| Assigned {
            rollout: rollout.id.to_string(),
            treatment: rollout.plan.treatment.to_string(),
            team: row.team.clone(),
            arm: row.arm,
            is_live: matches!(rollout.state, RolloutState::Live | RolloutState::Done)
                && rollout.live_rings.contains(&row.ring),
        })
    });
    let treatments: Vec<Treatment> =
        record.treatments.values().map(|it| it.plan.data.clone()).collect();
    let campaigns: Vec<Campaign> = record.open_campaigns().map(|it| campaign(record, it)).collect();
    Bundle {
        schema: SCHEMA.to_owned(),
        organization: organization.to_owned(),
        version: record.policy.version() + 1,
        issued_at,
        expires_at: issued_at + i64::from(settings.days) * DAY,
        kill_switch: record.policy.kill_switch,
        poll_seconds: settings.poll,
        telemetry: Telemetry {
            key: key.clone(),
            sink: Some(settings.sink.to_string_lossy().into_owned()),
        },
        otherwise: settings.otherwise,
        repositories: teams,
        rings: rings
            .map(|it| Ring { name: it.plan.name.clone(), teams: it.plan.teams.clone() })
            .collect(),
        rules: rules(record, &treatments, &campaigns),
        treatments,
        assigned: assigned.collect(),
        advisories: private_advisories(record),
        campaigns,
        gate: settings.gate.clone(),
    }
}

/// The private records of open campaigns, each once.
fn private_advisories(record: &Record) -> Vec<serde_json::Value> {
    let mut all: Vec<serde_json::Value> = Vec::new();
    for it in record.open_campaigns().flat_map(|it| &it.plan.private) {
        if !all.iter().any(|known| known.get("id") == it.get("id")) {
            all.push(it.clone());
        }
    }
    all
}

fn campaign(record: &Record, it: &CampaignRecord) -> Campaign {
    let ring = |id: ObjectId| record.rings.get(&id.number()).map(|it| it.plan.name.clone());
    let steps = it.steps.iter().map(|it| Step {
        ring: it.ring.and_then(ring),
        mode: it.mode,
        since: it.since.as_microsecond(),
        grace_hours: it.grace_hours,
    });
    let plan = it.plan.as_published(it.id);
    Campaign { version: it.version, steps: steps.collect(), ..plan }
}

/// The texts of those that treatments or campaigns are about: an editor reads no more than it needs.
fn rules(record: &Record, treatments: &[Treatment], campaigns: &[Campaign]) -> Vec<RuleText> {
    let of_treatments = treatments.iter().filter_map(|it| it.rule.as_deref());
    let of_campaigns = campaigns.iter().flat_map(|it| it.rules.iter().map(|it| &**it));
    let named: BTreeSet<&str> = of_treatments.chain(of_campaigns).collect();
    let found = named.into_iter().filter_map(|it| record.rule_called(it));
    let text = |it: &RuleRecord| RuleText {
        id: it.plan.rule.clone(),
        version: it.version,
        text: it.plan.text.clone(),
    };
    found.map(text).collect()
}

/// As in every statistic: a repository without a team is one.
pub(crate) fn team_of(it: &FleetRepository) -> String {
    it.team.clone().unwrap_or_else(|| it.name.clone())
}

/// The organization's signing key, made the first time. Whoever has it decides what editors show.
fn signing_key(folder: &Path) -> Result<SigningKey, CommandError> {
    let path = folder.join(FOLDER).join(SIGNING_KEY);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let key = text.trim().parse::<SigningKey>();
            let key = key.map_err(|_| BuildError::Key(path.clone()))?;
            write_public(folder, &key.public())?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut seed = [0; 32];
            SysRng.try_fill_bytes(&mut seed).map_err(BuildError::Random)?;
            let key = SigningKey::from_seed(seed);
            make_secret(&path, &key)?;
            // Two processes made one: the file that is there counts.
            signing_key(folder)
        }
        Err(source) => Err(BuildError::Read { path, source }.into()),
    }
}

fn make_secret(path: &Path, key: &SigningKey) -> Result<(), CommandError> {
    let failed = |source| BuildError::Write { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    // Whole or not at all, and only its owner's to read: half a key would stand in the way for good.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let line = format!("{}\n", key.to_secret_line());
    file.write_all(line.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Err(it) if it.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => Ok(other.map(|_| ()).map_err(|it| failed(it.error))?),
    }
}

fn write_public(folder: &Path, key: &PublicKey) -> Result<(), CommandError> {
    let path = folder.join(FOLDER).join(PUBLIC_KEY);
    let line = format!("{key}\n");
    if fs::read_to_string(&path).is_ok_and(|it| it == line) {
        return Ok(());
    }
    write_whole(&path, line.as_bytes())
}

/// Never half written: editors may look at any moment.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let failed = |source| BuildError::Write { path: path.to_owned(), source };
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    #[cfg(unix)]
    {
        // Everybody may read what is signed.
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        fs::set_permissions(file.path(), readable).map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|it| failed(it.error))?;
    Ok(())
}
