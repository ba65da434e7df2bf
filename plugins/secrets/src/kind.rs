//! The kinds of secrets.

/// A kind of secret, by how it is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A key with the shape that its provider gives it.
    ApiKey,
    /// A private key as PEM, OpenPGP, PuTTY or age write it.
    PrivateKey,
    /// A JSON web token.
    Jwt,
    /// A password in a URL, or a URL that is a secret as a whole.
    Url,
    /// What stands behind `Authorization:`, `Bearer`, `curl -u`.
    Authorization,
    /// What is assigned to a name that says password.
    Password,
    /// What is assigned to a name that says key, token or secret, and looks random.
    Assigned,
}

impl Kind {
    /// All, in the order of their names in messages.
    pub(crate) const ALL: [Self; 7] =
        [Self::ApiKey, Self::PrivateKey, Self::Jwt, Self::Url, Self::Authorization, Self::Password, Self::Assigned];

    /// The finding's code and the token's kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "api-key",
            Self::PrivateKey => "private-key",
            Self::Jwt => "jwt",
            Self::Url => "url-secret",
            Self::Authorization => "authorization",
            Self::Password => "password",
            Self::Assigned => "secret",
        }
    }

    /// What stands in the text's place when it is masked.
    pub(crate) fn mask(self) -> &'static str {
        match self {
            Self::ApiKey => "[api-key]",
            Self::PrivateKey => "[private-key]",
            Self::Jwt => "[jwt]",
            Self::Url => "[url-secret]",
            Self::Authorization => "[authorization]",
            Self::Password => "[password]",
            Self::Assigned => "[secret]",
        }
    }

    /// How sure a match is, 0 to 100.
    pub(crate) fn confidence(self) -> u8 {
        match self {
            Self::PrivateKey => 99,
            Self::ApiKey | Self::Jwt => 95,
            Self::Url | Self::Authorization => 90,
            Self::Password => 80,
            Self::Assigned => 75,
        }
    }
}
