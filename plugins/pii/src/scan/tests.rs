#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use std::sync::{Arc, LazyLock};

use super::{Match, Watch, scan, scan_by};
use witgate_sdk::testing::growth;

use crate::kind::Kind;
use crate::session::MAX_HELD;
use crate::signs::Signs;
use crate::words::Lexicon;

/// Every kind that has a sign.
fn all() -> &'static Watch {
    static ALL: LazyLock<Watch> = LazyLock::new(|| {
        let kinds = Kind::ALL.into_iter().filter(|k| !matches!(k, Kind::Person | Kind::Address));
        Watch::new(kinds.fold(0, |bits, kind| bits | kind.bit()), vec![], Arc::new(Lexicon::new()))
    });
    &ALL
}

/// `kind:text` of each match.
fn matches(text: &str) -> Vec<String> {
    let mut out = vec![];
    let end = scan(text, 0, true, all(), |Match { kind, at }| {
        out.push(format!("{}:{}", kind.name(), text.get(at).unwrap()));
    });
    assert_eq!(end, text.len());
    out
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    assert_eq!(matches(text), expected, "{text:?}");
}

#[test]
fn e_mail_addresses() {
    finds("write to jo@example.org.", &["email:jo@example.org"]);
    finds("mailto:a.b+c_d%e@mail.example.co.uk?x", &["email:a.b+c_d%e@mail.example.co.uk"]);
    finds("<zo\u{eb}@b\u{fc}cher.example>, (x@y.de)", &["email:zo\u{eb}@b\u{fc}cher.example", "email:x@y.de"]);
    finds("jo\u{ff20}example\u{ff0e}org", &["email:jo\u{ff20}example\u{ff0e}org"]);
    finds("\u{8bf7}\u{8054}\u{7cfb}jo@example.org\u{8c22}\u{8c22}", &["email:jo@example.org"]);
    finds("jo@example.org-foo jo@xn--bcher-kva.xn--p1ai", &["email:jo@example.org", "email:jo@xn--bcher-kva.xn--p1ai"]);
    finds("5105105105105100@example.org", &["email:5105105105105100@example.org"]);
}

#[test]
fn what_only_resembles_an_address() {
    for text in
        ["jo@localhost", "@jo", "jo@", "a@b", "logo@2x.png", "git@example.org:team/repo.git", "pkg@1.2.3", "jo @ x.org"]
    {
        finds(text, &[]);
    }
}

#[test]
fn card_numbers() {
    finds("4111111111111111", &["card:4111111111111111"]);
    finds("pay 5105-1051-0510-5100 now", &["card:5105-1051-0510-5100"]);
    finds("3782 822463 10005", &["card:3782 822463 10005"]);
    finds("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", &["card:4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"]);
    finds("4111 1111 1111 1111 2027", &["card:4111 1111 1111 1111"]);
    finds("4111\u{a0}1111\u{a0}1111\u{a0}1111", &["card:4111\u{a0}1111\u{a0}1111\u{a0}1111"]);
    let wide: String = "4111111111111111".chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    finds(&wide, &[&format!("card:{wide}")]);
}

#[test]
fn what_only_resembles_a_card() {
    for text in [
        "4111111111111112",   // check digit
        "9111111111111111",   // no issuer
        "0.4111111111111111", // a fraction
        "4111111111111111.5", // a number
        "a4111111111111111",  // an identifier
        "4111111111111111b",
        "41111111111111111111",        // 20 digits
        "4111 1111-1111 1111",         // two separators
        "1745023102000",               // milliseconds
        "DE05 5612 2471 0070 0835 04", // an IBAN that was mistyped
    ] {
        finds(text, &[]);
    }
}

#[test]
fn social_security_numbers() {
    finds("SSN 536-90-4399.", &["ssn:536-90-4399"]);
    finds("social security 536904399", &["ssn:536904399"]);
    finds("\"ssn\": \"536 90 4399\"", &["ssn:536 90 4399"]);
    for text in [
        "000-12-3456",
        "666-12-3456",
        "901-12-3456",
        "536-00-4399",
        "536-90-0000",
        "536904399",
        "536 90 4399",
        "536-90-439",
        "536-90-43991",
        "12-536-90-4399",
        "536-90-4399-1",
        "case 775-20-141b",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn internet_addresses() {
    finds("from 203.0.113.7:8080/24", &["ip:203.0.113.7"]);
    finds("at 203.0.113.7.", &["ip:203.0.113.7"]);
    finds("2001:db8:1:2:3:4:5:6, fe80::1.", &["ip:2001:db8:1:2:3:4:5:6", "ip:fe80::1"]);
    finds("ip:2001:db8::7f ::ffff:203.0.113.7", &["ip:2001:db8::7f", "ip:::ffff:203.0.113.7"]);
    for text in [
        "127.0.0.1",
        "0.0.0.0",
        "255.255.255.0",
        "::1",
        "::",
        "1.2.3.4.5",
        "1.2.3.256",
        "v1.2.3.4",
        "01.2.3.4",
        "version 10.4.2.1",
        "a::b",
        "std::fmt",
        "12:34:56",
        "dead::beef::1",
        "00:11:22:33:44:55:66:77",
        "1:2:3:4:5:6:7:8:9",
        "chapter 3.14.15.92",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn tokens_of_the_vault_are_left_alone() {
    finds("ask [EMAIL_K3V9X2QA] or [CARD_23456723], [SSN_A2B3C4D5] [IP_22222222]@[EMAIL_AAAAAAAA]", &[]);
}

#[test]
fn hostile_repetition_is_linear() {
    for unit in [
        "@",
        "a",
        "a.",
        "1",
        "1 ",
        "1-",
        ":",
        "a:",
        "1.",
        "a@",
        "a@a.",
        "[",
        "\u{ff20}",
        "f:",
        "(",
        "+",
        "(1",
        "+1",
        "12 ",
        "123 ",
        "0123-",
        "call 1234567 ",
        "DE89",
        "DE89 3704 ",
        "AB 12 ",
        "A1",
        "May 3, ",
        "1/",
        "phone ",
        "\u{ff11}",
    ] {
        let growth = growth(unit, 1 << 15, |text| {
            scan(text, 0, true, all(), |_| {});
        });
        assert!(growth < 9.0, "{unit:?}: {growth}");
    }
}

/// Matches and what is settled, with starts tried as `signs` has it.
fn outcome(mut signs: Signs<'_>, text: &str, start: usize, complete: bool) -> (Vec<Match>, usize) {
    let mut found = vec![];
    let settled = scan_by(&mut signs, text, start, complete, all(), |m| found.push(m));
    (found, settled)
}

#[test]
fn signs_are_looked_for_in_linear_time() {
    let work = |unit: &str, times| {
        let text = unit.repeat(times);
        let mut signs = Signs::new(&text);
        scan_by(&mut signs, &text, 0, true, all(), |_| {});
        signs.work
    };
    for unit in ["a", "a.", "a b ", "a b 1 ", "a.b@", ".", " ", "a ", "ab:", "x \u{e9}", "-a", "a@b.cd "] {
        let (once, twice) = (work(unit, 5_000), work(unit, 10_000));
        assert!(twice <= 2 * once + 64, "{unit:?}: {once}, then {twice}");
    }
}

/// What earlier filters of this kind refused, and what has numbers or signs without being anybody's.
#[test]
fn everyday_sentences_pass() {
    for text in [
        "My friend Dan is here, call him Dan.",
        "What type of cat is that?",
        "Item #5 is out of stock.",
        "a | b",
        "truncate",
        "delete it from my calendar",
        "Explain the subprocess module",
        "A family: \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "contact customer support, extension 5",
        "Call me at 5 or 6.",
        "I will phone you on 12 May 2024.",
        "The meeting is on 2024-05-12 from 14:00 to 15:30.",
        "Version 10.4.2.1 is out, 10.4.2 is not.",
        "It costs $1,299,000.00 or 1.299.000,00 EUR.",
        "Order #3996760707 shipped, tracking 1ZUMDE93P80BVZ39CM",
        "invoice INV-12044517 total 1510.90 EUR",
        "epoch 1745023102, in ms 1745023102000",
        "commit 7b554923710737731da033a624e6acbf1982cd9b",
        "ISBN 978-3-16-148410-0 and ISSN 0317-8471",
        "550e8400-e29b-41d4-a716-446655440000",
        "lat 48.256033, lon 11.142673",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "10 20 30 40 50 60 70 80 90 100",
        "3.14159265358979323846",
        "The years 1914-1918 and 1939-1945.",
        "A 1920x1080 or 3840x2160 screen",
        "We sold 1234567 units in 2023.",
        "The population is 83 200 000.",
        "Use port 8080 on localhost or 127.0.0.1.",
        "std::vec::Vec<u8>, a::b::c, ::1",
        "0xdeadbeef, 0x5f616b8e and 1e-9",
        "x = 4111 + 1111 * 1111 - 1111",
        "RFC 2822, ISO 8601, IEEE 802.11ac",
        "Use @mention or #hashtag, npm i pkg@1.2.3.",
        "From 9-5, 24/7, 50/50, 1/2/3.",
        "She scored 98.6% (n=1200).",
        "Chapter 3.14.15.92 of the manual",
        "case no. 775-20-141b",
        "Flight LH 1234, seat 12A, gate B12",
        "My account balance grew by 1000000 in May 2020.",
        "SELECT * FROM t WHERE id IN (1234567, 2345678)",
        "The model has 175000000000 parameters.",
    ] {
        finds(text, &[]);
    }
}

proptest! {
    #[test]
    fn starts_that_are_not_tried_lead_to_nothing(
        parts in prop::collection::vec(
            prop_oneof![
                4 => "[a-f.:@0-9 ]{1,6}",
                4 => "[a-zA-Z ,.'-]{1,40}",
                2 => "[0-9()+/ -]{1,20}",
                1 => Just("call ".to_owned()),
                1 => Just("AB 12 34 56 C".to_owned()),
                1 => Just("born May 3, 1980".to_owned()),
                1 => Just("DE89 3704 0044 0532 0130 00".to_owned()),
                1 => Just("+(370) 61234567".to_owned()),
                1 => "[\u{ff10}\u{ff11}\u{ff20}\u{ff1a}\u{e9}\u{3002}\u{a0}\u{4e00}]{1,2}",
                1 => Just("jo@example.org".to_owned()),
                1 => Just("2001:db8::7f".to_owned()),
                1 => Just("203.0.113.7".to_owned()),
                1 => Just("git@example.org:x".to_owned()),
                1 => "[a-z.]{60,70}@[a-z]{1,3}\\.[a-z]{1,3}",
            ],
            0..12,
        ),
        start in 0_usize..40,
        complete: bool,
    ) {
        let text = parts.concat();
        let start = (start..text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let (fast, slow) = (outcome(Signs::new(&text), &text, start, complete), outcome(Signs::everywhere(), &text, start, complete));
        prop_assert_eq!(fast, slow, "{:?}", text);
    }

    #[test]
    fn little_is_held_back(text in "([a1@.: \u{e9}(+/-]|AB |DE89|May ){0,900}") {
        let settled = scan(&text, 0, false, all(), |_| {});
        prop_assert!(text.len() - settled <= MAX_HELD);
    }

    #[test]
    fn tokens_are_never_matched(kind in "[A-Z]{2,12}", code in "[A-Z2-7]{8}", around in "[a-z0-9 .,:;()-]{0,8}") {
        let token = format!("[{kind}_{code}]");
        let text = format!("{around}{token}{around}");
        let range = around.len()..around.len() + token.len();
        scan(&text, 0, true, all(), |m| {
            assert!(m.at.end <= range.start || m.at.start >= range.end, "{text:?}");
        });
    }
}
