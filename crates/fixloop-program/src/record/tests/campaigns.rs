//! Campaigns: what is refused, and the way out; two names, and two people at once.

use fixloop_policy::BranchKind;

use super::*;

pub(super) fn campaign() -> CampaignPlan {
    CampaignPlan {
        title: "dependency confusion".to_owned(),
        owner: "Laura".to_owned(),
        contact: "#supply-chain".to_owned(),
        deadline: at(1_000),
        advisories: Vec::new(),
        private: Vec::new(),
        rules: vec!["dependency-confusion".to_owned()],
        ladder: Vec::new(),
        branches: vec![BranchKind::Default],
        words: None,
        link: None,
        mirrors: Vec::new(),
    }
}

pub(super) fn look() -> Look {
    Look {
        at: at(1),
        counts: TargetCounts { affected: 3, ..TargetCounts::default() },
        targets: "digest".to_owned(),
        forecast: None,
        no_forecast: Some("too little".to_owned()),
    }
}

pub(super) fn pivot(to: Mode, rings: &[&str], preview_of: u32) -> Pivot {
    Pivot {
        from: Mode::Alert,
        to,
        rings: rings.iter().map(|it| id(it)).collect(),
        grace_hours: 48,
        why: "alerting stalls".to_owned(),
        with: actor("Ines"),
        preview_of,
    }
}

fn opened() -> Making {
    let mut it = Making::default();
    for (n, name) in (0..).zip(["canary", "pilot"]) {
        it.make(|record| record.set_ring(ring(name, n, vec![name.to_owned()]), ""));
    }
    it.make(|record| record.create_campaign(campaign(), at(0)));
    it.make(|record| record.campaign(id("campaign-1"))?.open(at(0), 0));
    it
}

fn pivoted(it: &Making, pivot: Pivot) -> Result<Change, Refusal> {
    it.record.pivot_campaign(id("campaign-1"), &actor("Laura"), pivot)
}

#[test]
fn a_campaign_has_an_owner_a_date_and_something_it_is_about() {
    let create = |plan| told(Record::default().create_campaign(plan, at(0)));
    let rung = |mode, planned| Rung { ring: None, mode, grace_hours: 0, planned };
    let with = |ladder| CampaignPlan { ladder, ..campaign() };
    insta::assert_snapshot!(table([
        ("all there", create(campaign())),
        ("no title", create(CampaignPlan { title: " ".to_owned(), ..campaign() })),
        ("no owner", create(CampaignPlan { owner: String::new(), ..campaign() })),
        ("no contact", create(CampaignPlan { contact: String::new(), ..campaign() })),
        ("the past", create(CampaignPlan { deadline: at(0), ..campaign() })),
        ("about nothing", create(CampaignPlan { rules: Vec::new(), ..campaign() })),
        ("break at once", create(with(vec![rung(Mode::Break, None)]))),
        ("break planned", create(with(vec![rung(Mode::Break, Some(at(9)))]))),
        ("observe", create(with(vec![rung(Mode::Observe, None)]))),
        ("turned around", create(CampaignPlan { title: "a\u{202e}b".to_owned(), ..campaign() })),
        ("a link", create(CampaignPlan { link: Some("http://x".to_owned()), ..campaign() })),
    ]), @r##"
    all there: allowed
    no title: a campaign has a title
        -> --title "dependency confusion in package feeds"
    no owner: a campaign has an owner
        -> --owner NAME, or --as NAME
    no contact: a campaign has a contact, whom teams ask
        -> --contact "#supply-chain"
    the past: the deadline 2026-12-23T04:26:40Z has passed
        -> --deadline with a day in the future
    about nothing: a campaign is about something
        -> --advisory FILE-OR-ID, --package PURL with --range, or --rule ID
    break at once: a campaign begins with an alert; a break is planned for a day
        -> --ladder alert,pilot:break:72@2027-01-15, and fixloop campaign pivot when it comes
    break planned: allowed
    observe: a rung alerts or breaks, after a grace of at most a year
        -> --ladder alert,pilot:break:72@2027-01-15
    turned around: `ab` cannot be the name of a campaign: one line of at most 200 characters
        -> a policy could not carry that: --title, --contact, --words, --link
    a link: the link of `campaign-1` has to be an https address
        -> a policy could not carry that: --title, --contact, --words, --link
    "##);
}

#[test]
fn a_pivot_has_two_names_a_preview_and_a_reason() {
    let it = opened();
    let ask = |pivot| told(pivoted(&it, pivot));
    let alone = Pivot { with: actor(" laura "), ..pivot(Mode::Break, &["ring-1"], 2) };
    let silent = Pivot { why: " ".to_owned(), ..pivot(Mode::Break, &["ring-1"], 2) };
    insta::assert_snapshot!(table([
        ("ring 1", ask(pivot(Mode::Break, &["ring-1"], 2))),
        ("everybody", ask(pivot(Mode::Break, &[], 2))),
        ("one name", ask(alone)),
        ("no reason", ask(silent)),
        ("no such ring", ask(pivot(Mode::Break, &["ring-7"], 2))),
        ("to alert", ask(pivot(Mode::Alert, &["ring-1"], 2))),
        ("to observe", ask(pivot(Mode::Observe, &["ring-1"], 2))),
    ]), @r#"
    ring 1: allowed
    everybody: allowed
    one name: a pivot has two names, and laura is who asks
        -> --with the name of a second person
    no reason: a reason is needed
        -> --why "…"
    no such ring: there is no `ring-7`
        -> there are ring-1 to ring-2
    to alert: canary is at alert already
        -> name the rings that are not
    to observe: a campaign is not pivoted to observe
        -> fixloop campaign pivot --back takes the last pivot back; fixloop campaign close ends it
    "#);
}

#[test]
fn of_two_people_who_pivot_at_once_the_second_is_told_what_the_first_did() {
    let mut it = opened();
    it.make(|record| {
        record.pivot_campaign(id("campaign-1"), &actor("Laura"), pivot(Mode::Break, &["ring-1"], 2))
    });
    let second = Pivot { with: actor("Jo"), ..pivot(Mode::Break, &["ring-1"], 2) };
    let second = it.record.pivot_campaign(id("campaign-1"), &actor("Ines"), second);
    insta::assert_snapshot!(told(second), @r"
    version 2 of campaign-1 was previewed, and it is at 3 now: Laura at 2026-12-23T09:26:40Z: alert → break for ring-1; with Ines: alerting stalls
        -> preview it again, without --preview-of, and decide on what is there now
    ");
    // Somebody wrote it past all commands.
    let forged = What::Campaign(CampaignChange::Pivoted(pivot(Mode::Break, &["ring-2"], 2)));
    let forged = Change { object: id("campaign-1"), what: forged };
    assert!(it.write(vec![forged]).is_err());
}

#[test]
fn a_pivot_is_taken_back_by_one_command() {
    let mut it = opened();
    let before = it.record.campaigns[&1].steps.clone();
    assert!(it.record.campaigns[&1].take_back("x").is_err());
    it.make(|record| {
        record.pivot_campaign(id("campaign-1"), &actor("Laura"), pivot(Mode::Break, &["ring-1"], 2))
    });
    let now = &it.record.campaigns[&1];
    let ring = |n| Some(ObjectId::new(Kind::Ring, n));
    assert_eq!((now.mode_of(ring(1)), now.mode_of(ring(2))), (Mode::Break, Mode::Alert));
    let grace = now.pivots[0].pivot.grace_hours;
    assert!(grace > 0);
    let after = now.pivots[0].at + jiff::SignedDuration::from_hours(i64::from(grace));
    assert_eq!((now.breaks_at(ring(1)), now.breaks_at(ring(2))), (Some(after), None));
    assert_eq!(now.turns().collect::<Vec<_>>(), [now.pivots[0].at]);
    assert_eq!(now.alerted_at(ring(1)), now.opened_at);
    it.make(|record| record.campaign(id("campaign-1"))?.take_back(""));
    let now = &it.record.campaigns[&1];
    assert_eq!((&now.steps, now.version), (&before, 4));
    assert!(now.standing_pivot().is_none() && now.pivots[0].taken_back.is_some());
}

#[test]
fn what_is_closed_stays_so() {
    let mut it = opened();
    it.make(|record| record.campaign(id("campaign-1"))?.observe(look()));
    it.make(|record| record.campaign(id("campaign-1"))?.close("everything is fixed"));
    let closed = &it.record.campaigns[&1];
    insta::assert_snapshot!(table([
        ("open", told(closed.open(at(0), 0))),
        ("look", told(closed.observe(look()))),
        ("pivot", told(pivoted(&it, pivot(Mode::Break, &["ring-1"], 3)))),
        ("back", told(closed.take_back("x"))),
        ("close", told(closed.close("x"))),
    ]), @r"
    open: campaign-1 is closed and cannot be opened
        -> begin another one: fixloop campaign create
    look: campaign-1 is closed and cannot be looked at
        -> begin another one: fixloop campaign create
    pivot: campaign-1 is closed and cannot be pivoted
        -> begin another one: fixloop campaign create
    back: campaign-1 is closed and cannot be taken back
        -> begin another one: fixloop campaign create
    close: campaign-1 is closed and cannot be closed again
        -> begin another one: fixloop campaign create
    ");
}
