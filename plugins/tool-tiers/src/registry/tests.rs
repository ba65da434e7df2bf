#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn registry(tools: &[(&str, Tier)], fold_case: bool) -> Registry {
    let tools: Vec<Tool> =
        tools.iter().map(|&(name, tier)| Tool { name: name.into(), tier, irreversible: false }).collect();
    let mut issues = vec![];
    let registry = Registry::new(&tools, fold_case, &mut issues);
    assert!(issues.is_empty(), "{issues:?}");
    registry
}

#[test]
fn the_most_specific_entry_wins_wherever_it_stands() {
    let r = registry(
        &[
            ("*", Tier::Critical),
            ("db_*", Tier::High),
            ("db_read_*", Tier::Low),
            ("db_read_salaries", Tier::Critical),
            ("??_read_x", Tier::Medium),
        ],
        false,
    );
    assert_eq!(r.find("anything").unwrap().tier, Tier::Critical);
    assert_eq!(r.find("db_drop").unwrap().tier, Tier::High);
    assert_eq!(r.find("db_read_names").unwrap().tier, Tier::Low);
    assert_eq!(r.find("db_read_salaries").unwrap().tier, Tier::Critical);
    assert_eq!(r.find("db_read_x").unwrap().tier, Tier::Low, "eight literal characters before seven");
}

#[test]
fn of_equally_specific_globs_the_earlier_wins() {
    let r = registry(&[("a_*", Tier::Low), ("*_b", Tier::High)], false);
    assert_eq!(r.find("a_b").unwrap().tier, Tier::Low);
}

#[test]
fn names_are_canonical_before_they_are_looked_up() {
    let r = registry(&[("*", Tier::Low), ("Delete", Tier::High)], false);
    assert_eq!(r.find(" Delete\n").unwrap().tier, Tier::High);
    assert_eq!(r.find("delete").unwrap().tier, Tier::Low, "case counts");
    for name in ["", "  ", "get weather", "dеlete", "get\u{200b}", "get\0", &"x".repeat(129)] {
        assert_eq!(r.find(name), None, "{name:?}: not even `*` fits");
    }
    let folded = registry(&[("Delete_*", Tier::High)], true);
    assert_eq!(folded.find("dELETE_X").unwrap().tier, Tier::High);
}

#[test]
fn mistakes_are_told_by_pointer() {
    let tool = |name: &str| Tool { name: name.into(), tier: Tier::Low, irreversible: false };
    let mut issues = vec![];
    Registry::new(
        &[tool("a"), tool("a"), tool("b*"), tool("b**"), tool("c d"), tool("é"), tool(" e")],
        false,
        &mut issues,
    );
    let pointers: Vec<_> = issues.iter().map(|i| i.pointer.as_str()).collect();
    assert_eq!(pointers, ["/tools/1/name", "/tools/3/name", "/tools/4/name", "/tools/5/name", "/tools/6/name"]);
}

#[test]
fn the_built_in_registry_is_whole_and_cautious() {
    let r = registry(&[], false);
    assert_eq!(r.globs.len(), 2 * BUILT_IN.iter().map(|(words, ..)| words.len()).sum::<usize>());
    assert_eq!(r.find("get_weather").unwrap(), Entry { tier: Tier::Low, irreversible: false });
    assert_eq!(r.find("send-email").unwrap(), Entry { tier: Tier::Medium, irreversible: false });
    assert_eq!(r.find("delete_user").unwrap(), Entry { tier: Tier::High, irreversible: true });
    assert_eq!(r.find("transfer_funds").unwrap(), Entry { tier: Tier::Critical, irreversible: true });
    assert_eq!(r.find("weather"), None);
}
