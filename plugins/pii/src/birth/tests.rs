#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{name, numbers};
use crate::run::Run;
use crate::view::View;
use crate::words::Lexicon;

fn find<'a>(before: &str, date: &'a str) -> Option<&'a str> {
    let text = format!("{before}{date}");
    let (view, lexicon, start) = (View::new(&text, true), Lexicon::new(), before.len());
    let end = match Run::read(view, start).unwrap() {
        Some(run) => numbers(view, start, &run, &lexicon).unwrap(),
        None => name(view, start, &lexicon).unwrap(),
    };
    end.map(|end| &date[..end - start])
}

#[test]
fn dates_beside_a_word_of_birth_are_found() {
    for date in [
        "1980-12-03",
        "03/12/1980",
        "3.12.80",
        "3 December 1980",
        "3rd of December, 1980",
        "3. Dezember 1980",
        "3 de diciembre de 1980",
        "December 3, 1980",
        "Dec. 3 1980",
    ] {
        for words in ["born on ", "DOB: ", "date of birth ", "geboren am ", "né le ", "\"birth_date\": \""] {
            assert_eq!(find(words, date), Some(date), "{words}{date}");
        }
        assert_eq!(find("shipped on ", date), None, "{date}");
    }
}

#[test]
fn what_is_no_date_is_not() {
    for text in ["12/34/5678", "1980", "May I", "March on", "3 Dragons 1980", "45 December 1980", "December 3, 80"] {
        assert_eq!(find("born ", text), None, "{text}");
    }
}
