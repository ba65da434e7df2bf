//! Names of what a span is, in the words of data sets and of plugins: one name for all that mean the same.

use std::str::FromStr;

/// Each line: the name, then others for it. All without case, `_`, `-` and spaces.
const SAME: &[&[&str]] = &[
    &["email", "emailaddress", "mail"],
    &["card", "creditcard", "paymentcard", "creditcardnumber", "cardnumber", "pan"],
    &["ssn", "usssn", "socialsecuritynumber"],
    &["ip", "ipaddress", "ipv4", "ipv6", "ipv4address", "ipv6address"],
    &["phone", "phonenumber", "telephone", "telephonenumber", "tel", "mobile"],
    &["iban", "ibancode"],
    &["mac", "macaddress"],
    &["url", "uri", "link"],
    &["name", "person", "personname", "fullname"],
    &["address", "streetaddress", "postaladdress"],
    &["zip", "zipcode", "postcode", "postalcode"],
    &["date", "datetime"],
    &["dateofbirth", "dob", "birthdate", "birthday", "birth"],
    &["organization", "organisation", "org", "company"],
    &["passport", "passportnumber", "uspassport"],
    &[
        "driverlicense",
        "driverslicense",
        "driverlicence",
        "driverslicence",
        "drivinglicence",
        "drivinglicense",
        "usdriverlicense",
        "licence",
        "license",
    ],
    &["bankaccount", "bankaccountnumber", "accountnumber", "usbanknumber", "bank"],
    &["taxid", "usitin", "itin", "tin"],
    &["nhs", "nhsnumber", "uknhs"],
    &["crypto", "cryptowallet", "wallet", "bitcoinaddress"],
];

/// `FROM=TO` of the command line: a name of the data, and the plugin's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    from: String,
    to: String,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=').map(|(from, to)| (plain(from), plain(to))) {
            Some((from, to)) if !from.is_empty() && !to.is_empty() => Ok(Self { from, to }),
            _ => Err("write it as FROM=TO, such as CREDIT_CARD=card".to_owned()),
        }
    }
}

/// The names that were given, before those that are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Types {
    pairs: Vec<Pair>,
}

impl Types {
    pub(super) fn new(pairs: &[Pair]) -> Self {
        Self { pairs: pairs.to_vec() }
    }

    /// The one name of a type.
    pub(super) fn name(&self, of: &str) -> String {
        let name = plain(of);
        let given = self.pairs.iter().find(|pair| pair.from == name).map(|pair| pair.to.clone());
        let name = given.unwrap_or(name);
        match SAME.iter().find(|same| same.contains(&name.as_str())).and_then(|same| same.first()) {
            Some(first) => (*first).to_owned(),
            None => name,
        }
    }
}

/// Without case and what joins words.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

    use super::*;

    #[test]
    fn names_that_mean_the_same_are_one() {
        let types = Types::default();
        for (one, other) in [
            ("CREDIT_CARD", "card"),
            ("IP_ADDRESS", "ip"),
            ("US_SSN", "ssn"),
            ("EMAIL_ADDRESS", "email"),
            ("PHONE_NUMBER", "phone"),
            ("IBAN_CODE", "iban"),
            ("US_DRIVER_LICENSE", "drivers-licence"),
            ("date-of-birth", "DOB"),
        ] {
            assert_eq!(types.name(one), types.name(other), "{one} {other}");
        }
        assert_ne!(types.name("DATE_TIME"), types.name("date-of-birth"));
        assert_eq!(types.name("Badge-No"), "badgeno");
    }

    #[test]
    fn a_name_stands_in_one_line_only() {
        let mut all: Vec<&str> = SAME.iter().flat_map(|same| same.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(all.iter().all(|name| plain(name) == **name));
    }

    #[test]
    fn what_is_given_comes_first() {
        let types = Types::new(&["DATE_TIME=date-of-birth".parse().unwrap(), "STAFF_ID=badge".parse().unwrap()]);
        assert_eq!(types.name("date_time"), types.name("dob"));
        assert_eq!(types.name("Staff-ID"), "badge");
        assert!("STAFF".parse::<Pair>().is_err() && "=x".parse::<Pair>().is_err() && "x=_".parse::<Pair>().is_err());
    }
}
