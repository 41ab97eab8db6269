//! What may be asked of campaigns, and what is refused with a way out.

use fixloop_policy::Mode;
use jiff::Timestamp;

use super::{
    Campaign, CampaignChange, CampaignPlan, CampaignState, Look, Pivot, mode_word, same_name,
};
use crate::record::{Actor, Change, Kind, ObjectId, Record, Refusal, What};

/// Advisories and rules of one campaign.
const MAX_ABOUT: usize = 1_000;
/// Campaigns that a policy carries.
const MAX_OPEN: usize = 50;
/// Looks that one campaign keeps: three a day for a year.
const MAX_LOOKS: usize = 1_100;
/// A grace of a year is none.
const MAX_GRACE_HOURS: u32 = 24 * 366;

impl Campaign {
    fn only_open(&self, verb: &str) -> Result<(), Refusal> {
        let way_out = match self.state {
            CampaignState::Open => return Ok(()),
            CampaignState::Draft => format!("fixloop campaign open {}", self.id),
            CampaignState::Closed => "begin another one: fixloop campaign create".to_owned(),
        };
        let what = format!("{} is {} and cannot be {verb}", self.id, self.state.as_str());
        Err(Refusal::new(what, way_out))
    }

    /// `n_open` campaigns are open already.
    pub fn open(&self, now: Timestamp, n_open: usize) -> Result<Change, Refusal> {
        match self.state {
            CampaignState::Draft => {}
            CampaignState::Open => {
                return Err(Refusal::new(
                    format!("{} is open already", self.id),
                    format!("fixloop campaign forecast {} says how it stands", self.id),
                ));
            }
            CampaignState::Closed => self.only_open("opened")?,
        }
        in_the_future(self.plan.deadline, now)?;
        if n_open >= MAX_OPEN {
            return Err(Refusal::new(
                format!("{n_open} campaigns are open already, and a policy carries no more"),
                "close one first: fixloop campaign close",
            ));
        }
        Ok(self.change(CampaignChange::Opened))
    }

    pub fn observe(&self, look: Look) -> Result<Change, Refusal> {
        self.only_open("looked at")?;
        if self.looks.len() >= MAX_LOOKS {
            return Err(Refusal::new(
                format!("{} has {MAX_LOOKS} looks already", self.id),
                "close it; fixloop campaign show looks without keeping it",
            ));
        }
        Ok(self.change(CampaignChange::Observed(Box::new(look))))
    }

    pub fn close(&self, why: &str) -> Result<Change, Refusal> {
        if self.state == CampaignState::Closed {
            self.only_open("closed again")?;
        }
        let why = reason(why)?;
        Ok(self.change(CampaignChange::Closed { why }))
    }

    pub fn take_back(&self, why: &str) -> Result<Change, Refusal> {
        self.only_open("taken back")?;
        if self.standing_pivot().is_none() {
            return Err(Refusal::new(
                format!("{} has no pivot that could be taken back", self.id),
                "fixloop campaign show lists its pivots",
            ));
        }
        let why = if why.trim().is_empty() { "no reason was given" } else { why.trim() };
        Ok(self.change(CampaignChange::TakenBack { why: why.to_owned() }))
    }

    /// What somebody did to it after a version was previewed.
    fn since_version(&self, version: u32) -> String {
        let lines: Vec<String> = self
            .history
            .iter()
            .rev()
            .take(usize::try_from(self.version.saturating_sub(version)).unwrap_or(1).max(1))
            .map(|it| {
                let what = it.why.as_deref().unwrap_or(&it.to);
                format!("{} at {}: {what}", it.who.as_str(), it.when)
            })
            .collect();
        lines.join("; before that ")
    }
}

fn reason(why: &str) -> Result<String, Refusal> {
    if why.trim().is_empty() {
        return Err(Refusal::new("a reason is needed", "--why \"…\""));
    }
    Ok(why.trim().to_owned())
}

fn in_the_future(deadline: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if deadline > now {
        return Ok(());
    }
    Err(Refusal::new(
        format!("the deadline {deadline} has passed"),
        "--deadline with a day in the future",
    ))
}

/// One line that people are shown.
fn line(what: &str, text: &str, option: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(format!("a campaign has {what}"), option));
    }
    if text.chars().count() > 200 || text.chars().any(char::is_control) {
        let what = format!("{what} is one line of at most 200 characters");
        return Err(Refusal::new(what, option));
    }
    Ok(())
}

impl Record {
    pub fn create_campaign(&self, plan: CampaignPlan, now: Timestamp) -> Result<Change, Refusal> {
        line("a title", &plan.title, "--title \"dependency confusion in package feeds\"")?;
        line("an owner", &plan.owner, "--owner NAME, or --as NAME")?;
        line("a contact, whom teams ask", &plan.contact, "--contact \"#supply-chain\"")?;
        in_the_future(plan.deadline, now)?;
        if plan.advisories.is_empty() && plan.rules.is_empty() {
            return Err(Refusal::new(
                "a campaign is about something",
                "--advisory FILE-OR-ID, --package PURL with --range, or --rule ID",
            ));
        }
        if plan.advisories.len() + plan.rules.len() > MAX_ABOUT {
            return Err(Refusal::new(
                format!("a campaign is about at most {MAX_ABOUT} advisories and rules"),
                "begin a second one",
            ));
        }
        if plan.branches.is_empty() {
            return Err(Refusal::new("break ends builds of some branch", "--branch default"));
        }
        for rung in &plan.ladder {
            if let Some(ring) = rung.ring {
                self.ring(ring)?;
            }
            if rung.mode == Mode::Observe || rung.grace_hours > MAX_GRACE_HOURS {
                return Err(Refusal::new(
                    "a rung alerts or breaks, after a grace of at most a year",
                    "--ladder alert,pilot:break:72@2027-01-15",
                ));
            }
            if rung.mode == Mode::Break && rung.planned.is_none() {
                return Err(Refusal::new(
                    "a campaign begins with an alert; a break is planned for a day",
                    "--ladder alert,pilot:break:72@2027-01-15, and fixloop campaign pivot when it comes",
                ));
            }
        }
        // What a bundle could not carry would stand in the way of every later one.
        let object = self.next(Kind::Campaign);
        fixloop_policy::check_campaign(&plan.as_published(object)).map_err(|it| {
            Refusal::new(it, "a policy could not carry that: --title, --contact, --words, --link")
        })?;
        let what = What::Campaign(CampaignChange::Created(Box::new(plan)));
        Ok(Change { object, what })
    }

    /// Brings rings to another mode, `asked` by one person and with a second one. `pivot.from` is found here.
    pub fn pivot_campaign(
        &self,
        id: ObjectId,
        asked: &Actor,
        mut pivot: Pivot,
    ) -> Result<Change, Refusal> {
        let it = self.campaign(id)?;
        it.only_open("pivoted")?;
        if pivot.preview_of != it.version {
            return Err(Refusal::new(
                format!(
                    "version {} of {id} was previewed, and it is at {} now: {}",
                    pivot.preview_of,
                    it.version,
                    it.since_version(pivot.preview_of)
                ),
                "preview it again, without --preview-of, and decide on what is there now",
            ));
        }
        if same_name(&pivot.with, asked) {
            return Err(Refusal::new(
                format!("a pivot has two names, and {} is who asks", pivot.with.as_str()),
                "--with the name of a second person",
            ));
        }
        pivot.why = reason(&pivot.why)?;
        if pivot.grace_hours > MAX_GRACE_HOURS {
            return Err(Refusal::new("a grace of over a year is none", "--grace 72h"));
        }
        let mut modes = Vec::new();
        for ring in &pivot.rings {
            modes.push((self.ring(*ring)?.plan.name.clone(), it.mode_of(Some(*ring))));
        }
        if modes.is_empty() {
            modes.push(("every ring".to_owned(), it.mode_of(None)));
        }
        for (name, mode) in &modes {
            if *mode == pivot.to {
                let what = format!("{name} is at {} already", mode_word(*mode));
                return Err(Refusal::new(what, "name the rings that are not"));
            }
            if *mode == Mode::Observe && pivot.to == Mode::Break {
                return Err(Refusal::new(
                    format!("{name} was not alerted yet, and a break comes after an alert"),
                    "--to alert first",
                ));
            }
        }
        if pivot.to == Mode::Observe {
            return Err(Refusal::new(
                "a campaign is not pivoted to observe",
                "fixloop campaign pivot --back takes the last pivot back; fixloop campaign close ends it",
            ));
        }
        let lowered = pivot.rings.iter().find(|ring| {
            pivot.to == Mode::Alert
                && it.steps.iter().any(|step| step.ring.is_none() && step.mode == Mode::Break)
                && it.mode_of(Some(**ring)) == Mode::Break
        });
        if lowered.is_some() {
            return Err(Refusal::new(
                "every ring came to break together, so one cannot be taken out of it",
                "fixloop campaign pivot --back, then pivot ring by ring",
            ));
        }
        pivot.from = modes.iter().map(|it| it.1).max().unwrap_or(Mode::Alert);
        Ok(it.change(CampaignChange::Pivoted(pivot)))
    }

    /// Campaigns that a policy carries.
    pub fn open_campaigns(&self) -> impl Iterator<Item = &Campaign> {
        self.campaigns.values().filter(|it| it.state == CampaignState::Open)
    }
}
