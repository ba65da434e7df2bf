//! The kinds of personal data.

/// A kind of personal data with a shape of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A payment card's number.
    Card,
    /// A US social security number.
    Ssn,
    /// An address of a machine, IPv4 or IPv6.
    Ip,
}

impl Kind {
    /// All, in the order of their names in messages.
    pub(crate) const ALL: [Self; 4] = [Self::Email, Self::Card, Self::Ssn, Self::Ip];

    /// The finding's code and the token's kind.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Card => "card",
            Self::Ssn => "ssn",
            Self::Ip => "ip",
        }
    }

    /// What stands in the text's place when it is masked.
    pub(crate) fn mask(self) -> &'static str {
        match self {
            Self::Email => "[email]",
            Self::Card => "[card]",
            Self::Ssn => "[ssn]",
            Self::Ip => "[ip]",
        }
    }

    /// The code of a refusal.
    pub(crate) fn denial(self) -> &'static str {
        match self {
            Self::Email => "pii_email",
            Self::Card => "pii_card",
            Self::Ssn => "pii_ssn",
            Self::Ip => "pii_ip",
        }
    }

    /// How sure a match is, 0 to 100.
    pub(crate) fn confidence(self) -> u8 {
        match self {
            Self::Email => 95,
            Self::Card | Self::Ip => 90,
            Self::Ssn => 85,
        }
    }
}
