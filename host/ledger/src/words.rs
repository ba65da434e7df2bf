//! The words of a record. Each is an open set: a word this version does not know is kept as it stands.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $word:ident = $text:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
            /// A word that a later version added.
            Other(String),
        }

        impl $name {
            /// The word as it stands in the record.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $text,)+
                    Self::Other(text) => text,
                }
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$word,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(deserializer).map(|text| Self::from(&*text))
            }
        }
    )+};
}

words! {
    /// What a record tells of.
    Kind {
        /// A request came in.
        #[default]
        Intent = "INTENT",
        /// A stage decided.
        Decision = "DECISION",
        /// The exchange ended.
        Execution = "EXECUTION",
        /// A person's agreement to a call was asked for, or what became of that.
        Approval = "APPROVAL",
        /// A policy set was put in force, or refused.
        Policy = "POLICY",
        /// The tree's root was signed.
        Checkpoint = "CHECKPOINT",
        /// The ledger was opened after an unclean end.
        Recovery = "RECOVERY",
        /// Old segments are let go by the operator's rule.
        Retention = "RETENTION",
    }
    /// Where a plugin is asked.
    Stage {
        /// Before anything leaves.
        #[default]
        Admission = "admission",
        /// On text as it streams.
        Inspection = "inspection",
        /// Before an effect.
        Commitment = "commitment",
        /// Afterwards; cannot change the outcome.
        Recording = "recording",
    }
    /// What was decided.
    Verdict {
        /// It may happen.
        #[default]
        Allow = "allow",
        /// It may not.
        Deny = "deny",
        /// A person must approve.
        Escalate = "escalate",
        /// A call was taken out of the answer.
        Withheld = "withheld",
    }
    /// How a plugin's word counts.
    Mode {
        /// It is applied.
        #[default]
        Enforce = "enforce",
        /// It is recorded as would-have, never applied.
        Monitor = "monitor",
    }
    /// What became of asking for a person's agreement. Only the first is written yet; the others are reserved.
    Approved {
        /// Nobody could be asked, so the call did not happen.
        #[default]
        Unavailable = "unavailable",
        /// Somebody was asked, and the call waits.
        Requested = "requested",
        /// It was agreed to.
        Granted = "granted",
        /// It was refused.
        Denied = "denied",
        /// Nobody answered in time.
        Expired = "expired",
        /// What was agreed to has happened, and the agreement is spent.
        Used = "used",
    }
    /// What a declared reference may do.
    Use {
        /// Nothing but being recorded.
        #[default]
        Execution = "execution",
        /// Its labels are in force from the beginning of the exchange that names it.
        Governance = "governance",
    }
    /// How an exchange ended.
    Outcome {
        /// The whole answer reached the client.
        #[default]
        Completed = "completed",
        /// A policy ended it.
        Denied = "denied",
        /// It was cut short by the gate: shutdown, crash, time-out.
        Aborted = "aborted",
        /// The upstream failed.
        UpstreamError = "upstream_error",
        /// The client went away.
        ClientGone = "client_gone",
    }
}
