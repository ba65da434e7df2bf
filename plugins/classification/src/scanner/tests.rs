use super::*;
use crate::config::Config;
use crate::{Classification, Plugin};

/// The level of the highest marking in a text that is declared `declared`, if any is above it.
fn highest(declared: Rank, text: &str) -> Option<&'static str> {
    static POLICY: std::sync::OnceLock<Classification> = std::sync::OnceLock::new();
    let policy = POLICY.get_or_init(|| match Classification::configure(Config::default()) {
        Ok(policy) => policy,
        Err(issues) => panic!("{issues:?}"),
    });
    let mut scanner = policy.scanner(declared, true);
    let (mut level, mut rest) = (None, text);
    while let (read, Some(found)) = scanner.feed(rest) {
        scanner.raise(found.level);
        level = Some(found.level);
        rest = &rest[read..];
    }
    level = scanner.finish().map(|f| f.level).or(level);
    level.map(|l| policy.ladder.name(l))
}

#[test]
fn markings_are_found() {
    for (text, level) in [
        ("SECRET//NOFORN", "SECRET"),
        ("The report is SECRET//NOFORN", "SECRET"),
        ("TOP SECRET//SI//NOFORN\nbody", "TS_SCI"),
        ("TOP SECRET//NOFORN", "TS"),
        ("CUI\nbody", "CUI"),
        ("CONTROLLED\nbody", "CUI"),
        ("CUI//SP-PRVCY", "CUI"),
        ("UNCLASSIFIED//FOUO", "CUI"),
        ("(U//FOUO) body", "CUI"),
        ("FOR OFFICIAL USE ONLY", "CUI"),
        ("body\n\nSECRET\n", "SECRET"),
        ("body\r\nSECRET\r\nbody", "SECRET"),
        ("**SECRET**\nbody", "SECRET"),
        ("## TOP SECRET\n", "TS"),
        ("----- SECRET -----", "SECRET"),
        ("(S) The convoy leaves at dawn.", "SECRET"),
        ("- (S) The convoy", "SECRET"),
        ("1. (TS) The convoy", "TS"),
        ("(S//NF) The convoy", "SECRET"),
        ("We know (TS//SI) that", "TS_SCI"),
        ("(s//nf) lower case", "SECRET"),
        ("Convoy plan (SECRET)", "SECRET"),
        ("Convoy plan (TOP SECRET)", "TS"),
        ("CLASSIFICATION: SECRET", "SECRET"),
        ("Classification: Top Secret\n", "TS"),
        ("{\"classification\":\"SECRET\"}", "SECRET"),
        ("Classification Level = TS.", "TS"),
        ("It is classified SECRET.", "SECRET"),
        ("It is classified as TOP SECRET.", "TS"),
        ("NATO SECRET papers", "SECRET"),
        ("COSMIC TOP SECRET", "TS"),
        ("EU CONFIDENTIAL", "SECRET"),
        ("CONFIDENTIEL UE/EU CONFIDENTIAL", "SECRET"),
        ("TRÈS SECRET UE", "TS"),
        ("SECRET UE", "SECRET"),
        ("UK SECRET", "SECRET"),
        ("handle as OFFICIAL-SENSITIVE please", "CUI"),
        ("OFFICIAL SENSITIVE", "CUI"),
        ("CONFIDENTIAL//NOFORN", "SECRET"),
        ("(C//NF) body", "SECRET"),
        ("secret//noforn", "SECRET"),
        ("Secret // NoForn", "SECRET"),
        ("SECRET  //  NOFORN", "SECRET"),
        ("SECRET\n//NOFORN", "SECRET"),
        ("it is SECRET NOFORN here", "SECRET"),
        ("it is SECRET/ORCON here", "SECRET"),
        ("it is SECRET-NOFORN here", "SECRET"),
        ("TOP-SECRET//NOFORN", "TS"),
        ("TS/SCI", "TS_SCI"),
        ("S E C R E T", "SECRET"),
        ("T O P  S E C R E T // SI", "TS_SCI"),
        ("S\u{200b}E\u{200b}CRET/\u{200b}/NOFORN", "SECRET"),
        ("ЅЕСRЕТ//NOFORN", "SECRET"),
        ("ＳＥＣＲＥＴ／／ＮＯＦＯＲＮ", "SECRET"),
        ("𝐒𝐄𝐂𝐑𝐄𝐓//NOFORN", "SECRET"),
        ("SECRET//REL TO USA, FVEY", "SECRET"),
        ("SECRET//FGI DEU", "SECRET"),
        ("SECRETS SECRET//X", "SECRET"),
        ("(TS//SI-G/TK//OC/NF) body", "TS_SCI"),
        ("(S//REL TO USA, FVEY) body", "SECRET"),
        ("(S//FRD) body", "SECRET"),
        ("(CUI//SP-CTI) body", "CUI"),
        ("(U//LES) body", "CUI"),
        ("(NOFORN) body", "CUI"),
        ("NOFORN\nbody", "CUI"),
        ("//NATO SECRET//REL TO USA", "SECRET"),
        ("NATO RESTRICTED", "CUI"),
        ("NATO SECRET/OTAN SECRET", "SECRET"),
        ("COSMIC TOP SECRET BOHEMIA", "TS"),
        ("COSMIC TRÈS SECRET", "TS"),
        ("(NS//ATOMAL) body", "SECRET"),
        ("(CTS) body", "TS"),
        ("(CTS-B) body", "TS"),
        ("//JOINT SECRET CAN GBR USA", "SECRET"),
        ("RESTREINT UE/EU RESTRICTED", "CUI"),
        ("SECRET UE/EU SECRET", "SECRET"),
        ("TRÈS SECRET UE/EU TOP SECRET", "TS"),
        ("(S-UE/EU-S) body", "SECRET"),
        ("OFFICIAL-SENSITIVE [COMMERCIAL]", "CUI"),
        ("UK OFFICIAL-SENSITIVE", "CUI"),
        ("TOP SECRET STRAP1", "TS"),
        ("SECRET - UK EYES ONLY", "SECRET"),
        ("SECRET UK EYES ONLY", "SECRET"),
        ("UK TOP SECRET", "TS"),
    ] {
        assert_eq!(highest(0, text), Some(level), "{text:?}");
    }
}

#[test]
fn ordinary_text_passes() {
    for text in [
        "the secret of good bread",
        "Secret Santa",
        "Bring the form(s) (s) along",
        "The report(S)",
        "It is a secret.",
        "secret",
        "SECRET SANTA PARTY",
        "THE SECRET GARDEN BY F. H. BURNETT",
        "KEEP IT SECRET, KEEP IT SAFE",
        "A top secret recipe",
        "Top Secret! is a film of 1984.",
        "(C) 2024 Example Ltd",
        "Sulfur (S) is an element; titanium (Ti) too.",
        "We use TypeScript (TS) and Rust.",
        "Controlled Unclassified Information (CUI) is a category.",
        "The group is controlled by its founders.",
        "CONFIDENTIAL\nThis e-mail is for its addressee.",
        "UNCLASSIFIED",
        "(U) Nothing here.",
        "CLIENT_SECRET=abc",
        "SECRET=\nTOKEN=",
        "export const SECRET = 1 // not real",
        "let key = secret // or none",
        "https://example.org/secret//x",
        "kubectl get secret/noforn-config",
        "if (s) { return }",
        "f(S)",
        "- SECRET\n- TS",
        "The levels are CUI, SECRET, TS and TS/SCI.",
        "He holds a TS/SCI clearance.",
        "[SECRET]",
        "CLASSIFICATIONS",
        "classified ads",
        "a classified secret",
        "classification levels: public, secret",
        "the classification of plants",
        "official, sensitive matters",
        "My friend Dan told me.",
        "What type of cat is that?",
        "Item #5",
        "a | b",
        "truncate",
        "delete it from my calendar",
        "Explain the subprocess module",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "contact customer support, extension 5",
        "It's a secret recipe.",
        "We throw a top secret birthday party.",
        "Top Secret Birthday Party",
        "TOP SECRET BIRTHDAY PARTY",
        "Shh, TOP SECRET!",
        "It is in the Official Charts.",
        "OFFICIAL RULES",
        "Please keep this confidential.",
        "This e-mail is confidential and may be privileged.",
        "CONFIDENTIAL INFORMATION of the parties",
        "PRIVATE & CONFIDENTIAL",
        "Strictly Confidential\n\nDear Sir",
        "Internal\nUse the internal API.",
        "Restricted area, no entry.",
        "RESTRICTED AREA",
        "NATO and the EU signed it in secret.",
        "The EU restricted the export of it.",
        "the UK's Official Secrets Act",
        "The Secret Service guards the president.",
        "He has a secret clearance.",
        "a Victoria's Secret catalogue",
        "API_SECRET and CLIENT_SECRET are unset.",
        "kubectl create secret generic db",
        "secrets: { TOP: SECRET }",
        "Trade Secrets Act",
        "(s) is the plural, (c) the copyright, (u) you",
        "The U.S. is U, the S-Bahn is S.",
        "size (S), (M) or (L)",
        "NS records and NC programs",
        "the NR of the order, the CTS of a port",
        "S-UE is a set of users.",
        "Cosmic rays are no secret.",
        "The joint secret of a good knee",
        "For official use, ask the office only.",
        "controlled unclassified chemistry",
        "nato secret talks",
        "Секретно: это не гриф.",
        "秘密ではない。",
        "",
    ] {
        assert_eq!(highest(0, text), None, "{text:?}");
    }
}

#[test]
fn only_what_is_above_counts() {
    assert_eq!(highest(2, "SECRET//NOFORN (S//NF) classified SECRET"), None);
    assert_eq!(highest(2, "SECRET//SI"), Some("TS_SCI"));
    assert_eq!(highest(3, "TOP SECRET//NOFORN"), None);
    assert_eq!(highest(3, "TOP SECRET//SI//NOFORN"), Some("TS_SCI"));
    assert_eq!(highest(3, "TOP SECRET//NOFORN//SI"), Some("TS_SCI"));
    assert_eq!(highest(3, "(TS//HCS-P) body"), Some("TS_SCI"));
    assert_eq!(highest(4, "TS//SCI"), None);
    assert_eq!(highest(1, "CUI//NOFORN\nCONTROLLED"), None);
}

/// Work for each character is bounded by the live candidates, so a bound on those keeps hostile text linear.
#[test]
fn hostile_text_keeps_few_candidates_alive() {
    let policy = Classification::configure(Config::default()).unwrap_or_else(|e| panic!("{e:?}"));
    let units = [
        "S ",
        "SECRET ",
        "(",
        "S//",
        "TOP ",
        "/",
        "CLASSIFICATION ",
        "T O P ",
        "\u{200b}",
        "S E C R E ",
        "U//LES//",
        "S-",
    ];
    for (unit, other) in units.iter().flat_map(|a| units.iter().map(move |b| (a, b))) {
        let mut scanner = policy.scanner(3, true);
        let mut pushed = 0;
        for c in [unit.repeat(64), other.repeat(64)].concat().repeat(4).chars() {
            pushed += c.len_utf8() as u64;
            scanner.feed(c.encode_utf8(&mut [0; 4]));
            assert!(scanner.live.len() <= MAX_LIVE, "{unit:?} {other:?}: {} live", scanner.live.len());
            assert!(pushed - scanner.settled() <= MAX_HELD, "{unit:?} {other:?}");
        }
    }
}
