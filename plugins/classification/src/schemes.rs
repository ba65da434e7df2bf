//! What the schemes of the United States, NATO, the European Union, the United Kingdom and of firms call their levels.
//!
//! After the public documents: the CAPCO register and implementation manual, 32 CFR 2002 (CUI), C-M(2002)49 (NATO), Council
//! Decision 2013/488/EU and its annexes, and the UK Government Security Classifications Policy.

use crate::config::Scheme;
use crate::lexicon::Kind;

/// A level's name and its aliases.
type Named = (&'static str, &'static [&'static str]);
/// Names of levels that a phrase may mean; the first that the ladder has counts.
pub(crate) type Like = &'static [&'static str];

/// A built-in ladder, lowest level first.
pub(crate) fn levels(scheme: Scheme) -> &'static [Named] {
    match scheme {
        Scheme::Us => &[
            ("UNCLASS", &["U", "UNCLASSIFIED"]),
            ("CUI", &["CONTROLLED", "CONTROLLED UNCLASSIFIED", "FOUO", "U//FOUO", "SBU"]),
            ("SECRET", &["S"]),
            ("TS", &["TOP SECRET", "TOPSECRET"]),
            ("TS_SCI", &["TS/SCI", "TS//SCI", "TOP SECRET/SCI", "TOP SECRET//SCI", "TOP SECRET SCI", "SCI"]),
        ],
        Scheme::Nato => &[
            ("NATO UNCLASSIFIED", &["NU", "UNCLASSIFIED"]),
            ("NATO RESTRICTED", &["NR", "RESTRICTED"]),
            ("NATO CONFIDENTIAL", &["NC", "CONFIDENTIAL"]),
            ("NATO SECRET", &["NS", "SECRET"]),
            ("COSMIC TOP SECRET", &["CTS", "TOP SECRET"]),
        ],
        Scheme::Eu => &[
            ("EU UNCLASSIFIED", &["UNCLASSIFIED", "LIMITE"]),
            (
                "RESTREINT UE/EU RESTRICTED",
                &["RESTREINT UE", "EU RESTRICTED", "R-UE/EU-R", "R-UE", "EU-R", "RESTRICTED"],
            ),
            (
                "CONFIDENTIEL UE/EU CONFIDENTIAL",
                &["CONFIDENTIEL UE", "EU CONFIDENTIAL", "C-UE/EU-C", "C-UE", "EU-C", "CONFIDENTIAL"],
            ),
            ("SECRET UE/EU SECRET", &["SECRET UE", "EU SECRET", "S-UE/EU-S", "S-UE", "EU-S", "SECRET"]),
            (
                "TRES SECRET UE/EU TOP SECRET",
                &["TRES SECRET UE", "EU TOP SECRET", "TS-UE/EU-TS", "TS-UE", "EU-TS", "TOP SECRET"],
            ),
        ],
        Scheme::Uk => &[
            ("OFFICIAL", &["UK OFFICIAL", "UNCLASSIFIED"]),
            ("OFFICIAL-SENSITIVE", &["UK OFFICIAL-SENSITIVE", "O-S"]),
            ("SECRET", &["UK SECRET", "S"]),
            ("TOP SECRET", &["UK TOP SECRET", "TS"]),
        ],
        Scheme::Corporate => &[
            ("Public", &["For Public Release"]),
            (
                "Internal",
                &["Internal Only", "Internal Use", "Internal Use Only", "For Internal Use Only", "Company Internal"],
            ),
            ("Confidential", &["Company Confidential", "Business Confidential", "Confidential and Proprietary"]),
            ("Strictly Confidential", &["Highly Confidential", "Streng vertraulich", "Strictement confidentiel"]),
        ],
    }
}

const RESTRICTED: Like = &["RESTRICTED", "CUI", "OFFICIAL-SENSITIVE", "INTERNAL"];
const CONFIDENTIAL: Like = &["CONFIDENTIAL", "SECRET"];
const SECRET: Like = &["SECRET", "STRICTLY CONFIDENTIAL"];
const TOP_SECRET: Like = &["TS", "TOP SECRET", "STRICTLY CONFIDENTIAL"];

/// Phrases of the United States.
pub(crate) const UNITED_STATES: &[(&str, Like, Kind)] = &[
    ("U", &["UNCLASS"], Kind::Base),
    ("UNCLASSIFIED", &["UNCLASS"], Kind::Base),
    ("CUI", &["CUI"], Kind::Word),
    ("CONTROLLED", &["CUI"], Kind::Word),
    ("CONTROLLED UNCLASSIFIED INFORMATION", &["CUI"], Kind::Word),
    ("FOUO", &["CUI"], Kind::Word),
    ("FOR OFFICIAL USE ONLY", &["CUI"], Kind::Word),
    ("LAW ENFORCEMENT SENSITIVE", &["CUI"], Kind::Word),
    ("SENSITIVE BUT UNCLASSIFIED", &["CUI"], Kind::Word),
    // A caveat without a level: of some level above the lowest.
    ("NOFORN", &["CUI"], Kind::Word),
    ("ORCON", &["CUI"], Kind::Word),
    // Between CUI and SECRET, and a common word of firms: only with a control after it, and then the level above.
    ("C", CONFIDENTIAL, Kind::Base),
    ("CONFIDENTIAL", CONFIDENTIAL, Kind::Base),
    ("S", &["SECRET"], Kind::Short),
    ("SECRET", &["SECRET"], Kind::Name),
    ("TS", &["TS", "TOP SECRET"], Kind::Short),
    ("TOP SECRET", &["TS", "TOP SECRET"], Kind::Name),
    ("TS/SCI", &["TS_SCI"], Kind::Word),
    ("TOP SECRET/SCI", &["TS_SCI"], Kind::Name),
];

/// Phrases of NATO, the European Union and the United Kingdom.
pub(crate) const OTHERS: &[(&str, Like, Kind)] = &[
    ("NATO RESTRICTED", RESTRICTED, Kind::Strong),
    ("NATO DIFFUSION RESTREINTE", RESTRICTED, Kind::Strong),
    ("NATO CONFIDENTIAL", CONFIDENTIAL, Kind::Strong),
    ("OTAN CONFIDENTIEL", CONFIDENTIAL, Kind::Strong),
    ("NATO SECRET", SECRET, Kind::Strong),
    ("OTAN SECRET", SECRET, Kind::Strong),
    ("COSMIC TOP SECRET", TOP_SECRET, Kind::Strong),
    ("COSMIC TRES SECRET", TOP_SECRET, Kind::Strong),
    ("NR", RESTRICTED, Kind::Base),
    ("NC", CONFIDENTIAL, Kind::Base),
    ("NS", SECRET, Kind::Base),
    ("CTS", TOP_SECRET, Kind::Short),
    ("CTS-B", TOP_SECRET, Kind::Short),
    ("CTS-BALK", TOP_SECRET, Kind::Short),
    ("JOINT SECRET", SECRET, Kind::Strong),
    ("JOINT TOP SECRET", TOP_SECRET, Kind::Strong),
    ("EU RESTRICTED", RESTRICTED, Kind::Strong),
    ("RESTREINT UE", RESTRICTED, Kind::Strong),
    ("R-UE/EU-R", RESTRICTED, Kind::Strong),
    ("EU CONFIDENTIAL", CONFIDENTIAL, Kind::Strong),
    ("CONFIDENTIEL UE", CONFIDENTIAL, Kind::Strong),
    ("C-UE/EU-C", CONFIDENTIAL, Kind::Strong),
    ("EU SECRET", SECRET, Kind::Strong),
    ("SECRET UE", SECRET, Kind::Strong),
    ("S-UE/EU-S", SECRET, Kind::Strong),
    ("EU TOP SECRET", TOP_SECRET, Kind::Strong),
    ("TRES SECRET UE", TOP_SECRET, Kind::Strong),
    ("TS-UE/EU-TS", TOP_SECRET, Kind::Strong),
    ("OFFICIAL-SENSITIVE", RESTRICTED, Kind::Strong),
    ("UK CONFIDENTIAL", CONFIDENTIAL, Kind::Strong),
    ("UK SECRET", SECRET, Kind::Strong),
    ("UK TOP SECRET", TOP_SECRET, Kind::Strong),
    ("SECRET UK EYES ONLY", SECRET, Kind::Strong),
    ("SECRET - UK EYES ONLY", SECRET, Kind::Strong),
    ("TOP SECRET UK EYES ONLY", TOP_SECRET, Kind::Strong),
    ("TOP SECRET - UK EYES ONLY", TOP_SECRET, Kind::Strong),
];
