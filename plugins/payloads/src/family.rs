//! The families of payloads.

/// A family of payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// SQL (XPath too, which breaks out of its quotes the same way).
    Sql,
    /// Markup that runs a script.
    Xss,
    /// Shell commands.
    Command,
    /// Paths that climb, and files that tell about a system.
    Path,
    /// LDAP filters.
    Ldap,
    /// Operators of NoSQL queries.
    Nosql,
    /// Line ends that begin a header; lines of mail protocols.
    Header,
    /// Template expressions.
    Template,
    /// Addresses of internal hosts.
    Ssrf,
}

impl Family {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Sql,
        Self::Xss,
        Self::Command,
        Self::Path,
        Self::Ldap,
        Self::Nosql,
        Self::Header,
        Self::Template,
        Self::Ssrf,
    ];
    /// The first ones, for which there is a trained scorer.
    pub const SCORED: [Self; 4] = [Self::Sql, Self::Xss, Self::Command, Self::Path];

    /// The code of findings and refusals.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Sql => "sql_injection",
            Self::Xss => "xss",
            Self::Command => "command_injection",
            Self::Path => "path_traversal",
            Self::Ldap => "ldap_injection",
            Self::Nosql => "nosql_injection",
            Self::Header => "header_injection",
            Self::Template => "template_injection",
            Self::Ssrf => "ssrf",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Sql => "SQL injection",
            Self::Xss => "a script in markup",
            Self::Command => "command injection",
            Self::Path => "path traversal",
            Self::Ldap => "LDAP injection",
            Self::Nosql => "NoSQL injection",
            Self::Header => "header injection",
            Self::Template => "template injection",
            Self::Ssrf => "an internal address",
        }
    }
}
