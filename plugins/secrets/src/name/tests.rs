use super::*;

fn clue(name: &str) -> Clue {
    Names::new().read(name.as_bytes()).clue
}

#[test]
fn names_say_what_they_hold() {
    for name in ["password", "DB_PASSWORD", "userPassword", "mysql-pwd", "passphrase", "pass", "ADMIN_PASSWORD_2"] {
        assert_eq!(clue(name), Clue::Password, "{name}");
    }
    for name in [
        "api_key",
        "apiKey",
        "API-KEY",
        "client.secret",
        "AWS_SECRET_ACCESS_KEY",
        "authToken",
        "x-api-key",
        "SECRET_KEY_BASE64",
        "token_prod",
    ] {
        assert_eq!(clue(name), Clue::Strong, "{name}");
    }
    assert_eq!(clue("key"), Clue::Weak);
    assert_eq!(clue("ticket_key"), Clue::Named);
}

#[test]
fn names_of_other_things_veto() {
    for name in [
        "key_id",
        "token_count",
        "max_tokens",
        "sha256",
        "public_key",
        "primaryKey",
        "csrf_token",
        "secret_name",
        "tokenUrl",
        "keyFile",
        "password_hash",
        "pageToken",
        "bucket_key",
        "commit",
        "integrity",
        "api_version",
        "credentialsId",
    ] {
        assert_eq!(clue(name), Clue::Veto, "{name}");
    }
    for name in ["monolith", "the", "bitbucket", "x"] {
        assert_eq!(clue(name), Clue::Nothing, "{name}");
    }
}

#[test]
fn services_are_known_with_what_stands_behind() {
    let names = Names::new();
    for name in ["mailgun", "MAILGUN_API_KEY", "mailgunSecret", "mailgun-access-token"] {
        assert!(names.read(name.as_bytes()).service, "{name}");
    }
    for name in ["github", "message", "api_key", ""] {
        assert!(!names.read(name.as_bytes()).service, "{name}");
    }
}

#[test]
fn the_lexicon_is_plain() {
    for name in NAMES.split_whitespace() {
        assert!(name.len() >= 3 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}");
    }
}
