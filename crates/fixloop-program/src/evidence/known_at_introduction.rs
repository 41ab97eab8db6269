//! Known at introduction: the reach of any alert *at the first reference*.
//!
//! An opportunity is known if its first advisory was public when the version came in. Nothing shown at the first reference can help the
//! others: those need alerts on what is already present.

use fixloop_model::Opportunity;

use super::{Evidence, Lines, Measure, Mined, Tally, Unit, Verdict, open_days, team};

/// A wanted change of a fifth is out of reach of less than a fifth; over half, most of it is in reach.
pub const LINES: Lines = Lines::of(0.2, 0.5);

/// What is known of one opportunity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// The advisory was public when the version came in.
    Known,
    /// It was published after.
    Later,
    /// It was there at the first commit of the history, after the publication: it came in at some time before.
    CannotTell,
}

impl Kind {
    pub fn of(it: &Opportunity) -> Self {
        // `introduced` of a left-truncated one is the first commit's time, and it came in then or before.
        match (it.disclosed <= it.introduced, it.left_truncated) {
            (false, _) => Self::Later,
            (true, false) => Self::Known,
            (true, true) => Self::CannotTell,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known at introduction",
            Self::Later => "disclosed later",
            Self::CannotTell => "cannot tell",
        }
    }
}

const DEFINITION: &str = "x: opportunities whose first advisory was published at or before the commit that brought the vulnerable version in. n: all opportunities of which that can be told. Open days: from max(introduced, disclosed) to the end, or to when it was last proved to be there.";

pub fn known_at_introduction(mined: Mined<'_>, lines: Lines) -> Evidence {
    let told = || mined.opportunities.iter().filter(|it| Kind::of(it) != Kind::CannotTell);
    let is_known = |it: &Opportunity| f64::from(u8::from(Kind::of(it) == Kind::Known));
    let counts: Vec<Tally<'_>> =
        told().map(|it| Tally { team: team(it), x: is_known(it), n: 1.0 }).collect();
    let by_days: Vec<Tally<'_>> = told()
        .map(|it| Tally { team: team(it), x: is_known(it) * open_days(it), n: open_days(it) })
        .collect();
    let measure = Measure::of(Unit::Counts, &counts);
    let n_cannot_tell = mined.opportunities.len() - counts.len();
    let examples = [Kind::Known, Kind::Later, Kind::CannotTell]
        .map(|kind| mined.examples(kind.as_str(), |it| Kind::of(it) == kind));
    Evidence {
        query: "known-at-introduction",
        definition: DEFINITION.to_owned(),
        unit: "opportunities",
        did: "came in when their advisory was already public",
        verdict: Verdict::of(&measure, lines),
        reason: (counts.is_empty()).then(|| reason(n_cannot_tell)),
        measure,
        open_days: Some(Measure::of(Unit::Days, &by_days)),
        lines,
        facts: vec![(
            "cannot tell",
            format!(
                "{n_cannot_tell} more were there at the first commit, after the publication: in no share"
            ),
        )],
        examples: examples.concat(),
        limits: vec![
            "The first advisory decides: one published later on the same version is in the opportunity's open days, too.".to_owned(),
            "It is the reach at most: an alert at the first reference may be overlooked or dismissed.".to_owned(),
        ],
    }
}

fn reason(n_cannot_tell: usize) -> String {
    if n_cannot_tell == 0 {
        "there is no opportunity".to_owned()
    } else {
        format!("all {n_cannot_tell} opportunities were there at the first commit of the history")
    }
}
