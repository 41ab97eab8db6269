//! The record from commands, as the store fills it: entry after entry, an hour apart.

mod campaigns;
mod clock;
mod corrupt;
mod experiments;
mod key_results;
mod problems;
mod properties;
mod reading;
mod rollouts;
mod rules;
mod states;

use fixloop_policy::{Arm, Mode, Moment, Scope, Surface, Treatment};
use jiff::civil::date;

use super::*;

fn id(text: &str) -> ObjectId {
    text.parse().unwrap()
}

fn actor(name: &str) -> Actor {
    Actor::new(name).unwrap()
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_798_000_000 + hours * 3_600).unwrap()
}

fn basis() -> Basis {
    let (query_hash, method) = ("0".repeat(64), "a test".to_owned());
    Basis { query_hash, cut: at(0), method, document: None }
}

/// What commands answer with.
trait Changes {
    fn all(self) -> Vec<Change>;
}

impl Changes for Change {
    fn all(self) -> Vec<Change> {
        vec![self]
    }
}

impl Changes for Vec<Change> {
    fn all(self) -> Vec<Change> {
        self
    }
}

/// `what -> way out`, or `allowed`.
fn told<C: Changes>(answer: Result<C, Refusal>) -> String {
    match answer {
        Ok(_) => "allowed".to_owned(),
        Err(it) => format!("{}\n    -> {}", it.what, it.way_out),
    }
}

/// Rows of a table for a snapshot.
fn table(rows: impl IntoIterator<Item = (&'static str, String)>) -> String {
    rows.into_iter()
        .flat_map(|(name, text)| [name.to_owned(), ": ".to_owned(), text, "\n".to_owned()])
        .collect()
}

#[derive(Clone, Default)]
struct Making {
    entries: Vec<Entry>,
    record: Record,
}

impl Making {
    /// What a command answered is written.
    #[track_caller]
    fn make<C: Changes>(&mut self, wanted: impl FnOnce(&Record) -> Result<C, Refusal>) {
        let changes = wanted(&self.record).unwrap_or_else(|it| panic!("{it}: {}", it.way_out));
        self.write(changes.all()).unwrap();
    }

    /// All of it or nothing.
    fn write(&mut self, changes: Vec<Change>) -> Result<(), Corrupt> {
        let (mut record, mut entries) = (self.record.clone(), self.entries.clone());
        for change in changes {
            let seq = record.seq + 1;
            let hours = i64::try_from(seq).unwrap();
            let entry =
                Entry { seq, at: at(hours), actor: actor("Laura"), is_clock_set: false, change };
            record.add(&entry)?;
            entries.push(entry);
        }
        (self.record, self.entries) = (record, entries);
        Ok(())
    }

    /// `objective-1` and `kr-1`, active.
    fn okr() -> Self {
        let mut it = Self::default();
        it.make(|record| record.create_objective("fix faster", (None, None, None)));
        it.make(|record| record.create_key_result(key_result("objective-1"), Vec::new()));
        it.make(|record| record.key_result(id("kr-1"))?.check(Vec::new()));
        it.make(|record| record.key_result(id("kr-1"))?.activate(None));
        it
    }

    /// `problem-1` with one prediction.
    fn framed() -> Self {
        let mut it = Self::okr();
        it.make(|record| record.create_problem("x", id("kr-1"), (at(0), None), Vec::new()));
        it.make(|record| record.frame(id("problem-1"), vec![prediction()]));
        it
    }

    fn gathering() -> Self {
        let mut it = Self::framed();
        it.make(|record| record.file_evidence(note("problem-1", Stance::Neither)));
        it
    }

    /// `problem-1` with this answer, judged.
    fn judged(verdict: &str) -> Self {
        let mut it = Self::framed();
        it.make(|record| record.file_evidence(answered("problem-1", verdict)));
        it.make(|record| record.judge(id("problem-1"), None, None));
        it
    }

    fn supported() -> Self {
        Self::judged("supported")
    }

    fn confirmed() -> Self {
        let mut it = Self::supported();
        it.confirm();
        it
    }

    fn confirm(&mut self) {
        for n in 0..5 {
            let page = format!("page {n}");
            self.make(|record| record.file_interview(interview("problem-1", &page, Stance::For)));
        }
        self.make(|record| record.judge(id("problem-1"), None, None));
    }

    /// Four rings of two teams, `treatment-1`, `solution-1` and `rollout-1`.
    fn planned(mut self, mode: Mode) -> Self {
        for (n, name) in (0..).zip(["canary", "pilot", "early", "broad"]) {
            let teams = vec![format!("{name} a"), format!("{name} b")];
            self.make(|record| record.set_ring(ring(name, n, teams), ""));
        }
        self.make(|record| record.create_treatment(treatment(mode)));
        self.make(|record| record.create_solution(solution()));
        self.make(|record| record.plan_rollout(rollout()));
        self
    }

    /// `experiment-1` on the pilot ring, one team treated and one silent.
    fn running(self) -> Self {
        let mut it = self.registered();
        it.make(|record| record.assign(id("rollout-1"), rows("pilot", "ring-2")));
        it.make(|record| record.ramp(id("rollout-1"), id("ring-2"), (&actor("Laura"), None)));
        it.make(|record| record.start(id("experiment-1"), started()));
        it
    }

    fn registered(mut self) -> Self {
        let of = (id("solution-1"), id("rollout-1"));
        self.make(|record| record.create_experiment(of, None));
        self.make(|record| record.register(id("experiment-1"), registered()));
        self
    }

    /// The look of day 14 ended it with this verdict.
    fn analysed(self, verdict: &str) -> Self {
        let mut it = self.running();
        it.make(|record| record.look(readout(14.0, verdict), Some("the rule".to_owned())));
        it
    }
}

fn pilot() -> Making {
    Making::supported().planned(Mode::Alert)
}

fn key_result(objective: &str) -> (KeyResultPlan, FrozenBaseline) {
    let plan = KeyResultPlan {
        objective: id(objective),
        statement: None,
        metric: "time_to_fix".to_owned(),
        statistic: "restricted mean".to_owned(),
        unit: "days".to_owned(),
        population: "all".to_owned(),
        clock: "start".to_owned(),
        event: "fixed".to_owned(),
        target: Some("-20%".to_owned()),
        target_value: Some(8.0),
        reduction: Some(0.2),
        start: date(2027, 1, 1),
        end: Some(date(2027, 3, 31)),
        owner: Some("Laura".to_owned()),
        risk: None,
        guards: Vec::new(),
    };
    let baseline = FrozenBaseline {
        value: Some(10.0),
        interval: Some((8.0, 12.0)),
        from: date(2026, 1, 1),
        until: date(2026, 12, 31),
        n_events: 100,
        n_teams: 10,
        exposure_days_per_100_targets_a_month: None,
        basis: basis(),
    };
    (plan, baseline)
}

fn check_of(answer: &str) -> CheckRecord {
    CheckRecord {
        letter: "M".to_owned(),
        name: "guard metric".to_owned(),
        answer: answer.to_owned(),
        words: "nothing is watched that must not get worse".to_owned(),
        way_out: Some("--guard dismissal".to_owned()),
    }
}

fn prediction() -> Prediction {
    let query = Query::UpgradeRegressions;
    Prediction { name: "p1".to_owned(), query, kill: 0.1, confirm: 0.25, min_n: 20 }
}

fn note(problem: &str, stance: Stance) -> Filed {
    Filed {
        problem: id(problem),
        kind: EvidenceKind::Document,
        stance,
        strength: 1,
        answer: None,
        interview: None,
        source: None,
        words: "a note".to_owned(),
    }
}

fn answer(verdict: &str) -> Answer {
    Answer {
        prediction: "p1".to_owned(),
        x: 12.0,
        n: 30.0,
        share: Some(0.4),
        interval: Some((0.3, 0.5)),
        verdict: verdict.to_owned(),
        reason: None,
        n_teams: 5,
        basis: basis(),
    }
}

fn answered(problem: &str, verdict: &str) -> Filed {
    let stance = match verdict {
        "supported" => Stance::For,
        "rejected" => Stance::Against,
        _ => Stance::Neither,
    };
    let kind = EvidenceKind::Telemetry;
    Filed { kind, strength: 3, answer: Some(answer(verdict)), ..note(problem, stance) }
}

fn interview(problem: &str, page: &str, stance: Stance) -> InterviewNotes {
    InterviewNotes {
        problem: id(problem),
        team: "web".to_owned(),
        date: date(2027, 1, 5),
        quotes: vec!["It broke the build.".to_owned()],
        stance,
        interviewee: None,
        role: None,
        interviewer: None,
        note_taker: None,
        medium: None,
        past_behavior: vec!["rolled it back".to_owned()],
        workarounds: Vec::new(),
        is_unprompted: None,
        is_bothered: None,
        surprises: Vec::new(),
        referrals: Vec::new(),
        debrief: None,
        lints: Vec::new(),
        page: page.to_owned(),
    }
}

fn treatment(mode: Mode) -> TreatmentPlan {
    let data = Treatment {
        id: String::new(),
        version: 0,
        surface: Surface::Editor,
        moment: Moment::FirstReference,
        mode,
        scope: Scope::All,
        rule: None,
        threshold: None,
        words: None,
        link: None,
    };
    TreatmentPlan {
        name: "alert at the first reference".to_owned(),
        kind: TreatmentKind::IdeHint,
        data,
        is_reversible: true,
        cost_days: None,
    }
}

fn ring(name: &str, ordinal: u32, teams: Vec<String>) -> RingPlan {
    RingPlan { name: name.to_owned(), ordinal, teams, selection: Selection::Chosen }
}

fn solution() -> SolutionPlan {
    SolutionPlan {
        problem: id("problem-1"),
        treatment: id("treatment-1"),
        ring: id("ring-2"),
        metric: "time_to_fix".to_owned(),
        worthwhile: 0.1,
        within_days: 56,
        because: "they see it before it is committed".to_owned(),
        guards: vec!["dismissal".to_owned()],
        leading: LeadingMeasure { step: "seen".to_owned(), line: 0.2, within_hours: 24 },
    }
}

fn rollout() -> RolloutPlan {
    RolloutPlan { solution: id("solution-1"), treatment: id("treatment-1"), holdout: 0.1 }
}

fn rows(name: &str, ring: &str) -> Vec<AssignmentRow> {
    let row = |(which, arm): (&str, Arm)| AssignmentRow {
        team: format!("{name} {which}"),
        ring: id(ring),
        arm,
        how: How::Drawn,
    };
    [("a", Arm::Treated), ("b", Arm::Holdout)].map(row).into()
}

fn registered() -> Registered {
    Registered {
        design: "pairs".to_owned(),
        primary: "time_to_fix".to_owned(),
        alpha: 0.05,
        worthwhile: 0.1,
        horizon: 30.0,
        looks: vec![14.0, 28.0],
        history_days: 90,
        guards: vec!["dismissal".to_owned()],
        analysis_hash: "question".to_owned(),
    }
}

fn started() -> Started {
    Started { at: at(20), assignment: "assignment".to_owned(), bundle: 1, n_teams: 2 }
}

fn readout(day: f64, verdict: &str) -> FrozenReadout {
    FrozenReadout {
        experiment: id("experiment-1"),
        day,
        is_planned: true,
        cut: at(400),
        analysis_hash: "question".to_owned(),
        method: "a test".to_owned(),
        inputs: BTreeMap::new(),
        document: "document".to_owned(),
        verdict: verdict.to_owned(),
        rule: "the rule".to_owned(),
        sentence: "a sentence".to_owned(),
    }
}

fn wish(verdict: DecisionVerdict) -> Wish {
    Wish {
        verdict,
        decided_by: vec![actor("Laura")],
        dissent: Vec::new(),
        why: None,
        pivot: None,
        next_believe: None,
    }
}
