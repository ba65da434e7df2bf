use super::confidence;

fn sure(text: &str) -> u8 {
    confidence(text, &mut vec![])
}

#[test]
fn what_breaks_out() {
    for text in [
        "' or 1=1--",
        "admin'--",
        "1 or 1=1",
        "x' and name()='y' or 'x'='y",
        "-1 union all select null,null",
        "1 UNION/**/SELECT password FROM users",
        "1; drop table students",
        "'; exec xp_cmdshell('dir')--",
        "1 order by 10--",
        "1' and sleep(5)#",
        "1 and (select count(*) from information_schema.tables) > 0",
        "\" or \"\"=\"",
        "a' = 'b",
        "1;waitfor delay '0:0:5'",
        "' into outfile '/tmp/x",
        "1 having 1=1",
        "DR/**/OP TABLE x",
        "/*!50000select*/ 1",
        "\\' or 1=1 -- ",
        "1 AND DBMS_PIPE.RECEIVE_MESSAGE('a',5)=1",
        "1||utl_http.request('http://x.example')",
    ] {
        assert!(sure(text) >= 70, "{text}: {}", sure(text));
    }
}

#[test]
fn what_does_not() {
    for text in [
        "SELECT name, count(*) FROM users WHERE age > 30 GROUP BY name ORDER BY 2 DESC LIMIT 10",
        "SELECT a FROM b UNION SELECT c FROM d",
        "WITH t AS (SELECT 1 AS x FROM a) SELECT x FROM t WHERE x IN (1, 2)",
        "O'Brien and sons",
        "rock 'n' roll",
        "Please select a union representative",
        "it's 5 or 6 o'clock",
        "black \"and\" white stripes",
        "C# or F#",
        "drop me a line; call me later",
        "my--slug--here",
        "price = 5",
        "my_dbms_x.call(1), dbms_output, utl_file",
        "(800) 555-1234",
        "1/4\"-1/2\" wide ribbon",
    ] {
        assert!(sure(text) < 70, "{text}: {}", sure(text));
    }
}
