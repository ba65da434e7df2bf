#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::sync::OnceLock;

use proptest::prelude::*;
use witgate_sdk::testing::{self, content_channel, context, document, pieces_agree};
use witgate_sdk::{AttributedLabel, Session, Verdict};

use super::*;

fn policy() -> &'static Classification {
    static POLICY: OnceLock<Classification> = OnceLock::new();
    POLICY.get_or_init(|| Classification::configure(Config::default()).unwrap())
}

fn configured(config: serde_json::Value) -> &'static Classification {
    let config = serde_json::from_value(config).unwrap();
    Box::leak(Box::new(Classification::configure(config).unwrap()))
}

fn claims(classification: &str, clearance: &str) -> Context {
    let claim = |value: &str| (!value.is_empty()).then(|| Claim { value: value.into(), proven: false });
    Context { classification: claim(classification), clearance: claim(clearance), ..context() }
}

fn code(decision: &Decision) -> &str {
    match &decision.verdict {
        Verdict::Allow => "allow",
        Verdict::Deny(d) => &d.code,
        Verdict::Escalate(e) => &e.code,
    }
}

fn admit(policy: &Classification, ctx: &Context, text: &str) -> String {
    let decision = policy.admit(ctx, &document(&[("user", "text", text)])).unwrap();
    code(&decision).to_owned()
}

#[test]
fn the_built_in_ladder_knows_the_usual_words() {
    for (word, level) in [
        ("U", 0),
        ("unclassified", 0),
        ("UNCLASS", 0),
        ("cui", 1),
        ("FOUO", 1),
        ("U//FOUO", 1),
        ("Controlled", 1),
        ("S", 2),
        ("secret", 2),
        ("SECRET//NOFORN", 2),
        ("S//NF", 2),
        ("SECRET // REL TO USA", 2),
        ("TS", 3),
        ("Top Secret", 3),
        ("TOP-SECRET", 3),
        ("TOP SECRET//NOFORN", 3),
        ("TS_SCI", 4),
        ("TS//SCI", 4),
        ("ts/sci", 4),
        ("TS-SCI", 4),
        ("TOP SECRET//SI-G/TK//NOFORN", 4),
    ] {
        assert_eq!(policy().ladder.declared(word), Some(level), "{word}");
    }
    for word in ["", "SECRE", "TOP", "SECRET//BANANA", "ЅECRET", "//", "5"] {
        assert_eq!(policy().ladder.declared(word), None, "{word}");
    }
    // A compartment in a banner never lifts a clearance.
    assert_eq!(policy().ladder.cleared("SECRET//SI"), Some(2));
    assert_eq!(policy().ladder.cleared("TS//SCI"), Some(4));
}

#[test]
fn a_caller_must_be_cleared_for_what_is_declared() {
    for (class, clearance, want) in [
        ("", "", "allow"),
        ("UNCLASS", "", "allow"),
        ("SECRET", "", CLEARANCE_TOO_LOW),
        ("SECRET", "CUI", CLEARANCE_TOO_LOW),
        ("SECRET", "S//NF", "allow"),
        ("CUI", "TS/SCI", "allow"),
        ("TS//SCI", "TOP SECRET", CLEARANCE_TOO_LOW),
        ("COSMIC", "TS", UNKNOWN_LEVEL),
        ("SECRET", "everything", UNKNOWN_LEVEL),
    ] {
        assert_eq!(admit(policy(), &claims(class, clearance), "hello"), want, "{class:?} {clearance:?}");
    }
}

#[test]
fn an_unknown_level_is_answered_with_the_known_ones_and_not_quoted() {
    let decision = policy().admit(&claims("zzyzx", ""), &document(&[])).unwrap();
    let Verdict::Deny(denial) = decision.verdict else { panic!("{decision:?}") };
    assert!(denial.message.contains("UNCLASS, CUI, SECRET, TS, TS_SCI"), "{}", denial.message);
    assert!(!denial.message.contains("zzyzx"));
}

#[test]
fn only_a_proven_clearance_counts_where_that_is_required() {
    let strict = configured(serde_json::json!({"require_proven": true}));
    let mut ctx = claims("SECRET", "SECRET");
    assert_eq!(admit(strict, &ctx, "hello"), CLEARANCE_TOO_LOW);
    ctx.clearance = Some(Claim { value: "SECRET".into(), proven: true });
    assert_eq!(admit(strict, &ctx, "hello"), "allow");
}

#[test]
fn the_level_is_a_label() {
    let decision = policy().admit(&claims("secret", "ts"), &document(&[])).unwrap();
    let label = decision.labels.first().unwrap();
    assert_eq!((label.key.as_str(), label.value.as_str()), ("level", "SECRET"));
}

#[test]
fn a_prompt_is_held_to_its_level_in_any_segment() {
    let ctx = claims("CUI", "CUI");
    let prompt = document(&[("user", "text", "hi"), ("tool", "tool-result", "(S//NF) The convoy leaves.")]);
    let decision = policy().admit(&ctx, &prompt).unwrap();
    assert_eq!(code(&decision), MARKING_ABOVE_DECLARED);
    let at = decision.findings.first().unwrap().at.unwrap();
    assert_eq!(at.start, 3, "offset in the document, not in the segment");
    assert_eq!(admit(policy(), &ctx, "CUI//SP-PRVCY\nnames"), "allow");

    let label = configured(serde_json::json!({"prompts": "label"}));
    let decision = label.admit(&ctx, &prompt).unwrap();
    assert_eq!(code(&decision), "allow");
    assert_eq!(decision.findings.len(), 1);
    assert!(decision.labels.iter().any(|l| l.key == "marking" && l.value == "SECRET"));
    let off = configured(serde_json::json!({"prompts": "off"}));
    assert!(off.admit(&ctx, &prompt).unwrap().findings.is_empty());
}

#[test]
fn a_prompt_is_held_to_the_level_of_what_it_was_made_from() {
    let after = |class: &str, labels: &[(&str, &str)]| {
        let label = |(key, value): &(&str, &str)| AttributedLabel {
            source: "classification".into(),
            key: (*key).into(),
            value: (*value).into(),
        };
        Context { labels: labels.iter().map(label).collect(), ..claims(class, "TS") }
    };
    for (class, labels, want) in [
        ("", vec![("level", "UNCLASS")], "allow"),
        ("", vec![("level", "SECRET")], MARKING_ABOVE_DECLARED),
        ("CUI", vec![("level", "UNCLASS"), ("marking", "SECRET")], MARKING_ABOVE_DECLARED),
        ("SECRET", vec![("level", "CUI"), ("marking", "SECRET")], "allow"),
        ("", vec![("suspicion", "SECRET"), ("level", "of the sea")], "allow"),
    ] {
        assert_eq!(admit(policy(), &after(class, &labels), "hello"), want, "{class} {labels:?}");
    }
    let marking = |decision: &Decision| {
        let all: Vec<&str> = decision.labels.iter().filter(|l| l.key == "marking").map(|l| l.value.as_str()).collect();
        all.join(" ")
    };
    let label = configured(serde_json::json!({"prompts": "label"}));
    for (text, brought, want) in
        [("hello", "SECRET", "SECRET"), ("(S//NF) x", "CUI", "SECRET"), ("CUI//SP-PRVCY", "SECRET", "SECRET")]
    {
        let prompt = document(&[("user", "text", text)]);
        let decision = label.admit(&after("", &[("level", brought)]), &prompt).unwrap();
        assert_eq!((code(&decision), marking(&decision).as_str()), ("allow", want), "{text}");
    }
    let off = configured(serde_json::json!({"prompts": "off"}));
    let decision = off.admit(&after("", &[("level", "SECRET")]), &document(&[])).unwrap();
    assert_eq!((code(&decision), marking(&decision).as_str()), ("allow", ""));
    let marked =
        policy().admit(&after("", &[("marking", "SECRET")]), &document(&[("user", "text", "TS//SCI")])).unwrap();
    assert_eq!(marking(&marked), "TS_SCI");
}

#[test]
fn the_name_of_a_level_in_a_tool_definition_is_no_marking() {
    let tools = document(&[
        ("tool", "tool-definition", "SECRET"),
        ("tool", "key", "SECRET"),
        ("tool", "tool-definition", "CUI"),
    ]);
    assert_eq!(code(&policy().admit(&context(), &tools).unwrap()), "allow");
    let marked = document(&[("tool", "tool-definition", "Reads SECRET//NOFORN tables")]);
    assert_eq!(code(&policy().admit(&context(), &marked).unwrap()), MARKING_ABOVE_DECLARED);
}

#[test]
fn arguments_are_held_to_the_level() {
    let action = |text: &str| witgate_sdk::Action {
        kind: "tool_use".into(),
        target: "send_email".into(),
        arguments: document(&[("", "key", "body"), ("", "value", text)]),
        hints: vec![],
    };
    let decision = policy().commit(&context(), &action("classified SECRET")).unwrap();
    assert_eq!(code(&decision), MARKING_ABOVE_DECLARED);
    assert_eq!(code(&policy().commit(&context(), &action("the secret of good bread")).unwrap()), "allow");
    assert_eq!(code(&policy().commit(&claims("S", "S"), &action("SECRET//NOFORN")).unwrap()), "allow");
}

#[test]
fn an_answer_is_cut_before_its_marker_wherever_it_is_split() {
    let text = "The report is SECRET//NOFORN, so";
    let marker = text.find("SECRET").unwrap();
    assert!(pieces_agree(policy(), &content_channel(), text).verdict.unwrap().contains(MARKING_ABOVE_DECLARED));
    for at in 0..=text.len() {
        let (a, b) = text.split_at(at);
        let mut session = policy().open(&context(), &content_channel()).unwrap();
        for piece in [a, b] {
            let step = session.push(piece).unwrap();
            assert!(step.settled <= marker as u64, "cut at {at}: {} bytes let go", step.settled);
            if matches!(step.decision.verdict, Verdict::Deny(_)) {
                break;
            }
        }
    }
}

#[test]
fn after_a_refusal_that_is_not_enforced_the_text_goes_on() {
    let mut session = policy().open(&context(), &content_channel()).unwrap();
    assert_eq!(session.push("A SECRET//NOFORN plan. ").unwrap().settled, 2);
    let step = session.push("More of it, SECRET//NOFORN. ").unwrap();
    assert_eq!((code(&step.decision), step.settled), ("allow", 51), "told once, held no longer");
    assert_eq!(code(&session.push("TOP SECRET//X").unwrap().decision), MARKING_ABOVE_DECLARED);
    assert_eq!(session.finish().unwrap().settled, 64);
}

#[test]
fn a_clean_answer_is_not_held() {
    let mut session = policy().open(&context(), &content_channel()).unwrap();
    let text = "Bread needs time, warmth and a little salt.";
    assert_eq!(session.push(text).unwrap().settled, text.len() as u64);
    // Of an unfinished word only what could begin a marking.
    assert_eq!(session.push(" The se").unwrap().settled, text.len() as u64 + 5);
    assert_eq!(session.push("a").unwrap().settled, text.len() as u64 + 8);
}

#[test]
fn what_is_held_is_bounded_and_padding_hides_nothing() {
    for padding in ["\u{200b}", "\u{301}", "\u{ad}"] {
        let text = format!("S{}ECRET//NOFORN plan", padding.repeat(500));
        let mut session = policy().open(&context(), &content_channel()).unwrap();
        let (mut pushed, mut denied) = (0, false);
        for c in text.chars() {
            pushed += c.len_utf8() as u64;
            let step = session.push(c.encode_utf8(&mut [0; 4])).unwrap();
            if matches!(step.decision.verdict, Verdict::Deny(_)) {
                let marking = text.find("ECRET").unwrap() as u64;
                assert!(step.settled <= marking, "{} of {marking}", step.settled);
                denied = true;
                break;
            }
            assert!(pushed - step.settled <= scanner::MAX_HELD, "{} held", pushed - step.settled);
        }
        assert!(denied, "{padding:?}");
    }
    // A banner whose line is padded beyond the bound counts as one whose line has ended.
    let text = format!("SECRET{}x", " ".repeat(200));
    assert!(pieces_agree(policy(), &content_channel(), &text).verdict.is_some());
}

#[test]
fn an_exchange_at_the_top_is_not_read() {
    let mut session = policy().open(&claims("TS_SCI", "TS_SCI"), &content_channel()).unwrap();
    assert_eq!(session.push("TOP SECRET//SI//NOFORN").unwrap().settled, 22);
    assert_eq!(session.finish().unwrap().settled, 22);
}

#[test]
fn labels_of_an_answer_name_the_highest_marking() {
    let label = configured(serde_json::json!({"answers": "label"}));
    let mut session = label.open(&context(), &content_channel()).unwrap();
    let step = session.push("(CUI) a\n(S//NF) b\n(S//NF) c\n").unwrap();
    assert_eq!(code(&step.decision), "allow");
    assert_eq!(step.decision.labels.first().unwrap().value, "SECRET");
    assert!(session.push("(S//NF) d\n").unwrap().decision.findings.is_empty(), "told once");
}

#[test]
fn a_configuration_is_checked_by_pointer() {
    for (config, pointer) in [
        (serde_json::json!({"levels": [{"name": "ONE"}]}), "/levels"),
        (serde_json::json!({"levels": [{"name": "A"}, {"name": "B", "aliases": ["a"]}]}), "/levels/1"),
        (serde_json::json!({"levels": [{"name": "A"}, {"name": ""}]}), "/levels/1"),
        (serde_json::json!({"default_clearance": "GOLD"}), "/default_clearance"),
        (serde_json::json!({"markings": {"A/B~C": "GOLD"}}), "/markings/A~1B~0C"),
        (serde_json::json!({"markings": {"AB": "SECRET"}}), "/markings/AB"),
    ] {
        let issues = Classification::configure(serde_json::from_value(config).unwrap()).unwrap_err();
        assert_eq!(issues.first().unwrap().pointer, pointer);
    }
}

#[test]
fn a_ladder_of_ones_own() {
    let firm = configured(serde_json::json!({
        "levels": [{"name": "Public"}, {"name": "Internal"}, {"name": "Confidential", "aliases": ["C"]}, {"name": "Strictly Confidential"}],
        "default_classification": "Internal", "default_clearance": "Internal",
        "markings": {"PROJECT HELIOS": "Strictly Confidential"},
    }));
    let denied = |text: &str| testing::run(firm, &content_channel(), &[text]).verdict.is_some();
    assert!(denied("CONFIDENTIAL\nThe numbers"));
    assert!(denied("Classification: Strictly confidential\n"));
    assert!(denied("about PROJECT HELIOS we"));
    assert!(!denied("INTERNAL\nThe numbers"));
    assert!(!denied("This is confidential, please"));
    assert!(!denied("The report is SECRET//NOFORN"), "no level of this ladder");
}

#[test]
fn built_in_ladders() {
    for (ladder, declared, marked, plain) in [
        ("corporate", "internal", "CONFIDENTIAL\nThe numbers", "INTERNAL\nThe numbers"),
        ("corporate", "Internal", "Strictly Confidential\n\nThe numbers", "Strictly confidential, please"),
        (
            "corporate",
            "Internal",
            "Strictly Confidential - Example Ltd\n",
            "Strictly Confidential matters are discussed",
        ),
        ("corporate", "", "For Internal Use Only\n", "for internal use only\n"),
        ("corporate", "", "Classification: Internal\n", "Internal\nUse the API"),
        ("corporate", "Confidential", "(Strictly Confidential)", "(confidential) CONFIDENTIAL\n"),
        ("corporate", "", "NATO SECRET", "It is confidential."),
        ("uk", "official", "OFFICIAL-SENSITIVE", "OFFICIAL\nThe plan"),
        ("uk", "OFFICIAL-SENSITIVE", "SECRET\nThe plan", "OFFICIAL-SENSITIVE [COMMERCIAL]"),
        ("uk", "Secret", "UK TOP SECRET", "NATO SECRET"),
        ("nato", "NR", "CONFIDENTIAL\nThe plan", "NATO RESTRICTED"),
        ("nato", "NATO Secret", "COSMIC TOP SECRET", "(NS) NATO SECRET"),
        ("eu", "R-UE/EU-R", "CONFIDENTIEL UE/EU CONFIDENTIAL", "RESTREINT UE/EU RESTRICTED"),
        ("eu", "EU SECRET", "TRES SECRET UE/EU TOP SECRET", "SECRET UE/EU SECRET"),
        ("us", "CUI", "SECRET//NOFORN", "CUI//NOFORN"),
    ] {
        let policy = configured(serde_json::json!({ "ladder": ladder }));
        let level = policy.declared(&claims(declared, "")).unwrap();
        let denied = |text: &str| {
            let mut session = Channel::new(policy, level, None);
            let step = session.push(text).unwrap();
            matches!(step.decision.verdict, Verdict::Deny(_))
                || matches!(session.finish().unwrap().decision.verdict, Verdict::Deny(_))
        };
        assert!(denied(marked), "{ladder} {declared}: {marked:?}");
        assert!(!denied(plain), "{ladder} {declared}: {plain:?}");
    }
    let both = serde_json::json!({"ladder": "uk", "levels": [{"name": "A"}, {"name": "B"}]});
    let issues = Classification::configure(serde_json::from_value(both).unwrap()).unwrap_err();
    assert_eq!(issues.first().unwrap().pointer, "/ladder");
}

#[test]
fn an_answer_ends_where_it_is_too_long_wherever_it_is_cut() {
    let short = configured(serde_json::json!({"max_answer_chars": 12}));
    for (text, want, settled) in [
        ("twelve chars", "allow", 12),
        ("thirteen char", ANSWER_TOO_LONG, 12),
        ("zw\u{f6}lf Zeichen", ANSWER_TOO_LONG, 13),
        ("(S//NF) a convoy", MARKING_ABOVE_DECLARED, 0),
        ("a convoy, (S//NF)", ANSWER_TOO_LONG, 10),
        ("a SECRET//NF and", MARKING_ABOVE_DECLARED, 2),
    ] {
        let agreed = pieces_agree(short, &content_channel(), text).verdict.unwrap_or_default();
        assert!(agreed.contains(want) || want == "allow" && agreed.is_empty(), "{text}: {agreed}");
        let step = short.open(&context(), &content_channel()).unwrap().push(text).unwrap();
        assert_eq!((code(&step.decision), step.settled), (want, settled), "{text}");
    }
    let ids = witgate_sdk::Channel { index: 1, kind: "fields".into(), name: None };
    assert_eq!(short.open(&context(), &ids).unwrap().push("more than twelve characters").unwrap().settled, 27);

    let label = configured(serde_json::json!({"max_answer_chars": 5, "too_long": "label"}));
    let mut session = label.open(&context(), &content_channel()).unwrap();
    let step = session.push("longer than five").unwrap();
    assert_eq!((code(&step.decision), step.settled), ("allow", 16));
    assert_eq!(step.decision.findings.first().unwrap().code, ANSWER_TOO_LONG);
    assert_eq!(step.decision.labels.first().unwrap().key, "length");
    assert!(session.push("still longer").unwrap().decision.findings.is_empty(), "told once");
    // A text at the top of the ladder is not read for markings, but counted.
    let mut top = short.open(&claims("TS_SCI", "TS_SCI"), &content_channel()).unwrap();
    assert_eq!(code(&top.push("TOP SECRET//SI").unwrap().decision), ANSWER_TOO_LONG);
}

#[test]
fn the_manifest_names_the_codes() {
    let manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    let codes = serde_json::json!([CLEARANCE_TOO_LOW, UNKNOWN_LEVEL, MARKING_ABOVE_DECLARED, ANSWER_TOO_LONG]);
    assert_eq!(manifest["codes"], codes);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_never_matter(parts in prop::collection::vec(prop::sample::select(vec![
        "SECRET", "TOP", " ", "  ", "\n", "/", "//", "NOFORN", "(", ")", "S", "TS", "SI", "CUI", "secret", "**", "- ", ":",
        "CLASSIFICATION", "classified", "as", "NATO", "UE", "e\u{301}", "\u{200b}", "Ѕ", "日", ".", "x", "=", "REL TO USA",
    ]), 0..14)) {
        pieces_agree(policy(), &content_channel(), &parts.concat());
    }

    #[test]
    fn pieces_never_matter_on_a_firms_ladder_with_a_length(parts in prop::collection::vec(prop::sample::select(vec![
        "Strictly", "STRICTLY", "strictly", "Confidential", "CONFIDENTIAL", "Internal", "For", "Use", "Only", " ", "  ", "\n",
        "-", "|", "(", ")", ":", "Classification", "//", "SECRET", "NATO", "x", "ö", "\u{200b}",
    ]), 0..12)) {
        static FIRM: OnceLock<&'static Classification> = OnceLock::new();
        let config = || configured(serde_json::json!({"ladder": "corporate", "max_answer_chars": 40}));
        pieces_agree(*FIRM.get_or_init(config), &content_channel(), &parts.concat());
    }

    #[test]
    fn nothing_panics_and_the_frontier_is_lawful(text in "\\PC{0,80}") {
        pieces_agree(policy(), &content_channel(), &text);
    }

    #[test]
    fn a_marking_never_gets_out(before in "[a-z \n]{0,40}", cuts in prop::collection::vec(1_usize..9, 1..30)) {
        let text = format!("{before} SECRET//NOFORN");
        let marker = (before.len() + 1) as u64;
        let mut session = policy().open(&context(), &content_channel()).unwrap();
        let mut rest = text.as_str();
        for cut in cuts.iter().cycle() {
            let (piece, more) = rest.split_at((*cut).min(rest.len()));
            let step = session.push(piece).unwrap();
            prop_assert!(step.settled <= marker);
            if matches!(step.decision.verdict, Verdict::Deny(_)) { break }
            prop_assert!(!more.is_empty(), "not refused");
            rest = more;
        }
    }
}
