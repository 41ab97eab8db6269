//! Everything that a verdict depends on, from the tree, its merge-base, the policy and the environment.

use std::path::Path;

use fixloop_client::{
    BuildChecks, Policy, PolicySource, Standing, Tree, private_index, public_key,
};
use fixloop_gate::{PolicyState, Question, Side, compare, take_back_bare_exceptions};
use fixloop_history::Repository;
use fixloop_model::{Files, Scan, Timestamp};
use fixloop_policy::{Bundle, RepositoryId, Resolution, Surface, Why};
use fixloop_scan::{Folder, Indexes, Options, accept_checks, scan};
use fixloop_telemetry::Machine;

use super::GateArguments;
use super::break_glass;
use super::build::Build;
use super::events::Recording;
use crate::error::CommandError;
use crate::index_path::data_folder;
use crate::merge_base::{BaseError, BaseSide, accepted, base_side, is_scanned};
use crate::today::today;

/// What is judged, and what it takes to record the verdict.
pub(super) struct Gathered {
    pub(super) question: Question,
    pub(super) recording: Recording,
}

/// What decides here, and whether it can be believed.
pub(super) struct Decides {
    pub(super) standing: Option<Standing>,
    pub(super) resolution: Resolution,
    state: PolicyState,
    pub(super) unverified: Vec<String>,
    repository: Option<RepositoryId>,
}

pub(super) fn gather(arguments: &GateArguments, build: &Build) -> Result<Gathered, CommandError> {
    let machine = Machine::of_process()?;
    let now = machine.time.now();
    let Decides { standing, resolution, state, mut unverified, repository } =
        decides(arguments, &machine);
    let bundle = standing.as_ref().and_then(|it| it.bundle().cloned());
    let checks = build_checks(bundle.as_deref(), &resolution);
    unverified.extend(checks.unread.iter().cloned());
    let index = arguments.index.open()?;
    let own = bundle.as_ref().map_or(&[][..], |it| &it.advisories);
    let private = match private_index(own) {
        Ok(private) => private,
        Err(error) => {
            unverified.push(CommandError::from(error).chain());
            None
        }
    };
    let indexes = Indexes { private: private.as_ref(), ..Indexes::from(&index) };
    let options = Options {
        mirrors: arguments.mirrors.iter().map(|it| it.to_ascii_lowercase()).collect(),
        respect_gitignore: true,
        with_inventory: false,
        vex: Vec::new(),
        urgency: arguments.index.urgency()?,
        today: today(),
    };
    let mut head = scan(&arguments.path, indexes, &options, &|_, _| {})?;
    let notes = take_back_bare_exceptions(&mut head);
    let configuration = configuration(&arguments.path, &checks);
    head.checks = checks.of(&configuration);
    accept_checks(&mut head, &configuration, today())?;
    head.unknown.extend(configuration.unknown.iter().cloned());
    let base = base(arguments, (indexes, &options), &checks, &mut unverified)?;
    let compared = base.as_ref().map(|it| {
        let side = head_side(&head, &configuration);
        compare(&it.side, &side, Some(it.time))
    });
    let repository_of_tree = Repository::containing(&arguments.path).ok();
    let commit = repository_of_tree.as_ref().and_then(|(it, _)| it.head().ok());
    let commit = commit.map(|it| it.to_string());
    let folder = repository_of_tree.map(|(_, below)| below).unwrap_or_default();
    let place = repository.as_ref().map(ToString::to_string).unwrap_or_default();
    let fails_unverified = arguments.fail_unverified
        || bundle.as_ref().is_some_and(|it| it.gate.fail_unverified.contains(&build.branch));
    let recording = Recording::new(machine, bundle.as_deref(), repository, &arguments.path);
    let question = Question {
        scan: head,
        compared,
        base: base.map(|it| it.base),
        resolution,
        policy: state,
        branch: build.branch,
        now,
        unverified,
        fails_unverified,
        notes,
        break_glass: break_glass::read(&place, commit, now),
        folder,
    };
    Ok(Gathered { question, recording })
}

/// The checks of build configuration that the policy asks for, or that are built in.
pub(super) fn build_checks(bundle: Option<&Bundle>, resolution: &Resolution) -> BuildChecks {
    match (bundle, resolution.has_policy()) {
        (Some(bundle), _) => BuildChecks::of_bundle(bundle, Surface::Build),
        (None, false) => BuildChecks::built_in(),
        (None, true) => BuildChecks::default(),
    }
}

/// Files that some check of build configuration reads.
fn configuration(path: &Path, checks: &BuildChecks) -> Folder {
    if checks.is_empty() {
        return Folder::at(path);
    }
    Folder::walk(path, true, &|it| checks.names(it))
}

fn head_side(head: &Scan, configuration: &Folder) -> Side {
    let (of_packages, of_rules) = accepted(head);
    let scanned = head.files.iter().map(|it| it.path.clone());
    Side {
        findings: head.findings.iter().cloned().chain(of_packages).collect(),
        checks: head.checks.iter().cloned().chain(of_rules).collect(),
        paths: scanned.chain(configuration.paths().iter().cloned()).collect(),
    }
}

/// What stood at the merge-base; nothing where that is not known, which is said instead of comparing with something else.
fn base(
    arguments: &GateArguments,
    scanned: (Indexes<'_>, &Options),
    checks: &BuildChecks,
    unverified: &mut Vec<String>,
) -> Result<Option<BaseSide>, CommandError> {
    let Some(revision) = &arguments.base else { return Ok(None) };
    let is_wanted = |path: &str| is_scanned(path) || checks.names(path);
    let of = |files: &dyn Files| checks.of(files);
    match base_side(&arguments.path, revision, scanned, (&is_wanted, &of)) {
        Ok(side) => Ok(Some(side)),
        Err(BaseError::Revision { revision, source }) => {
            let hint = source.hint().map(|it| format!(" ({it})")).unwrap_or_default();
            unverified.push(format!("nothing can be compared with `{revision}`: {source}{hint}"));
            Ok(None)
        }
        Err(error @ BaseError::Scan { .. }) => Err(error.into_command_error()),
    }
}

pub(super) fn decides(arguments: &GateArguments, machine: &Machine) -> Decides {
    let tree = Tree::of(&arguments.path);
    let named = arguments.repository.as_deref().map(RepositoryId::of_address);
    let repository = named.or_else(|| tree.and_then(|it| it.repository().cloned()));
    let (source, key) = match (&arguments.policy, &arguments.policy_key) {
        (None, None) => {
            let resolution = Resolution::without_policy();
            let (state, unverified) = (PolicyState::default(), Vec::new());
            return Decides { standing: None, resolution, state, unverified, repository };
        }
        (source, key) => (source.as_deref(), key.as_deref()),
    };
    let not_believed = |reason: String, repository| Decides {
        standing: None,
        resolution: Resolution::observing(Why::NotBelieved),
        state: PolicyState { trouble: Some(reason.clone()), ..PolicyState::default() },
        unverified: vec![reason],
        repository,
    };
    let mut policy = match opened(source, key, machine.time.now()) {
        Ok(policy) => policy,
        Err(reason) => return not_believed(reason, repository),
    };
    policy.poll(machine.time.now());
    let standing = policy.standing().clone();
    let Some(bundle) = standing.bundle().cloned() else {
        let reason = policy.trouble(machine.time.now());
        let reason = reason.unwrap_or_else(|| "there is no policy bundle".to_owned());
        return not_believed(reason, repository);
    };
    let resolution = standing.resolution(repository.as_ref());
    let state = state(&bundle, &resolution, policy.trouble(machine.time.now()));
    Decides { standing: Some(standing), resolution, state, unverified: Vec::new(), repository }
}

fn state(bundle: &Bundle, resolution: &Resolution, trouble: Option<String>) -> PolicyState {
    PolicyState {
        version: Some(bundle.version),
        team: resolution.team.clone(),
        ring: resolution.ring.clone(),
        trouble,
    }
}

fn opened(source: Option<&str>, key: Option<&str>, now: Timestamp) -> Result<Policy, String> {
    let missing = |it: &str| format!("the policy is configured without {it}");
    let source = source.ok_or_else(|| missing("--policy (FIXLOOP_POLICY)"))?;
    let key = key.ok_or_else(|| missing("--policy-key (FIXLOOP_POLICY_KEY)"))?;
    let source = PolicySource::read(source).map_err(|error| error.to_string())?;
    let key = public_key(key).map_err(|error| format!("--policy-key: {error}"))?;
    let cache = data_folder().map(|it| it.join("policy"));
    Ok(Policy::open(source, key, cache.as_deref(), now))
}
