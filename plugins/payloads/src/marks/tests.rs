use super::*;

#[test]
fn ldap_filters() {
    for text in ["*)(uid=*))(|(uid=*", "admin)(&(password=*))", "*(|(mail=*))", "x)(cn=y"] {
        assert!(ldap(text) >= 70, "{text}");
    }
    for text in ["f(x)(y)", "(a) (b)", "(&(uid=jo)(mail=*))", "see (1)(2)"] {
        assert!(ldap(text) < 70, "{text}");
    }
}

#[test]
fn nosql_operators() {
    for text in
        ["{\"$ne\": null}", "{'$gt': ''}", "[$ne]=1", "{\"$where\": \"1\"}", "' || this.a == 'b", "'; return '1'=='1"]
    {
        assert!(nosql(text, &Lower::new(text)) >= 70, "{text}");
    }
    for text in ["it costs $5", "$HOME/bin", "a == b", "{\"a\": \"$5\"}", "use $in of mongo"] {
        assert!(nosql(text, &Lower::new(text)) < 70, "{text}");
    }
}

#[test]
fn headers() {
    let sure = |text: &str| header(text, &crate::decode::plain(text).text);
    for text in [
        "x%0d%0aSet-Cookie: a=b",
        "x%0aLocation:%20http://e.example",
        "a\r\nBcc: x@y.example",
        "EHLO x.example",
        "MAIL FROM:<a@b.example>",
    ] {
        assert!(sure(text) >= 70, "{text}: {}", sure(text));
    }
    for text in ["Dear all,\nSubject: hello", "hello there", "mail from jo", "a1 close look"] {
        assert!(sure(text) < 70, "{text}: {}", sure(text));
    }
}

#[test]
fn templates() {
    for text in [
        "{{7*7}}",
        "${7*7}",
        "<%= 7*7 %>",
        "{{''.__class__.__mro__}}",
        "${jndi:ldap://x/a}",
        "#{T(java.lang.Runtime)}",
        "{{config}}",
    ] {
        assert!(template(text, &Lower::new(text)) >= 70, "{text}");
    }
    for text in ["{{ user.name }}", "${HOME}", "#{name}", "{% for a in b %}", "[[1]]", "{{ 12 }}", "<%= name %>"] {
        assert!(template(text, &Lower::new(text)) < 70, "{text}");
    }
}
