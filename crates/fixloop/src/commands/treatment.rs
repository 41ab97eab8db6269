//! `fixloop treatment`.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fixloop_model::Rating;
use fixloop_policy::{Mode, Moment, Scope, Surface, Treatment};
use fixloop_program::record::{Kind, ObjectId, TreatmentKind, TreatmentPlan};

use crate::data::{DataArguments, ShowArguments};
use crate::error::CommandError;

/// What is tried, as data: changed without a release
#[derive(Subcommand)]
pub(crate) enum TreatmentCommand {
    Create(Box<CreateArguments>),
    Change(Box<ChangeArguments>),
    /// Show treatments
    Show(ShowArguments),
}

/// Describe a treatment
#[derive(Args)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    data: DataArguments,
    /// In a few words
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// What it is
    #[arg(long, value_enum, default_value_t = KindName::IdeHint)]
    kind: KindName,
    /// Where it meets people
    #[arg(long, value_enum, default_value_t = SurfaceName::Editor)]
    surface: SurfaceName,
    /// At the first reference to a package, or to whatever is there
    #[arg(long, value_enum)]
    moment: MomentName,
    /// How hard
    #[arg(long, value_enum, default_value_t = ModeName::Alert)]
    mode: ModeName,
    /// What it is about
    #[arg(long, value_enum, default_value_t = ScopeName::All)]
    scope: ScopeName,
    /// The rule that it is about, by its id; without one it is about packages
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Below this severity it says nothing
    #[arg(long, value_name = "SEVERITY", value_parser = rating)]
    threshold: Option<Rating>,
    /// A sentence that stands before the alert's own words
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// An https link to more
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// It cannot be taken back
    #[arg(long)]
    irreversible: bool,
    /// What it cost to build
    #[arg(long, value_name = "DAYS")]
    cost_days: Option<f64>,
}

/// Change words, threshold, link or mode: the next version. An experiment on it begins anew
#[derive(Args)]
pub(crate) struct ChangeArguments {
    #[command(flatten)]
    data: DataArguments,
    treatment: ObjectId,
    /// How hard
    #[arg(long, value_enum)]
    mode: Option<ModeName>,
    /// Below this severity it says nothing
    #[arg(long, value_name = "SEVERITY", value_parser = rating)]
    threshold: Option<Rating>,
    /// A sentence that stands before the alert's own words
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// An https link to more
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    IdeHint,
    PrComment,
    AutoPr,
    BuildWarn,
    BuildBreak,
}

#[derive(Clone, Copy, ValueEnum)]
enum SurfaceName {
    Editor,
    Agent,
    PullRequest,
    Build,
}

#[derive(Clone, Copy, ValueEnum)]
enum MomentName {
    FirstReference,
    Present,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    Alert,
    Break,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeName {
    All,
    Malicious,
    Direct,
}

fn rating(word: &str) -> Result<Rating, String> {
    Rating::from_word(word)
        .ok_or_else(|| format!("`{word}` is no severity: low, medium, high or critical"))
}

impl From<ModeName> for Mode {
    fn from(it: ModeName) -> Self {
        match it {
            ModeName::Alert => Self::Alert,
            ModeName::Break => Self::Break,
        }
    }
}

pub(crate) fn run(command: TreatmentCommand) -> Result<ExitCode, CommandError> {
    match command {
        TreatmentCommand::Create(arguments) => create(*arguments),
        TreatmentCommand::Change(arguments) => change(*arguments),
        TreatmentCommand::Show(arguments) => arguments.run(Kind::Treatment),
    }
}

fn create(arguments: CreateArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    let treatment = Treatment {
        id: String::new(),
        version: 1,
        surface: match arguments.surface {
            SurfaceName::Editor => Surface::Editor,
            SurfaceName::Agent => Surface::Agent,
            SurfaceName::PullRequest => Surface::PullRequest,
            SurfaceName::Build => Surface::Build,
        },
        moment: match arguments.moment {
            MomentName::FirstReference => Moment::FirstReference,
            MomentName::Present => Moment::Present,
        },
        mode: arguments.mode.into(),
        rule: arguments.rule,
        scope: match arguments.scope {
            ScopeName::All => Scope::All,
            ScopeName::Malicious => Scope::Malicious,
            ScopeName::Direct => Scope::Direct,
        },
        threshold: arguments.threshold,
        words: arguments.words,
        link: arguments.link,
    };
    let plan = TreatmentPlan {
        name: arguments.name,
        kind: match arguments.kind {
            KindName::IdeHint => TreatmentKind::IdeHint,
            KindName::PrComment => TreatmentKind::PrComment,
            KindName::AutoPr => TreatmentKind::AutoPr,
            KindName::BuildWarn => TreatmentKind::BuildWarn,
            KindName::BuildBreak => TreatmentKind::BuildBreak,
        },
        data: treatment,
        is_reversible: !arguments.irreversible,
        cost_days: arguments.cost_days,
    };
    data.change_and_show(|record| record.create_treatment(plan))?;
    Ok(ExitCode::SUCCESS)
}

fn change(arguments: ChangeArguments) -> Result<ExitCode, CommandError> {
    let mut data = arguments.data.open()?;
    data.change_and_show(|record| {
        // As it is now: what a colleague changed meanwhile stays.
        let mut treatment = record.treatment(arguments.treatment)?.plan.data.clone();
        if let Some(mode) = arguments.mode {
            treatment.mode = mode.into();
        }
        treatment.threshold = arguments.threshold.or(treatment.threshold);
        treatment.words = arguments.words.or(treatment.words);
        treatment.link = arguments.link.or(treatment.link);
        record.change_treatment(arguments.treatment, treatment, &arguments.why)
    })?;
    super::policy::publish_if_there(&mut data)?;
    Ok(ExitCode::SUCCESS)
}
