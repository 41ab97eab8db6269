//! `fixloop experiment plan`.

mod past;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use fixloop_experiment::{PlanError, PlanQuestion, Treatment, default_looks, plan};
use fixloop_report::{PlanReport, experiment_plan_json, write_experiment_plan_text};

use crate::error::{CommandError, warn};
use crate::intervals::{ColumnArguments, condition};
use crate::mined::MiningArguments;
use crate::output::{Format, print};
use past::Scope;

/// What a pilot in a few teams can show, before it starts, and what it cannot
///
/// Mines the repositories as fixloop history does (or reads a table with --from), offers the best design that the treatment and the number of
/// teams allow, and tells its power: by formula, and by replaying the past. For a replay weeks of the organisation's own teams are drawn,
/// the effect is planted, and the analysis that the pilot would get is made, hundreds of times. Nothing leaves this machine.
///
/// Exit code: 0 if a design is offered, 1 if every design is refused, 2 if the past cannot be read or says nothing.
#[derive(Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    mining: MiningArguments,
    /// A CSV file with one row per finding instead of repositories: team, time, status, and when its clock started (day, disclosed or start)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "fleet"])]
    from: Option<PathBuf>,
    #[command(flatten)]
    columns: ColumnArguments,
    /// In the table: when its clock started, in days [default: day, disclosed]
    #[arg(long, value_name = "COLUMN")]
    day: Option<String>,
    /// In the table: whether its advisory was public when the version came in [default: known]
    #[arg(long, value_name = "COLUMN")]
    known: Option<String>,
    /// In the table: status codes that are a fix
    #[arg(long, value_name = "CODE", value_delimiter = ',', default_value = "1")]
    event: Vec<String>,
    /// In the table: only rows with this value in this column; may be repeated
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    conditions: Vec<(String, String)>,
    /// What people would get
    #[arg(long, value_enum)]
    treatment: TreatmentName,
    /// Which opportunities it is about
    #[arg(long, value_enum, default_value_t = Scope::All)]
    scope: Scope,
    /// Wanted cut of the time to fix
    #[arg(long, value_name = "PERCENT", default_value = "30", value_parser = super::written::percent)]
    effect: f64,
    /// Smallest cut that is worth the trouble
    #[arg(long, value_name = "PERCENT", default_value = "10", value_parser = super::written::percent)]
    worthwhile: f64,
    /// Teams in the pilot, both arms together; --teams with a number says the same [default: as many as the past has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pilot_teams: Option<u32>,
    /// Days of the pilot, follow-up included
    #[arg(long, default_value = "28", value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Of these, the last, in which new opportunities do not count any more
    #[arg(long, value_name = "DAYS", default_value = "0")]
    follow_up: u32,
    /// What is open when the pilot starts counts up to this age; 0 counts only what is new [default: 90; 0 at introduction]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=365))]
    stock: Option<u32>,
    /// Error that is accepted, two-sided
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = super::written::share)]
    alpha: f64,
    /// Wanted share of pilots in which the effect is seen
    #[arg(long, value_name = "PERCENT", default_value = "80", value_parser = super::written::percent)]
    power: f64,
    /// Days on which somebody looks, or `end` [default: working days up to 14 days, else weekly]
    #[arg(long, value_name = "DAYS", value_delimiter = ',')]
    looks: Vec<String>,
    /// Imagined pilots for each design
    #[arg(long, value_name = "N", default_value = "400", value_parser = clap::value_parser!(u32).range(40..=100_000))]
    runs: u32,
    /// The same seed imagines the same pilots
    #[arg(long, default_value = "1")]
    seed: u64,
    /// For people, or `fixloop.experiment-plan/1` for scripts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum TreatmentName {
    /// A hint in the editor
    Hint,
    /// A comment on a pull request
    PrComment,
    /// A pull request with the upgrade
    AutoPr,
    /// A warning in the build
    BuildWarn,
    /// A build that fails
    BuildBreak,
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no day of the pilot")]
struct NoDay(String);

pub(crate) fn run(mut arguments: PlanArguments) -> Result<ExitCode, CommandError> {
    let looks = arguments.looks()?;
    let number = arguments.mining.take_number_of_teams();
    let n_teams = arguments.pilot_teams.or(number);
    let read = past::read(&arguments)?;
    let n_past = u32::try_from(read.past.teams.len()).unwrap_or(u32::MAX);
    let is_at_introduction = arguments.scope == Scope::AtIntroduction;
    let question = PlanQuestion {
        treatment: arguments.treatment.of(),
        effect: arguments.effect,
        n_teams: n_teams.unwrap_or(n_past),
        days: arguments.days,
        follow_up: arguments.follow_up,
        alpha: arguments.alpha,
        power: arguments.power,
        looks,
        stock_days: arguments.stock.unwrap_or(if is_at_introduction { 0 } else { 90 }),
        n_runs: arguments.runs as usize,
        seed: arguments.seed,
    };
    let plan = plan(&read.past, &question).map_err(hinted)?;
    let is_refused = plan.chosen.is_none();
    let report = PlanReport {
        subject: read.subject,
        teams_from: read.teams_from,
        scope: arguments.scope.told().to_owned(),
        reach: read.reach,
        first_reference: read.first_reference,
        worthwhile: arguments.worthwhile,
        plan,
    };
    match arguments.format {
        Format::Text => print(|out| write_experiment_plan_text(&report, out))?,
        Format::Json => {
            let document = experiment_plan_json(&report);
            print(|out| writeln!(out, "{document:#}"))?;
        }
    }
    for line in read.warnings {
        warn(&line);
    }
    Ok(ExitCode::from(u8::from(is_refused)))
}

fn hinted(error: PlanError) -> CommandError {
    let hint = match &error {
        PlanError::Past(_) => {
            "a longer past, more repositories or a wider --scope has more to draw from; --days with fewer days needs less"
        }
        PlanError::Looks { .. } => "--looks 7,14,28 of --days 28, or --looks end",
        PlanError::Size(_) | PlanError::Range { .. } => {
            "fixloop experiment plan --help has the ranges"
        }
    };
    CommandError::from(error).hint(hint)
}

impl PlanArguments {
    fn looks(&self) -> Result<Vec<u32>, CommandError> {
        match &*self.looks {
            [] => Ok(default_looks(self.days)),
            [one] if one == "end" => Ok(vec![self.days]),
            days => {
                let day = |it: &String| it.trim().parse().map_err(|_| NoDay(it.clone()));
                let looks = days.iter().map(day).collect::<Result<_, _>>();
                looks.map_err(|it| CommandError::from(it).hint("--looks 7,14,28, or --looks end"))
            }
        }
    }
}

impl TreatmentName {
    fn of(self) -> Treatment {
        match self {
            Self::Hint => Treatment::Hint,
            Self::PrComment => Treatment::PrComment,
            Self::AutoPr => Treatment::AutoPr,
            Self::BuildWarn => Treatment::BuildWarn,
            Self::BuildBreak => Treatment::BuildBreak,
        }
    }
}
