use super::*;

#[test]
fn entropy_is_that_of_shannon() {
    assert_eq!(Value::of(b"aaaa").entropy, 0);
    assert_eq!(Value::of(b"abababab").entropy, 100);
    assert_eq!(Value::of(b"abcdefgh01234567").entropy, 400);
    // Three of one and one of another: 0.811 bits.
    assert!((79..=83).contains(&Value::of(b"aaab").entropy));
    assert_eq!(Value::of(b"").entropy, 0);
}

#[test]
fn logarithms_are_within_two_hundredths() {
    for n in 1..=255u32 {
        let exact = f64::from(n).log2() * 100.0;
        assert!((f64::from(log2(n)) - exact).abs() <= 2.0, "{n}: {} {exact}", log2(n));
    }
}

#[test]
fn stand_ins_are_told() {
    for text in [
        "changeme",
        "your_api_key",
        "xxxxxxxxxxxx",
        "${TOKEN}",
        "$API_KEY",
        "<password>",
        "{{ secret }}",
        "%TOKEN%",
        "$1",
        "$(cat x)",
        "my-secret-token",
        "********",
        "process.env.TOKEN",
        "00000000000000",
        "password",
        "secret_key",
        "${{ secrets.X }}",
    ] {
        assert!(is_stand_in(text.as_bytes()), "{text}");
    }
    for text in ["hT7kq2Lm9", "P@ssw0rd123", "correct-horse-7", "k3yB0ard"] {
        assert!(!is_stand_in(text.as_bytes()), "{text}");
    }
}

#[test]
fn words_are_told_from_random_letters() {
    for text in ["SalesResults", "operatingSystemVersion", "jackson-databind", "message_token_count", "HexSequence"] {
        assert!(is_wordy(text.as_bytes()), "{text}");
    }
    for text in ["abcdefghijklmnop123", "qzXk7RtLw9", "6fe4476ee5a1832882e3", "hGf8kLq2ZxPw"] {
        assert!(!is_wordy(text.as_bytes()), "{text}");
    }
}

#[test]
fn versions_dates_and_short_numbers_are_numbers() {
    for text in ["1.2.3", "2026-11-21", "12:30:05", "192.168.100.200", "4096", "2026-11-21T10:00:00Z"] {
        assert!(is_number(text.as_bytes()), "{text}");
    }
    assert!(!is_number(b"12ab34cd"));
}

#[test]
fn uuids_have_their_groups() {
    assert!(is_uuid(b"123e4567-e89b-12d3-a456-426614174000"));
    assert!(!is_uuid(b"123e4567-e89b-12d3-a456-42661417400"));
    assert!(!is_uuid(b"123e4567e89b-12d3-a456-426614174000-"));
}
