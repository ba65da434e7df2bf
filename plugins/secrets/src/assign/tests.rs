use crate::tests::plugin;

/// What is found in a text: kinds and values.
fn found(text: &str) -> Vec<(&'static str, String)> {
    plugin("{}")
        .find(text)
        .into_iter()
        .map(|(hit, _)| (hit.kind.kind.name(), text.get(hit.at).unwrap_or_default().to_owned()))
        .collect()
}

fn one(text: &str, kind: &str, value: &str) {
    assert_eq!(found(text), [(if kind.is_empty() { "" } else { leak(kind) }, value.to_owned())], "{text}");
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[test]
fn values_are_found_however_they_are_assigned() {
    const VALUE: &str = "hT7kq2Lm9Zx4Rw8s";
    for text in [
        "API_KEY=hT7kq2Lm9Zx4Rw8s",
        "export API_KEY='hT7kq2Lm9Zx4Rw8s'",
        "api_key: hT7kq2Lm9Zx4Rw8s\n",
        "\"api_key\": \"hT7kq2Lm9Zx4Rw8s\",",
        "{\\\"api_key\\\": \\\"hT7kq2Lm9Zx4Rw8s\\\"}",
        "const apiKey = `hT7kq2Lm9Zx4Rw8s`;",
        "apiKey := \"hT7kq2Lm9Zx4Rw8s\"",
        ":api_key => 'hT7kq2Lm9Zx4Rw8s'",
        "tool --api-key hT7kq2Lm9Zx4Rw8s run",
        "tool --token=hT7kq2Lm9Zx4Rw8s",
        "GET /v1?access_token=hT7kq2Lm9Zx4Rw8s&x=1",
        "env(\"API_TOKEN\", \"hT7kq2Lm9Zx4Rw8s\")",
        "<apiKey>hT7kq2Lm9Zx4Rw8s</apiKey>",
        "X-Api-Key: hT7kq2Lm9Zx4Rw8s",
        "the secret token is hT7kq2Lm9Zx4Rw8s.",
        "mailgun TOKEN hT7kq2Lm9Zx4Rw8s",
        "mailgun: hT7kq2Lm9Zx4Rw8s",
    ] {
        one(text, "secret", VALUE);
    }
}

#[test]
fn passwords_may_be_short_and_odd() {
    one("password = \"goodspec\"", "password", "goodspec");
    one("PASSWORD=P@ssw0rd$1", "password", "P@ssw0rd$1");
    one("Server=db;User Id=sa;Password=hT7!kq;Encrypt=true", "password", "hT7!kq");
    one("my password is Blue42sky", "password", "Blue42sky");
    one("\"passwd\": \"a b\", \"pwd\": \"x7#Lm2\"", "password", "x7#Lm2");
}

#[test]
fn headers_and_curl_carry_credentials() {
    one("Authorization: Bearer hT7kq2Lm9Zx4Rw8sVb3N", "authorization", "hT7kq2Lm9Zx4Rw8sVb3N");
    one("-H 'Authorization: Basic am86aFQ3a3EyTG05'", "authorization", "am86aFQ3a3EyTG05");
    one("curl -u jo:hT7kq2Lm https://example.org", "authorization", "hT7kq2Lm");
    one("curl --user 'jo:hT7kq2~1s' x", "authorization", "hT7kq2~1s");
}

#[test]
fn look_alikes_pass() {
    for text in [
        "commit 9a038989604e8da62ecddbe2094b16ce1b778be1",
        "sha256: 6fe4476ee5a1832882e326b506d141266fe4476ee5a1832882e326b506d14126",
        "\"integrity\": \"sha512-mEQCMmwJu317oSz8CwdIOdwf3xMif1ttiM8LTufzc3g6kR+9Pe236twL8j3IYT1F7GfRgGcW6MWxzZjLIkuHIg==\"",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "key_id = 555ea4a3-d53a-4412-9c66-3a7cb667b0d6",
        "api_key = os.environ[\"API_KEY\"]",
        "apiKey: process.env.API_KEY_2,",
        "token: ${{ secrets.DEPLOY_TOKEN_1 }}",
        "password: String,",
        "password = request.password2",
        "\"password\": \"string\"",
        "token = get_token(user1)",
        "max_tokens: 4096",
        "api_version=2024-10-01",
        "const chars_key = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\"",
        "key = \"user_profile_2\"",
        "key: DOC_Vector_5_32",
        "csrf_token=Mj2qykJO5rELyHgezQ69nzUX0i3OH67V",
        "public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit\"",
        "secret_name: prod-db-2024",
        "curl -u \"$USER:$PASSWORD\" https://example.org",
        "curl -u user:pass https://example.org",
        "Authorization: Bearer $TOKEN",
        "Authorization: Bearer <token>",
        "tool_call_id call_x8F3kdP0qLm2Zt7Rw9Vb",
        "call_x8F3kdP0qLm2Zt7Rw9Vb",
        "MantleAPI_version=9a038989604e8da62ecddbe2094b16ce1b778be1",
        "access_token_url='https://example.org/login/oauth2/access_token',",
        "keyFile=s_rsa1024_priv.pem",
        "SECRET_KEY=changeme123",
        "secret: PrivatePkcs8KeyDer,",
        "signing_key: Ed25519SigningKey",
        "convert(user_password using cp1251))",
        "\"password\": \"[PASSWORD_K3V9X2QA]\"",
        "token=[SECRET_K3V9X2QA]",
        "Authorization: Bearer [AUTHORIZATION_K3V9X2QA]",
        "the api key is [API-KEY_K3V9X2QA].",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

/// What people write every day.
#[test]
fn everyday_sentences_pass() {
    for text in [
        "My friend Dan is coming over at 7:30 tonight.",
        "What type of cat is this?",
        "Item #5",
        "a | b",
        "truncate",
        "delete it from my calendar",
        "Explain the subprocess module",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} is a family",
        "contact customer support, extension 5",
        "The key to success is patience.",
        "How do I reset my password?",
        "Password must be at least 12 characters long.",
        "I forgot my password123 rule, what was it?",
        "What is a JSON web token?",
        "Use a bearer token to authenticate.",
        "The secret ingredient is 2 cups of butter.",
        "Basic access to the park costs $12.50.",
        "Flight BA2490 leaves at 10:45 from T5.",
        "Order 4512-88-1290 shipped on 2026-11-21.",
        "My phone number is +1 415 555 0132.",
        "Room key 1204, second floor.",
        "token economics 101",
        "The access code is 4711.",
        "public key cryptography uses RSA-2048 or Ed25519",
        "GPT-4o and claude-3-5-sonnet-20241022 are models",
        "git checkout 3f2a9bc",
        "see https://example.org/docs/api-keys?page=2#section-3",
        "https://github.com/tokio-rs/axum/commit/9a038989604e8da62ecddbe2094b16ce1b778be1",
        "SELECT api_key FROM users WHERE id = 42",
        "The Auth0 login page returns 302.",
        "Meeting at Stripe HQ, 354 Oyster Point Blvd, 94080",
        "version 1.2.3-beta.4+build.567",
        "The answer is 42, or 0x2A in hexadecimal.",
        "import { useToken } from './hooks/useToken2';",
        "Please summarise chapter 12 of the book \"The Secret History\".",
        "pass: 8/10, fail: 2/10",
        "ISBN 978-3-16-148410-0",
        "IBAN DE89370400440532013000",
        "Wi-Fi: ask at the desk for the password",
        "I pressed key F12 twice.",
        "My favourite API is REST/2.",
        "ssh-keygen -t ed25519 -C jo",
        "What does 'export PATH=$PATH:/usr/local/bin' do?",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}
