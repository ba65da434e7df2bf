//! The words that stand after `//` in a marking: dissemination controls, compartments, handling instructions.

/// What a control says of the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raise {
    /// Nothing.
    No,
    /// At least the level of controlled unclassified information.
    Controlled,
    /// The level of compartmented information.
    Compartment,
}

/// The controls, as the public US register writes them.
pub(crate) const CONTROLS: &[(&str, Raise)] = &[
    ("NOFORN", Raise::No),
    ("NF", Raise::No),
    ("ORCON", Raise::No),
    ("OC", Raise::No),
    ("IMCON", Raise::No),
    ("IMC", Raise::No),
    ("PROPIN", Raise::No),
    ("PR", Raise::No),
    ("RELIDO", Raise::No),
    ("REL", Raise::No),
    ("DSEN", Raise::No),
    ("FISA", Raise::No),
    ("FGI", Raise::No),
    ("LIMDIS", Raise::No),
    ("EXDIS", Raise::No),
    ("XD", Raise::No),
    ("NODIS", Raise::No),
    ("ND", Raise::No),
    ("RD", Raise::No),
    ("FRD", Raise::No),
    ("TFNI", Raise::No),
    ("CNWDI", Raise::No),
    ("SIGMA", Raise::No),
    ("SAR", Raise::No),
    ("SAP", Raise::No),
    ("SPECAT", Raise::No),
    ("WNINTEL", Raise::No),
    ("NOCONTRACT", Raise::No),
    ("DISPLAY", Raise::No),
    ("EYES", Raise::No),
    ("NATO", Raise::No),
    ("ATOMAL", Raise::No),
    ("BOHEMIA", Raise::No),
    ("BALK", Raise::No),
    ("STRAP1", Raise::No),
    ("STRAP2", Raise::No),
    ("STRAP3", Raise::No),
    ("LOCSEN", Raise::No),
    ("UKEO", Raise::No),
    ("FOUO", Raise::Controlled),
    ("CUI", Raise::Controlled),
    ("LES", Raise::Controlled),
    ("SBU", Raise::Controlled),
    ("SSI", Raise::Controlled),
    ("SP", Raise::Controlled),
    ("UCNI", Raise::Controlled),
    ("DCNI", Raise::Controlled),
    ("NOCON", Raise::Controlled),
    ("FEDCON", Raise::Controlled),
    ("FED", Raise::Controlled),
    ("SI", Raise::Compartment),
    ("SCI", Raise::Compartment),
    ("TK", Raise::Compartment),
    ("HCS", Raise::Compartment),
    ("COMINT", Raise::Compartment),
    ("GAMMA", Raise::Compartment),
    ("KDK", Raise::Compartment),
    ("KLONDIKE", Raise::Compartment),
    ("RSV", Raise::Compartment),
    ("BUR", Raise::Compartment),
];

/// Controls of at least this many letters are recognised in looser surroundings; shorter ones read as words too easily.
pub(crate) const LONG: usize = 5;

/// What a control raises; none if it is not one.
pub(crate) fn find(word: &str) -> Option<Raise> {
    CONTROLS.iter().find(|(c, _)| *c == word).map(|(_, raise)| *raise)
}
