#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use serde_json::Value;
use witgate_policy::Reason;

use super::*;

fn denial() -> Refusal {
    let reason = Reason { plugin: "injection".into(), code: "prompt_injection".into(), message: "No.".into() };
    Refusal::policy("admission", &reason, false)
}

#[test]
fn a_denial_is_told_as_far_as_the_operator_wants() {
    let told =
        |disclose| serde_json::from_slice::<Value>(&denial().body(Dialect::OpenAiChat, "the-id", disclose)).unwrap();
    let all = told(Disclose::Code);
    assert_eq!(
        all["witgate"],
        json!({ "exchange": "the-id", "stage": "admission", "plugin": "injection", "code": "prompt_injection" })
    );
    assert_eq!(all["error"]["code"], "prompt_injection");
    let stage = told(Disclose::Stage);
    assert_eq!(stage["witgate"], json!({ "exchange": "the-id", "stage": "admission" }));
    let nothing = told(Disclose::Nothing);
    assert_eq!(nothing["witgate"], json!({ "exchange": "the-id" }));
    for told in [stage, nothing] {
        assert!(!told.to_string().contains("injection"), "{told}");
    }
}

#[test]
fn a_denial_is_not_tried_again_and_a_fault_is_no_denial() {
    let denied = denial().response(Dialect::OpenAiChat, "the-id", Disclose::Code);
    assert_eq!(
        (denied.status(), &denied.headers()["x-should-retry"]),
        (StatusCode::FORBIDDEN, &HeaderValue::from_static("false"))
    );
    assert_eq!(denied.headers()["x-witgate-exchange"], "the-id");
    let reason =
        Reason { plugin: "pii".into(), code: "fault_trap".into(), message: "A policy could not decide.".into() };
    let fault = Refusal::policy("admission", &reason, true);
    assert_eq!((fault.status, fault.kind), (StatusCode::SERVICE_UNAVAILABLE, "policy_fault"));
}

#[test]
fn a_limit_says_when_to_try_again() {
    let refusal =
        Refusal::unavailable(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "draining", "Later.").retry_after(3);
    let response = refusal.response(Dialect::OpenAiChat, "the-id", Disclose::Nothing);
    assert_eq!(response.headers()["retry-after"], "3");
    assert_eq!(response.headers()["x-should-retry"], "true");
}

#[test]
fn each_dialect_has_its_own_error_shape() {
    let body = denial().body(Dialect::AnthropicMessages, "the-id", Disclose::Code);
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&told["type"], &told["error"]["type"]), (&json!("error"), &json!("permission_error")));
    assert_eq!(told["witgate"]["exchange"], "the-id");
}
