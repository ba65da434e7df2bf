//! The words of SQL, as far as they tell how a text would be read.

use super::token::Kind;

/// The class of a word in lower case.
pub(crate) fn class(word: &[u8]) -> Option<Kind> {
    let table = match word.len() {
        2 => TWO,
        3 => THREE,
        4 => FOUR,
        5 => FIVE,
        6 => SIX,
        7 => SEVEN,
        8 => EIGHT,
        9..=20 => LONG,
        _ => return None,
    };
    table.iter().find(|(name, _)| name.as_bytes() == word).map(|(_, kind)| *kind)
}

/// Whether a word that stands before `(` is a function that data bases have. `word` is in lower case.
pub(crate) fn is_function(word: &[u8]) -> bool {
    FUNCTIONS.binary_search_by(|name| name.as_bytes().cmp(word)).is_ok()
}

/// Whether a function or name is of no use but to probe or to break in.
pub(crate) fn is_probe(word: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 10] =
        [b"xp_", b"sp_", b"dbms_", b"utl_", b"pg_sleep", b"pg_read", b"sys_e", b"lo_import", b"lo_export", b"ctxsys"];
    PROBES.binary_search_by(|name| name.as_bytes().cmp(word)).is_ok() || PREFIXES.iter().any(|p| word.starts_with(p))
}

/// Whether a name is one of a data base's catalogue.
pub(crate) fn is_catalogue(word: &[u8]) -> bool {
    CATALOGUE.binary_search_by(|name| name.as_bytes().cmp(word)).is_ok()
        || [&b"information_schema"[..], b"pg_catalog", b"rdb$", b"msysobjects", b"all_tab", b"user_tab", b"mysql.", b"v$"]
            .iter()
            .any(|p| word.starts_with(p))
}

type Table = &'static [(&'static str, Kind)];

const TWO: Table = &[
    ("or", Kind::Logic),
    ("as", Kind::Word),
    ("in", Kind::Compare),
    ("is", Kind::Compare),
    ("if", Kind::Case),
    ("on", Kind::Clause),
    ("by", Kind::Clause),
];
const THREE: Table = &[
    ("and", Kind::Logic),
    ("xor", Kind::Logic),
    ("not", Kind::Not),
    ("all", Kind::Distinct),
    ("div", Kind::Math),
    ("mod", Kind::Math),
    ("end", Kind::Case),
    ("set", Kind::Clause),
];
const FOUR: Table = &[
    ("like", Kind::Compare),
    ("case", Kind::Case),
    ("when", Kind::Case),
    ("then", Kind::Case),
    ("else", Kind::Case),
    ("from", Kind::From),
    ("into", Kind::Into),
    ("join", Kind::Clause),
    ("exec", Kind::Statement),
    ("drop", Kind::Statement),
    ("call", Kind::Statement),
    ("copy", Kind::Statement),
    ("null", Kind::Number),
    ("true", Kind::Number),
    ("glob", Kind::Compare),
    ("with", Kind::With),
];
const FIVE: Table = &[
    ("union", Kind::Union),
    ("minus", Kind::Union),
    ("where", Kind::Where),
    ("group", Kind::Order),
    ("order", Kind::Order),
    ("limit", Kind::Order),
    ("ilike", Kind::Compare),
    ("rlike", Kind::Compare),
    ("false", Kind::Number),
    ("alter", Kind::Statement),
    ("grant", Kind::Statement),
    ("merge", Kind::Statement),
    ("using", Kind::Clause),
    ("value", Kind::Word),
];
const SIX: Table = &[
    ("select", Kind::Select),
    ("insert", Kind::Statement),
    ("update", Kind::Statement),
    ("delete", Kind::Statement),
    ("create", Kind::Statement),
    ("having", Kind::Order),
    ("except", Kind::Union),
    ("regexp", Kind::Compare),
    ("sounds", Kind::Compare),
    ("binary", Kind::Unary),
    ("values", Kind::Clause),
    ("rename", Kind::Statement),
    ("revoke", Kind::Statement),
    ("exists", Kind::Unary),
    ("offset", Kind::Order),
    ("escape", Kind::Compare),
];
const SEVEN: Table = &[
    ("between", Kind::Compare),
    ("collate", Kind::Math),
    ("declare", Kind::Statement),
    ("execute", Kind::Statement),
    ("outfile", Kind::Into),
    ("waitfor", Kind::Statement),
    ("handler", Kind::Statement),
    ("similar", Kind::Compare),
    ("replace", Kind::Statement),
];
const EIGHT: Table = &[
    ("distinct", Kind::Distinct),
    ("truncate", Kind::Statement),
    ("shutdown", Kind::Statement),
    ("dumpfile", Kind::Into),
    ("describe", Kind::Statement),
];
const LONG: Table = &[
    ("intersect", Kind::Union),
    ("procedure", Kind::Order),
    ("distinctrow", Kind::Distinct),
    ("reconfigure", Kind::Statement),
];

const FUNCTIONS: &[&str] = &[
    "abs", "acos", "aes_decrypt", "aes_encrypt", "array_agg", "ascii", "asin", "atan", "avg", "bin", "bit_count",
    "cast", "ceil", "ceiling", "char", "char_length", "chr", "coalesce", "compress", "concat", "concat_ws", "conv",
    "convert", "cos", "cot", "count", "crc32", "curdate", "current_user", "curtime", "database", "date_add",
    "date_format", "datediff", "db_name", "decode", "degrees", "des_decrypt", "des_encrypt", "elt", "encode",
    "encrypt", "exp", "extract", "field", "find_in_set", "floor", "found_rows", "from_base64", "from_unixtime",
    "getdate", "greatest", "group_concat", "hex", "host_name", "iif", "ifnull", "inet_aton", "inet_ntoa", "insert",
    "instr", "interval", "isnull", "json_arrayagg", "json_extract", "json_keys", "last_insert_id", "lcase", "least",
    "left", "len", "length", "listagg", "ln", "localtime", "locate", "log", "log10", "log2", "lower", "lpad", "ltrim",
    "make_set", "max", "md5", "mid", "min", "mod", "now", "nullif", "nvl", "object_id", "object_name", "oct",
    "octet_length", "ord", "patindex", "pi", "position", "pow", "power", "quote", "quotename", "radians", "rand",
    "randomblob", "repeat", "replace", "replicate", "reverse", "right", "round", "row", "row_count", "rpad", "rtrim",
    "schema", "session_user", "sha", "sha1", "sha2", "sign", "sin", "soundex", "space", "sqrt", "std", "stddev",
    "str", "strcmp", "string_agg", "stuff", "substr", "substring", "substring_index", "sum", "suser_name",
    "suser_sname", "sysdate", "system_user", "tan", "to_base64", "to_char", "to_date", "to_number", "top", "trim",
    "truncate", "ucase", "uncompress", "unhex", "unicode", "unix_timestamp", "upper", "user", "user_id", "user_name",
    "utc_date", "utc_time", "utc_timestamp", "uuid", "values", "variance", "version", "wm_concat", "xmlelement",
    "xmltype", "year", "zeroblob",
];

const PROBES: &[&str] = &[
    "benchmark", "current_setting", "dblink_connect", "exp_slap", "extractvalue", "filetoclob", "get_lock",
    "getpgusername", "gtid_subset", "httpuritype", "is_srvrolemember", "load_extension", "load_file", "master_pos_wait",
    "name_const", "openrowset", "pg_ls_dir", "query_to_xml", "randomblob", "release_lock", "sleep", "st_latfromgeohash",
    "sysmail", "unhex", "updatexml", "waitfor", "zeroblob",
];

const CATALOGUE: &[&str] = &[
    "@@datadir", "@@hostname", "@@version", "all_tables", "all_users", "aspnet_users", "master", "msysaccessobjects",
    "mysql", "pg_database", "pg_shadow", "pg_tables", "pg_user", "sqlite_master", "sqlite_schema", "syscolumns",
    "sysdatabases", "syslogins", "sysobjects", "sysusers", "user_tables",
];


#[cfg(test)]
mod tests;
