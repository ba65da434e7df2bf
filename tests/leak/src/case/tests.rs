#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::sync::Arc;
use std::time::Duration;

use super::{Carry, Runner};
use crate::client::Target;
use crate::dialect::Dialect;
use crate::fields;
use crate::kind::Kind;
use crate::live::Register;
use crate::outcome::Outcome;
use crate::plan::{Plan, Wanted};
use crate::{run, upstream};

async fn score(carry: Carry, wanted: &Wanted<'_>) -> crate::report::Report {
    let register = Arc::new(Register::default());
    let at = upstream::serve("127.0.0.1:0".parse().unwrap(), Arc::clone(&register)).await.unwrap();
    let clean = Dialect::ALL.map(|dialect| (dialect, fields::read(dialect).unwrap().answer));
    let runner = Runner { register, carry, model: "m-".into(), gap: Duration::ZERO, clean: Arc::new(clean.into()) };
    let target = Target::parse(&format!("http://{at}/v1/"), Vec::new(), Duration::from_secs(60)).unwrap();
    run::all(&runner, &target, Plan::new(wanted).unwrap(), 16).await.unwrap()
}

/// With nobody between, every value arrives: a harness that overlooks any would call a proxy safe that is not.
#[tokio::test]
async fn without_a_proxy_every_case_leaks_and_every_control_passes() {
    for (carry, only) in [(Carry::Model, "whole"), (Carry::Key, "innerchars")] {
        let kinds = &Kind::ALL;
        let wanted = Wanted { dialects: &Dialect::ALL, kinds, only: Some(only), sample: 1, seed: 1 };
        let report = score(carry, &wanted).await;
        let total = report.total(None);
        assert!(total.cases > 100);
        let told = report.examples().filter(|one| one.outcome != Outcome::Leaked).map(|one| &one.case);
        assert_eq!(
            total.count(Outcome::Leaked) + total.count(Outcome::Passed),
            total.cases,
            "{:?}",
            told.collect::<Vec<_>>()
        );
    }
}
