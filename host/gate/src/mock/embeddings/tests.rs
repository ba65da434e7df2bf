#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::mock::dialect::Dialect;
use crate::mock::reply::Reply;
use crate::mock::request::Asked;

fn ask(body: &Value) -> Value {
    let asked = Asked::parse(Dialect::OpenaiEmbeddings, body.to_string().as_bytes()).unwrap();
    whole(&Said::new(&asked, &Reply::default(), b""))
}

fn numbers(vector: &Value) -> Vec<f64> {
    vector.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn a_vector_for_each_input() {
    let answer = ask(&json!({"model": "m", "input": ["one", "two", "one"], "dimensions": 40}));
    assert_eq!((&answer["object"], &answer["model"]), (&json!("list"), &json!("m")));
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.iter().map(|one| one["index"].as_u64().unwrap()).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(data[0]["embedding"], data[2]["embedding"]);
    assert_ne!(data[0]["embedding"], data[1]["embedding"]);
    let one = numbers(&data[1]["embedding"]);
    assert_eq!(one.len(), 40);
    assert!((one.iter().map(|number| number * number).sum::<f64>() - 1.0).abs() < 1e-4);
    assert_eq!(answer["usage"]["prompt_tokens"], 3);
}

#[test]
fn in_base64_and_of_the_usual_length() {
    let plain = numbers(&ask(&json!({"model": "m", "input": "one"}))["data"][0]["embedding"]);
    assert_eq!(plain.len(), DIMENSIONS);
    let answer = ask(&json!({"model": "m", "input": "one", "encoding_format": "base64"}));
    let bytes = STANDARD.decode(answer["data"][0]["embedding"].as_str().unwrap()).unwrap();
    let decoded: Vec<f64> =
        bytes.chunks_exact(4).map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap()))).collect();
    assert!(decoded.iter().zip(&plain).all(|(one, other)| (one - other).abs() < 1e-6) && decoded.len() == DIMENSIONS);
}

#[test]
fn tokens_are_one_input_or_several() {
    assert_eq!(ask(&json!({"model": "m", "input": [1, 2, 3]}))["data"].as_array().unwrap().len(), 1);
    assert_eq!(ask(&json!({"model": "m", "input": [[1, 2], [3]]}))["data"].as_array().unwrap().len(), 2);
    assert_eq!(
        numbers(&ask(&json!({"model": "m", "input": "x", "dimensions": u64::MAX}))["data"][0]["embedding"]).len(),
        MAX_DIMENSIONS
    );
}
