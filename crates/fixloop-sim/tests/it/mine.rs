//! What fixloop finds in an organisation's repositories.

use std::collections::HashMap;

use fixloop_history::{Options, history};
use fixloop_index::{Builder, Index};
use fixloop_match::Known;
use fixloop_model::{Exposure, Opportunity, Timestamp};
use fixloop_sim::Organization;

pub(crate) struct Mined {
    pub(crate) opportunities: Vec<Opportunity>,
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) n_commits: usize,
    pub(crate) cut: Timestamp,
}

/// Of the advisories that are public.
pub(crate) fn index(organization: &Organization) -> Index {
    let mut builder = Builder::default();
    let report = fixloop_feed::import(&[organization.advisories_folder()], &mut builder, |_| {});
    assert!(report.is_complete(), "{report:?}");
    Index::from_bytes(builder.build().unwrap().into_bytes()).unwrap()
}

pub(crate) fn mine(organization: &Organization) -> Mined {
    let index = index(organization);
    let known = Known::of_all_times(&index);
    let cut = Timestamp(organization.midnight(organization.today()).as_microsecond());
    let mut mined = Mined { opportunities: vec![], exposures: vec![], n_commits: 0, cut };
    let mut teams = HashMap::new();
    for it in organization.repositories() {
        let options = Options {
            branch: None,
            cache: None,
            fingerprint: 0,
            known: &known,
            mirrors: &[],
            cut,
            is_replay: false,
        };
        let found = history(&it.git_dir, &it.name, &options, &|_, _| {}).unwrap();
        assert_eq!((&*found.gaps, found.n_unmatched), (&[][..], 0), "{}", it.name);
        let n_before = mined.exposures.len();
        mined.n_commits += found.n_commits;
        mined.exposures.extend(found.exposures.exposures);
        mined.opportunities.extend(found.exposures.opportunities.into_iter().map(|mut of| {
            of.exposures.iter_mut().for_each(|place| *place += n_before);
            of
        }));
        teams.insert(it.name, it.team);
    }
    for it in &mut mined.opportunities {
        it.team = Some(teams[&it.repository].clone());
    }
    mined
}
