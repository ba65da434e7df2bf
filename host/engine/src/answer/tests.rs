use super::*;

fn comes_back<T: Answered + std::fmt::Debug>(answer: &T) {
    let read = T::read(&answer.written());
    assert_eq!(format!("{:?}", Some(answer)), format!("{read:?}"));
}

#[test]
fn every_answer_comes_back_as_it_was() {
    comes_back(&u64::MAX);
    for value in [None, Some(vec![]), Some(b"none".to_vec()), Some(vec![0, 0xff])] {
        comes_back::<Result<_, StateError>>(&Ok(value));
    }
    comes_back::<Result<(), StateError>>(&Ok(()));
    comes_back::<Result<i64, StateError>>(&Ok(i64::MIN));
    comes_back::<Result<AdmissionRate, StateError>>(&Ok(AdmissionRate::Taken(7)));
    comes_back::<Result<AdmissionRate, StateError>>(&Ok(AdmissionRate::WaitMs(u64::MAX)));
    for error in [StateError::Full, StateError::TooLarge, StateError::Unavailable] {
        comes_back::<Result<(), StateError>>(&Err(error));
        comes_back::<Result<Option<Vec<u8>>, StateError>>(&Err(error));
        comes_back::<Result<i64, StateError>>(&Err(error));
        comes_back::<Result<AdmissionRate, StateError>>(&Err(error));
    }
}

#[test]
fn what_is_asked_otherwise_is_answered_anew() {
    let answer = |service, value: &[u8]| HostAnswer::new(service, value.to_vec());
    let answers: VecDeque<_> = [answer("clock", b"5"), answer("get", b"gibberish")].into_iter().flatten().collect();
    let mut playback = Playback { answers, now_ms: None };
    assert!(playback.next::<Result<(), StateError>>("set").is_none(), "the clock was asked here");
    assert_eq!(playback.next::<u64>("clock"), Some(5));
    assert!(playback.next::<Result<Option<Vec<u8>>, StateError>>("get").is_none());
    assert!(playback.answers.is_empty(), "and not offered again");
    assert!(answer("sleep", b"").is_none());
}
