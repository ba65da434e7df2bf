//! The kinds of personal data.

use serde::Deserialize;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A payment card's number.
    Card,
    /// An international bank account number.
    Iban,
    /// An account number, US routing number or UK sort code.
    Bank,
    /// A telephone number.
    Phone,
    /// A US social security number.
    Ssn,
    /// A number that another state, or the US tax office, gave a person.
    NationalId,
    /// An address of a machine, IPv4 or IPv6.
    Ip,
    /// A passport's number.
    Passport,
    /// A driving licence's number.
    Licence,
    /// A day of birth.
    Birth,
    /// A person's name.
    Person,
    /// A postal address.
    Address,
    /// One of the operator's own kinds, by its place in the configuration.
    #[serde(skip)]
    Custom(u8),
}

impl Kind {
    /// Those that are built in, in the order of their names in messages.
    pub const ALL: [Self; 13] = [
        Self::Email,
        Self::Card,
        Self::Iban,
        Self::Bank,
        Self::Phone,
        Self::Ssn,
        Self::NationalId,
        Self::Ip,
        Self::Passport,
        Self::Licence,
        Self::Birth,
        Self::Person,
        Self::Address,
    ];

    /// The finding's code and the token's kind. All of the operator's kinds have one code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Bank => "bank",
            Self::Phone => "phone",
            Self::Ssn => "ssn",
            Self::NationalId => "national-id",
            Self::Ip => "ip",
            Self::Passport => "passport",
            Self::Licence => "licence",
            Self::Birth => "birth",
            Self::Person => "person",
            Self::Address => "address",
            Self::Custom(_) => "custom",
        }
    }

    /// The code of a refusal.
    pub(crate) fn denial(self) -> &'static str {
        match self {
            Self::Email => "pii_email",
            Self::Card => "pii_card",
            Self::Iban => "pii_iban",
            Self::Bank => "pii_bank",
            Self::Phone => "pii_phone",
            Self::Ssn => "pii_ssn",
            Self::NationalId => "pii_national_id",
            Self::Ip => "pii_ip",
            Self::Passport => "pii_passport",
            Self::Licence => "pii_licence",
            Self::Birth => "pii_birth",
            Self::Person => "pii_person",
            Self::Address => "pii_address",
            Self::Custom(_) => "pii_custom",
        }
    }

    /// How sure a match is, 0 to 100.
    pub(crate) fn confidence(self) -> u8 {
        match self {
            Self::Iban => 99,
            Self::Email => 95,
            Self::Card | Self::Ip | Self::Custom(_) => 90,
            Self::Ssn | Self::NationalId => 85,
            Self::Phone | Self::Bank | Self::Birth => 80,
            Self::Passport | Self::Licence => 70,
            Self::Person | Self::Address => 50,
        }
    }

    /// Its bit among the kinds that are built in.
    pub(crate) fn bit(self) -> u16 {
        Self::ALL.iter().position(|kind| *kind == self).map_or(0, |i| 1 << i)
    }
}
